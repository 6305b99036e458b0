import { createServer, type Server } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { askHosts, chooseHost, NoHostError } from '../../src/session/host-choice.ts';
import { NATIVE, withOllama } from '../support/ollama-server.ts';

const NEVER = new AbortController().signal;
/** Long enough for a machine under load. */
const LIMIT_MS = 5_000;

/** A server that takes every request and answers none. */
async function silentHost(): Promise<string> {
  const server: Server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
}

/** Nobody listens there. */
const DEAD = 'http://127.0.0.1:1';
const endpoint = (host: string, headers = {}) => ({ host, headers });
const ms = expect.stringMatching(/^answers in \d+ ms$/);

test('the first in the order of the user is used, though a later one answers sooner', async () => {
  const [first, second] = [await withOllama([]), await withOllama([])];
  const chosen = await chooseHost(
    [endpoint(first.host), endpoint(second.host)],
    { wanted: 'base', limitMs: LIMIT_MS },
    NEVER,
  );
  expect(chosen.endpoint).toEqual(endpoint(first.host));
  expect(chosen.model).toMatchObject({ name: 'base', digest: expect.any(String) });
  expect(chosen.hosts[0]).toEqual({ host: first.host, says: ms, isUsed: true });
});

test('one that is off, one that is silent and one without the model are passed over, and it is said why', async () => {
  const silent = await silentHost();
  const [other, good] = [await withOllama([], { models: [NATIVE] }), await withOllama([])];
  const hosts = [DEAD, silent, other.host, good.host].map((host) => endpoint(host));
  const chosen = await chooseHost(hosts, { wanted: 'base', limitMs: 1_000 }, NEVER);
  expect({ host: chosen.endpoint.host, hosts: chosen.hosts }).toEqual({
    host: good.host,
    hosts: [
      { host: DEAD, says: 'nobody answers (ECONNREFUSED)' },
      { host: silent, says: 'no answer in 1000 ms' },
      { host: other.host, says: 'base is not installed' },
      { host: good.host, says: ms, isUsed: true },
    ],
  });
});

test('without a named model, a host whose models cannot call tools is passed over', async () => {
  const embedder = { ...NATIVE, name: 'embedder', capabilities: ['embedding'] };
  const [first, second] = [await withOllama([], { models: [embedder] }), await withOllama([])];
  const chosen = await chooseHost(
    [endpoint(first.host), endpoint(second.host)],
    { wanted: undefined, limitMs: LIMIT_MS },
    NEVER,
  );
  expect({ name: chosen.model.name, hosts: chosen.hosts }).toEqual({
    name: 'base:latest',
    hosts: [
      {
        host: first.host,
        says: 'none of the installed models can call tools',
      },
      { host: second.host, says: ms, isUsed: true },
    ],
  });
});

test('if none can be used, one error lists each with its reason', async () => {
  const silent = await silentHost();
  const [other, later] = [
    await withOllama([], { models: [NATIVE] }),
    await withOllama([], { models: [NATIVE] }),
  ];
  const all = [DEAD, silent, other.host, later.host].map((host) => endpoint(host));
  const error = await chooseHost(all, { wanted: 'base', limitMs: 500 }, NEVER).catch((found) => found);
  expect(error).toBeInstanceOf(NoHostError);
  expect(error.answering).toEqual(endpoint(other.host));
  expect(error.message.split('\n')).toEqual([
    'none of the hosts in ollama.hosts can be used:',
    `  ${DEAD}: nobody answers (ECONNREFUSED)`,
    `  ${silent}: no answer in 500 ms`,
    `  ${other.host}: base is not installed`,
    `  ${later.host}: base is not installed`,
    'Get the model with `ollama pull` on one that answers, or name another host with OLLAMA_HOST',
  ]);
  const off = await chooseHost([endpoint(DEAD)], { wanted: 'base', limitMs: 500 }, NEVER).catch((e) => e);
  expect([off.answering, off.message]).toEqual([undefined, expect.stringContaining('Start one of them')]);
});

test('an abort ends the choice', async () => {
  const silent = await silentHost();
  const stop = new AbortController();
  const choice = chooseHost([endpoint(silent)], { wanted: 'base', limitMs: 60_000 }, stop.signal);
  stop.abort(new Error('enough'));
  await expect(choice).rejects.toThrow('enough');
});

test('headers go to every host, and a password in an address is not shown', async () => {
  const server = await withOllama([]);
  const secret = server.host.replace('://', '://me:s3cret@');
  const answers = await askHosts(
    [endpoint(DEAD), endpoint(secret, { 'x-key': 'k' })],
    { wanted: 'base', limitMs: LIMIT_MS },
    NEVER,
  );
  expect(answers).toEqual([
    { host: DEAD, says: 'nobody answers (ECONNREFUSED)', isUsable: false },
    { host: server.host, says: ms, isUsable: true },
  ]);
  expect(JSON.stringify(answers)).not.toContain('s3cret');
});
