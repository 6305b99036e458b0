/** No advice about another server than Ollama is one that only Ollama understands. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { doctorChecks } from '../../src/cli/doctor/doctor.ts';
import { collectDoctorFacts, type DoctorFacts, type ServerFacts } from '../../src/cli/doctor/doctor-facts.ts';
import { askModels } from '../../src/model/ask-models.ts';
import { chooseModel } from '../../src/model/choose.ts';
import { httpError } from '../../src/model/errors.ts';
import { serverAt } from '../../src/model/late-server.ts';
import type { ModelServer } from '../../src/model/server.ts';
import { chooseVisionModel } from '../../src/model/vision-model.ts';
import { chooseEmbedModel } from '../../src/repo-index/vectors/embed-models.ts';
import { NATIVE, withOllama } from '../support/ollama-server.ts';

const NEVER = new AbortController().signal;
const BOX = {
  name: 'box',
  address: 'box.url',
  start: 'start it',
  key: 'name its key',
  headers: 'box.headers',
  get: 'Give it one',
  slowLoad: 'wait longer',
  memory: 'Start it smaller',
  silence: 'box.silence',
  log: 'its log',
};

const boxAt = (host: string): ModelServer =>
  serverAt({ host, headers: {}, words: BOX, api: { path: '/v1', wire: 'chat', provider: 'box' } });

async function boxWith(models: Parameters<typeof withOllama>[1] = {}): Promise<ModelServer> {
  const { host } = await withOllama([], { wire: 'llama.cpp', ...models });
  return boxAt(host);
}

const said = (work: Promise<unknown>): Promise<unknown> => work.catch(({ message }: Error) => message);

/** What doctor says of it, without the rest of the machine. */
function checksOf(server: ServerFacts): readonly string[] {
  const rest = {
    loaded: { path: '/c', config: {}, warnings: [], origins: new Map() },
    folder: { trust: 'unknown' },
    sandbox: { kind: 'bubblewrap', notes: [] },
    index: { absent: 'off' },
  } as unknown as DoctorFacts;
  const checks = doctorChecks({ ...rest, home: '/h', cwd: '/w', server });
  return checks
    .filter(({ mark }) => mark === 'fail')
    .flatMap(({ section, lines }) => [section, ...lines.slice(1)]);
}

test('no model, and none that can call tools', async () => {
  const empty = await boxWith({ models: [] });
  expect(await said(chooseModel(empty, undefined, NEVER))).toBe('no model is installed. Give one to box');
  const blunt = await boxWith({ models: [{ ...NATIVE, capabilities: ['completion'] }] });
  expect(await said(chooseModel(blunt, undefined, NEVER))).toBe(
    'none of the installed models can call tools. Start box with a model that can, or with another chat template',
  );
  expect(checksOf(await collectDoctorFacts(empty, { models: {} }, NEVER))).toEqual([
    'Model',
    'no model is installed. Give one to box',
  ]);
});

test('no model for vectors or images', async () => {
  const client = await boxWith();
  expect(await chooseEmbedModel(client, undefined, NEVER)).toEqual({
    unavailable: 'no embedding model is installed: give one to box, and name it in index.embed_model',
  });
  expect(await chooseEmbedModel(client, 'gone', NEVER)).toEqual({
    unavailable:
      'the embedding model gone (index.embed_model) is not installed: give one to box, and name it in index.embed_model',
  });
  expect(await said(chooseVisionModel(client, undefined, NEVER))).toBe(
    'no model of box can see images: start it with one that can',
  );
});

test('a server that is away, or silent', async () => {
  const away = await collectDoctorFacts(boxAt('http://127.0.0.1:1'), { models: {} }, NEVER);
  expect(checksOf(away)).toEqual([
    'Server',
    'no box server at http://127.0.0.1:1 (ECONNREFUSED): start it, or set box.url',
  ]);
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const silent = boxAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  expect(checksOf(await collectDoctorFacts(silent, { models: {} }, NEVER, { timeoutMs: 50 }))).toEqual([
    'Server',
    'no answer within 0.05 s. Look at its log, or restart box',
  ]);
});

/** What servers and the libraries below them say. */
const SAID = [
  ...[
    '',
    'model not found',
    '404 page not found',
    'moved',
    'context size exceeds the maximum context length is 10',
  ],
  ...['cudaMalloc failed: out of memory', 'timed out waiting for server to start', 'signal: aborted'],
  ...['llama runner process has terminated', 'image: unknown format', 'does not support tools', '<html>'],
];

test('whatever an error says: no setting and no command of Ollama', () => {
  const statuses = [200, 302, 400, 401, 403, 404, 407, 408, 413, 429, 500, 501, 503];
  const texts = statuses.flatMap((status) =>
    SAID.flatMap((text) =>
      [true, false].map((hasKey) => {
        const answer = { status, text, hasKey, model: 'm:cloud', host: 'http://box', words: BOX };
        return httpError(answer).message;
      }),
    ),
  );
  expect(texts.filter((text) => /ollama|num_ctx|\bpull/i.test(text))).toEqual([]);
  const slow = {
    status: 500,
    text: 'timed out waiting for server to start',
    model: 'm',
    host: 'h',
    words: BOX,
  };
  expect(httpError(slow).message).toBe(
    'box gave up loading m (timed out waiting for server to start): wait longer',
  );
});

test('a model that is silent about itself', async () => {
  const show = (_: string, signal: AbortSignal) =>
    new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const [answer] = await askModels({ show, name: 'box' }, ['m'], NEVER, 10);
  expect(answer).toMatchObject({ reason: { message: 'box did not say within 0.01 s what m can do' } });
});
