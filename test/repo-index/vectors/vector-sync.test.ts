import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { OllamaClient } from '../../../src/model/client.ts';
import { type ChunkSource, syncVectors } from '../../../src/repo-index/vectors/vector-sync.ts';
import { createVectors, type Vectors } from '../../../src/repo-index/vectors/vectors.ts';
import { type TestOllama, withOllama } from '../../support/ollama-server.ts';
import { temporaryFolder } from '../repository.ts';
import { never } from '../vector-items.ts';
import { openDatabase } from '../vector-support.ts';

async function open(): Promise<{ vectors: Vectors; server: TestOllama }> {
  const server = await withOllama([], {
    models: [
      {
        name: 'all-minilm',
        path: 'native',
        capabilities: ['embedding'],
        contextLength: 512,
        embeddingLength: 8,
      },
    ],
  });
  const vectors = await createVectors(
    {
      dataDir: temporaryFolder(),
      db: openDatabase(),
      config: {},
      ollama: new OllamaClient({ host: server.host, headers: {} }),
      repositoryKey: 'repo',
      addon: '/none',
    },
    never.signal,
  );
  if (!('store' in vectors)) throw new Error(vectors.unavailable);
  onTestFinished(() => vectors.close());
  return { vectors, server };
}

const sourceOf = ({ store }: Vectors, chunks: ReadonlyMap<string, string>): ChunkSource => ({
  total: () => chunks.size,
  gone: () => store.ids().filter((id) => !chunks.has(id)),
  missing: () => {
    const listed = new Set(store.ids());
    return [...chunks.keys()].filter((id) => !listed.has(id));
  },
  textOf: (id) => chunks.get(id),
});

const inputs = ({ log }: TestOllama): string[] =>
  log.filter(({ path }) => path === '/api/embed').flatMap(({ body }) => (body as { input: string[] }).input);

test('never more chunks are done than there are, also where another process empties the index meanwhile', async () => {
  const { vectors } = await open();
  const chunks = new Map([
    ['a', 'text a'],
    ['b', 'text b'],
  ]);
  const seen: string[] = [];
  const emptied = { ...sourceOf(vectors, chunks), total: () => 0 };
  await syncVectors(vectors, emptied, never.signal, ({ done, total }) => seen.push(`${done}/${total}`));
  expect(seen).toEqual(['2/2']);
});

test('only what is new is embedded, in the order of the source; what is gone is deleted', async () => {
  const { vectors, server } = await open();
  const chunks = new Map([
    ['b', 'text b'],
    ['a', 'text a'],
  ]);
  expect(await syncVectors(vectors, sourceOf(vectors, chunks), never.signal)).toEqual({
    added: 2,
    deleted: 0,
    refused: [],
  });
  chunks.delete('b');
  chunks.set('c', 'text c');
  // The same text under another name, as after a move.
  chunks.set('moved', 'text b');
  const progress: number[][] = [];
  const result = await syncVectors(
    vectors,
    sourceOf(vectors, chunks),
    never.signal,
    ({ done, total, cached }) => progress.push([done, total, cached]),
  );
  expect([result, progress, inputs(server), vectors.store.ids()]).toEqual([
    { added: 2, deleted: 1, refused: [] },
    [[3, 3, 2]],
    ['text b', 'text a', 'text c'],
    ['a', 'c', 'moved'],
  ]);
});

test('whatever changes, the store ends with exactly the chunks, and no text is embedded twice', async () => {
  const { vectors, server } = await open();
  const chunks = fc.dictionary(fc.constantFrom(...'abcdefghij'), fc.constantFrom('x', 'y', 'z', 'u', 'v'));
  await fc.assert(
    fc.asyncProperty(chunks, async (wanted) => {
      await syncVectors(vectors, sourceOf(vectors, new Map(Object.entries(wanted))), never.signal);
      expect(vectors.store.ids()).toEqual(Object.keys(wanted).toSorted());
    }),
    { numRuns: 50 },
  );
  expect(inputs(server).length).toBe(new Set(inputs(server)).size);
});

test('an interrupt keeps what is done, and the next run goes on from there', async () => {
  const { vectors, server } = await open();
  const chunks = new Map(Array.from({ length: 200 }, (_, number) => [`id-${number}`, `text ${number}`]));
  const stop = new AbortController();
  const run = syncVectors(vectors, sourceOf(vectors, chunks), stop.signal, ({ done }) => {
    if (done >= 100) stop.abort(new Error('enough'));
  });
  await expect(run).rejects.toThrow('enough');
  expect(vectors.store.ids().length).toBeGreaterThanOrEqual(64);
  await syncVectors(vectors, sourceOf(vectors, chunks), never.signal);
  expect([vectors.store.ids().length, inputs(server).length]).toEqual([200, 200]);
});

test('a chunk that goes while the run is on is passed over', async () => {
  const { vectors } = await open();
  const source = {
    total: () => 2,
    gone: () => [],
    missing: () => ['gone', 'here'],
    textOf: (id: string) => (id === 'gone' ? undefined : 'text'),
  };
  expect(await syncVectors(vectors, source, never.signal)).toEqual({ added: 1, deleted: 0, refused: [] });
  expect(vectors.store.ids()).toEqual(['here']);
});
