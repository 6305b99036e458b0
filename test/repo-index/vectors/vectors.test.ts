import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ModelSpec } from '../../../src/demo/models.ts';
import { OllamaClient } from '../../../src/model/client.ts';
import { createVectors, type Vectors, type VectorsOptions } from '../../../src/repo-index/vectors/vectors.ts';
import { type VectorsStatus, vectorsLine } from '../../../src/repo-index/vectors/vectors-state.ts';
import { withOllama } from '../../support/ollama-server.ts';
import { temporaryFolder } from '../repository.ts';
import { never } from '../vector-items.ts';
import { addonOption, hasChroma, openDatabase } from '../vector-support.ts';

const EMBED: ModelSpec = {
  name: 'nomic-embed-text',
  path: 'native',
  capabilities: ['embedding'],
  contextLength: 2048,
};

async function create(
  models: readonly ModelSpec[],
  folder: string,
  more: Partial<VectorsOptions> = {},
): Promise<Vectors | { readonly unavailable: string }> {
  const { host } = await withOllama([], { models });
  const db = openDatabase(path.join(folder, 'index.db'));
  const made = await createVectors(
    {
      dataDir: folder,
      db,
      config: {},
      ollama: new OllamaClient({ host, headers: {} }),
      repositoryKey: 'repo',
      ...addonOption,
      ...more,
    },
    never.signal,
  );
  onTestFinished(async () => {
    if ('close' in made) await made.close();
    db.close();
  });
  return made;
}

/** What a caller does with its chunks. */
async function index({ embedder, store }: Vectors, texts: readonly string[]): Promise<void> {
  const results = await embedder.embed(texts, never.signal);
  const items = results.flatMap((result, number) => (result ? [{ id: `chunk-${number}`, ...result }] : []));
  await store.upsert(items, never);
  await store.settled();
}

const CODE = [
  'function parseConfigFile(path) { return toml.parse(readFileSync(path)) }',
  'class SocketPool { acquire(timeout) { return this.idle.pop() } }',
  'export function renderMarkdownTable(rows) { return rows.map(join) }',
];

test.runIf(hasChroma)('from text to the nearest chunk, through Ollama and Chroma', async () => {
  const vectors = await create([EMBED], temporaryFolder());
  if (!('store' in vectors)) throw new Error(vectors.unavailable);
  expect(vectorsLine(vectors.status())).toBe('0 vectors by nomic-embed-text:latest');
  await index(vectors, CODE);
  const question = await vectors.embedder.embedQuery('where is the config file parsed', never.signal);
  const hits = await vectors.store.query(question ?? new Float32Array(), 50, never);
  expect([hits[0]?.id, hits.length]).toEqual(['chunk-0', 3]);
  const status = vectors.status();
  expect(status).toMatchObject({ backend: 'chroma', vectors: 3, owed: 0, dimensions: 768 });
  expect(vectorsLine(status)).toBe(
    `3 vectors by nomic-embed-text:latest (768 dimensions), own Chroma server, port ${status.server?.port}`,
  );
});

test.runIf(hasChroma)('a second session embeds nothing and has all', async () => {
  const folder = temporaryFolder();
  const first = await create([EMBED], folder);
  if (!('store' in first)) throw new Error(first.unavailable);
  await index(first, CODE);
  await first.close();
  const second = await create([EMBED], folder);
  if (!('store' in second)) throw new Error(second.unavailable);
  await index(second, CODE);
  expect([second.store.ids(), second.embedder.counts]).toEqual([
    ['chunk-0', 'chunk-1', 'chunk-2'],
    { cached: 3, embedded: 0, refused: 0, calls: 0, promptTokens: 0 },
  ]);
});

test('an addon that does not load: the local search serves, and the line says why', async () => {
  const vectors = await create([EMBED], temporaryFolder(), { addon: '/nowhere.node' });
  if (!('store' in vectors)) throw new Error(vectors.unavailable);
  await index(vectors, CODE);
  const question = await vectors.embedder.embedQuery('markdown table rows', never.signal);
  expect((await vectors.store.query(question ?? new Float32Array(), 1, never))[0]?.id).toBe('chunk-2');
  expect(vectorsLine(vectors.status())).toBe(
    '3 vectors by nomic-embed-text:latest (768 dimensions), local search: there is no Chroma addon at /nowhere.node',
  );
});

test('an address that is none is said; the local search serves', async () => {
  const vectors = await create([EMBED], temporaryFolder(), { config: { chroma_url: 'ftp://x' } });
  if (!('store' in vectors)) throw new Error(vectors.unavailable);
  await index(vectors, CODE);
  expect(vectorsLine(vectors.status())).toContain('local search: index.chroma_url is not an address such as');
});

test('no model, or no server: no vectors, with the reason', async () => {
  const folder = temporaryFolder();
  const none = await create([], folder);
  expect([none, 'unavailable' in none && vectorsLine(none)]).toEqual([
    { unavailable: 'no embedding model is installed: `ollama pull embeddinggemma`' },
    'semantic search off: no embedding model is installed: `ollama pull embeddinggemma`',
  ]);
  const ollama = new OllamaClient({ host: 'http://127.0.0.1:1', headers: {} });
  expect(await create([], folder, { ollama })).toEqual({
    unavailable: expect.stringMatching(/^no Ollama server at http:\/\/127\.0\.0\.1:1/),
    isPassing: true,
  });
});

test('every phase has its line', () => {
  const base: VectorsStatus = {
    backend: 'local',
    phase: 'starting',
    vectors: 5,
    owed: 2,
    rebuilds: 0,
    localBytes: 0,
    model: 'm',
    dimensions: 3,
    target: 'own Chroma server',
    embedding: { cached: 0, embedded: 0, refused: 0, calls: 0, promptTokens: 0 },
  };
  expect([
    vectorsLine(base),
    vectorsLine({ ...base, phase: 'rebuilding', reason: 'EOF' }),
    vectorsLine({ ...base, phase: 'ready', backend: 'chroma', target: 'Chroma at h:1' }),
    vectorsLine({ ...base, phase: 'unavailable', reason: 'EOF' }),
    vectorsLine({ ...base, phase: 'unsupported', reason: 'needs glibc 2.38' }),
    vectorsLine({ ...base, phase: 'idle', questionProblem: 'no server' }),
    vectorsLine({ ...base, phase: 'idle', problem: 'disk full', questionProblem: 'no server' }),
  ]).toEqual([
    '5 vectors by m (3 dimensions), local search while the own Chroma server starts',
    '5 vectors by m (3 dimensions), local search while the own Chroma server is rebuilt, 2 to go: EOF',
    '5 vectors by m (3 dimensions), Chroma at h:1',
    '5 vectors by m (3 dimensions), local search: EOF',
    '5 vectors by m (3 dimensions), exact local search',
    '5 vectors by m (3 dimensions); the last question was searched by words alone: no server',
    '5 vectors by m (3 dimensions); embedding has stopped for now: disk full',
  ]);
});
