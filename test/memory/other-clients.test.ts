import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { connectionsIn, localPort, otherConnections } from '../../src/memory/run/connections.ts';
import { untilOthersAsk } from '../../src/memory/run/other-clients.ts';
import { OllamaClient } from '../../src/model/client.ts';
import { NATIVE, RENDERED, withOllama } from '../support/ollama-server.ts';

const HERE = process.platform === 'linux' ? test : test.skip;

function clientOf(host: string): OllamaClient {
  return new OllamaClient({ host, headers: {} });
}

/** Another process that is connected to the server until the test is over. */
async function otherProcess(host: string): Promise<void> {
  const code = `require('node:net').connect(${new URL(host).port}, '127.0.0.1', () => console.log('connected'))`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill());
  await once(child.stdout, 'data');
}

HERE('a request of another program is noticed within a second', async () => {
  const server = await withOllama([]);
  const watch = new AbortController();
  onTestFinished(() => watch.abort());
  const seen = untilOthersAsk({ client: clientOf(server.host), model: 'base', pollMs: 50 }, watch.signal);
  await server.waitForFinished(1);
  await otherProcess(server.host);
  expect(await seen).toBe('another program asks the server');
});

HERE('who was connected before, and our own connections, are nobody that asks', async () => {
  const server = await withOllama([]);
  await otherProcess(server.host);
  expect(otherConnections(Number(new URL(server.host).port)).size).toBe(1);
  const watch = new AbortController();
  const seen = untilOthersAsk({ client: clientOf(server.host), model: 'base', pollMs: 5 }, watch.signal);
  await server.waitForFinished(5);
  watch.abort();
  expect(await seen).toBeUndefined();
});

test('another model in memory was loaded for somebody else', async () => {
  const server = await withOllama([{ content: 'hello' }, { content: 'hello' }]);
  const client = clientOf(server.host);
  const ask = (model: string) =>
    client.chat(
      { ...SETTINGS, model },
      { messages: [{ role: 'user', content: 'hello' }], tools: [] },
      { onDelta: () => undefined, onPhase: () => undefined },
      new AbortController().signal,
    );
  await ask(NATIVE.name);
  const watch = new AbortController();
  onTestFinished(() => watch.abort());
  const seen = untilOthersAsk({ client, model: NATIVE.name, pollMs: 5 }, watch.signal);
  await server.waitForFinished(3);
  await ask(RENDERED.name);
  expect(await seen).toBe('another model was loaded');
});

const SETTINGS = {
  numCtx: 4096,
  numPredict: 512,
  keepAlive: '30m',
  think: undefined,
  sampling: {},
  idleTimeoutMs: 60_000,
  reconnectMs: 0,
};

test('only a server on this machine has a port to look at', () => {
  expect(
    ['http://127.0.0.1:11434', 'http://localhost:80', 'http://[::1]:8080', 'https://gpu.lan:443'].map(
      localPort,
    ),
  ).toEqual([11_434, 80, 8_080, undefined]);
});

test('a table of connections is read whatever is in it', () => {
  const head =
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
  const row = (remote: string, state: string, inode: string): string =>
    `   0: 0100007F:D5A2 ${remote} ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1 0`;
  const table = [
    head,
    row('0100007F:2CAA', '01', '71'),
    row('0100007F:2CAA', '06', '0'),
    row('0100007F:2CAB', '01', '73'),
    row('00000000000000000000000001000000:2CAA', '01', '74'),
  ].join('\n');
  expect(connectionsIn(table, 11_434)).toEqual(['71', '74']);
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 65_535 }), (text, port) => {
      expect(connectionsIn(text, port).every((inode) => inode !== '')).toBe(true);
    }),
  );
});
