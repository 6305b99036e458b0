import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LocalVectors } from '../../../src/repo-index/vectors/local-vectors.ts';
import { VectorDb } from '../../../src/repo-index/vectors/vector-db.ts';
import type { VectorHit, VectorItem } from '../../../src/repo-index/vectors/vector-store.ts';
import { temporaryFolder } from '../repository.ts';
import { item, items, never, unit, vectorFor } from '../vector-items.ts';
import { openDatabase } from '../vector-support.ts';

/** The definition: sort all by cosine, ties by id. In float64, then rounded, so that ties are ties. */
function reference(held: Iterable<VectorItem>, query: Float32Array, k: number): VectorHit[] {
  const cosine = (vector: Float32Array): number =>
    Math.fround(vector.reduce((sum, value, index) => sum + value * (query[index] ?? 0), 0));
  return [...held]
    .map(({ id, vector }) => ({ id, score: cosine(vector) }))
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
    .slice(0, k);
}

/** Whole numbers, so that scores are exact and ties are frequent. */
const grid = fc
  .array(fc.integer({ min: -2, max: 2 }), { minLength: 6, maxLength: 6 })
  .map((values) => Float32Array.from(values));

const change = fc.oneof(
  fc.record({ type: fc.constant('put' as const), number: fc.nat(60), vector: grid }),
  fc.record({ type: fc.constant('delete' as const), number: fc.nat(60) }),
  fc.record({ type: fc.constant('look' as const), vector: grid, k: fc.nat(12) }),
  fc.record({ type: fc.constant('elsewhere' as const), number: fc.nat(60), vector: grid }),
  fc.constant({ type: 'unload' as const }),
);

test('after any changes, of this process or another, the ranking is that of sorting all by cosine', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 60 }), async (changes) => {
      const db = openDatabase();
      const vectors = new VectorDb(db, 'model');
      const store = new LocalVectors(vectors);
      const other = new LocalVectors(new VectorDb(db, 'model'));
      const held = new Map<string, VectorItem>();
      const put = (number: number, vector: Float32Array): VectorItem => {
        run += 1;
        const made = { ...item(run), id: `id-${number}`, vector };
        held.set(made.id, made);
        return made;
      };
      for (const step of changes) {
        switch (step.type) {
          case 'put':
            await store.upsert([put(step.number, step.vector)], never);
            break;
          case 'elsewhere':
            await other.upsert([put(step.number, step.vector)], never);
            break;
          case 'delete':
            await store.delete([`id-${step.number}`], never);
            held.delete(`id-${step.number}`);
            break;
          case 'look':
            expect(await store.query(step.vector, step.k, never)).toEqual(
              reference(held.values(), step.vector, step.k),
            );
            break;
          case 'unload':
            store.unload();
            break;
          default:
            step satisfies never;
        }
      }
      expect([await store.count(never), vectors.count()]).toEqual([held.size, held.size]);
      db.close();
    }),
    { numRuns: 150 },
  );
});

test('many blocks of real vectors are ranked as by sorting', async () => {
  const store = new LocalVectors(new VectorDb(openDatabase(), 'model'));
  const all = items(0, 9000, 17);
  await store.upsert(all, never);
  const query = vectorFor(-5, 17);
  const expected = reference(all, query, 100);
  const got = await store.query(query, 100, never);
  expect(got.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
  for (const [index, { score }] of got.entries()) expect(score).toBeCloseTo(expected[index]?.score ?? 0, 5);
  await store.delete(
    all.slice(0, 5000).map(({ id }) => id),
    never,
  );
  const rest = reference(all.slice(5000), query, 7);
  expect((await store.query(query, 7, never)).map(({ id }) => id)).toEqual(rest.map(({ id }) => id));
  expect(store.bytes).toBe(4096 * 17 * 4);
});

test('an empty store answers nothing; a query of other dimensions is refused', async () => {
  const store = new LocalVectors(new VectorDb(openDatabase(), 'model'));
  expect(await store.query(unit([1, 2]), 5, never)).toEqual([]);
  await store.upsert(items(0, 3), never);
  await expect(store.query(unit([1, 2]), 5, never)).rejects.toThrow(
    'a query of 2 dimensions, the index has 16',
  );
});

test('an abort is heard by every call', async () => {
  const store = new LocalVectors(new VectorDb(openDatabase(), 'model'));
  const signal = AbortSignal.abort(new Error('stop'));
  await expect(store.upsert(items(0, 1), { signal })).rejects.toThrow('stop');
  await expect(store.delete(['x'], { signal })).rejects.toThrow('stop');
  await expect(store.query(vectorFor(1), 1, { signal })).rejects.toThrow('stop');
  await expect(store.count({ signal })).rejects.toThrow('stop');
});

test('a vector that is gone from the cache, or broken there, is taken off the list, and the rest serves', async () => {
  const db = openDatabase();
  const vectors = new VectorDb(db, 'model');
  const store = new LocalVectors(vectors);
  await store.upsert(items(0, 6), never);
  db.sql('DELETE FROM vectors WHERE sha = ?').run(item(1).sha);
  db.sql('UPDATE vectors SET data = ? WHERE sha = ?').run(new Uint8Array(7), item(2).sha);
  db.sql('UPDATE vectors SET dim = 3, data = ? WHERE sha = ?').run(new Uint8Array(12), item(3).sha);
  const ids = (await store.query(vectorFor(0), 10, never)).map(({ id }) => id);
  expect(ids.toSorted()).toEqual(['id-0', 'id-4', 'id-5']);
  expect([...vectors.listed()].map(({ id }) => id)).toEqual(['id-0', 'id-4', 'id-5']);
  await store.upsert(items(1, 4), never);
  expect(await store.query(vectorFor(2), 1, never)).toEqual([{ id: 'id-2', score: expect.closeTo(1, 5) }]);
});

test('models do not see each other, and what is cached outlives the process', async () => {
  const file = `${temporaryFolder()}/index.db`;
  const first = openDatabase(file);
  await new LocalVectors(new VectorDb(first, 'a')).upsert(items(0, 3), never);
  await new LocalVectors(new VectorDb(first, 'b')).upsert(items(5, 6, 8), never);
  first.close();
  const second = openDatabase(file);
  const [a, b] = [new VectorDb(second, 'a'), new VectorDb(second, 'b')];
  expect([a.dimensions(), b.dimensions(), new VectorDb(second, 'c').dimensions()]).toEqual([
    16,
    8,
    undefined,
  ]);
  expect([a.cached(item(1).sha), b.cached(item(1).sha)]).toEqual([item(1).vector, undefined]);
  expect((await new LocalVectors(a).query(vectorFor(2), 1, never))[0]?.id).toBe('id-2');
  second.close();
});

test('pruning drops what no id stands for, the oldest first', () => {
  const db = new VectorDb(openDatabase(), 'model');
  db.add(items(0, 2));
  db.remember(items(10, 15));
  expect([db.prune(2), db.prune(2)]).toEqual([3, 0]);
  expect([0, 1, 10, 12, 13, 14].map((number) => db.cached(item(number).sha) !== undefined)).toEqual([
    ...[true, true, false],
    ...[false, true, true],
  ]);
});

test('a change inside of a transaction of the caller is part of it', () => {
  const file = openDatabase();
  const db = new VectorDb(file, 'model');
  const failing = () =>
    file.transaction(() => {
      db.add(items(0, 2));
      throw new Error('no');
    });
  expect(failing).toThrow('no');
  expect([db.count(), db.owed(), db.generation()]).toEqual([0, 0, 0]);
});

test('one owner has the lease, until it gives it back, its time is over or its process is gone', () => {
  const file = openDatabase();
  const [a, b] = [new VectorDb(file, 'model'), new VectorDb(file, 'other')];
  const alive = () => true;
  expect([
    a.lease('server', '1-a', 1000, alive),
    b.lease('server', '2-b', 1000, alive),
    a.lease('server', '1-a', 1000, alive),
  ]).toEqual([true, false, true]);
  expect(b.lease('server', '2-b', 1000, (pid) => pid !== 1)).toBe(true);
  b.endLease('server', '2-b');
  expect(a.lease('server', '1-a', -1, alive)).toBe(true);
  expect(b.lease('server', '2-b', 1000, alive)).toBe(true);
});

test('a full disk is an error of that change alone: what was there is there', () => {
  const file = openDatabase();
  const db = new VectorDb(file, 'model');
  db.add(items(0, 20));
  const pages = Number(file.sql('PRAGMA page_count').get()?.page_count);
  file.exec(`PRAGMA max_page_count = ${pages + 5}`);
  expect(() => db.add(items(20, 2000))).toThrow('database or disk is full');
  expect([db.count(), db.owed(), db.generation(), db.cached(item(500).sha)]).toEqual([20, 20, 1, undefined]);
  file.exec('PRAGMA max_page_count = 1000000');
  db.add(items(20, 200));
  expect(db.count()).toBe(200);
});
