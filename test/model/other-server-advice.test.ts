/** No advice about another server than Ollama is one that only Ollama understands. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { doctorChecks } from '../../src/cli/doctor/doctor.ts';
import { collectDoctorFacts, type DoctorFacts, type ServerFacts } from '../../src/cli/doctor/doctor-facts.ts';
import { chooseModel } from '../../src/model/choose.ts';
import { serverAt } from '../../src/model/late-server.ts';
import type { ModelServer } from '../../src/model/server.ts';
import { OLLAMA_WORDS } from '../../src/model/server-words.ts';
import { chooseVisionModel } from '../../src/model/vision-model.ts';
import { chooseEmbedModel } from '../../src/repo-index/vectors/embed-models.ts';
import { NATIVE, withOllama } from '../support/ollama-server.ts';

const NEVER = new AbortController().signal;
const BOX = { ...OLLAMA_WORDS, name: 'box', address: 'box.url', start: 'start it', get: 'Give it one' };

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
