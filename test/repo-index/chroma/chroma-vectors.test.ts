import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test, vi } from 'vitest';
import { chromaFolder } from '../../../src/repo-index/chroma/chroma-server.ts';
import { ChromaStore, collectionName, parseChromaUrl } from '../../../src/repo-index/chroma/chroma-store.ts';
import { noServer, ownServer, usersServer } from '../../../src/repo-index/chroma/chroma-target.ts';
import { ChromaVectors } from '../../../src/repo-index/chroma/chroma-vectors.ts';
import { LocalVectors } from '../../../src/repo-index/vectors/local-vectors.ts';
import { VectorDb } from '../../../src/repo-index/vectors/vector-db.ts';
import { temporaryFolder, until } from '../repository.ts';
import { items, never, noise, vectorFor } from '../vector-items.ts';
import { addonOption, hasChroma, isRunning, openDatabase, spawnSource, stop } from '../vector-support.ts';
import { nearest } from './nearest.ts';

// Each starts real servers, some of them many times, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

interface Bench {
  readonly vectors: ChromaVectors;
  readonly db: VectorDb;
}

/** One oagent's vectors over the folder; closed when the test is over. */
function open(folder: string, model = 'model'): Bench {
  const file = openDatabase(path.join(folder, 'index.db'));
  const db = new VectorDb(file, model);
  const vectors = new ChromaVectors(db, ownServer({ ...addonOption, dataDir: folder }));
  onTestFinished(async () => {
    await vectors.close();
    file.close();
  });
  return { vectors, db };
}

async function pidOf({ vectors }: Bench): Promise<number> {
  await vectors.settled();
  const { server, ...state } = vectors.state();
  if (server === undefined) throw new Error(`no server: ${JSON.stringify(state)}`);
  return server.pid;
}

/** The folder of a session that is over, its server gone. */
async function filled(count: number): Promise<string> {
  const folder = temporaryFolder();
  const bench = open(folder);
  await bench.vectors.upsert(items(0, count), never);
  const pid = await pidOf(bench);
  await bench.vectors.close();
  await until(() => !isRunning(pid));
  return folder;
}

/** The server's own account of what it has, asked beside our bookkeeping. */
async function held({ vectors }: Bench, count: number, model = 'model'): Promise<boolean> {
  await vectors.settled();
  const port = vectors.state().server?.port;
  if (port === undefined) return false;
  const store = await ChromaStore.open(
    { host: '127.0.0.1', port, ssl: false },
    collectionName('', model, 16),
  );
  if ((await store.count(never)) !== count) return false;
  return true;
}

/** Every vector is found as its own nearest, by whoever answers. */
async function found(bench: Bench, numbers: readonly number[]): Promise<number> {
  let right = 0;
  for (const number of numbers) {
    const [best] = await bench.vectors.query(vectorFor(number), 1, never);
    if (best?.id === `id-${number}`) right += 1;
  }
  return right;
}

/** The same of so many vectors that Chroma is asked for all of them at once, and `found` for some of them. */
async function foundOfMany(bench: Bench, numbers: readonly number[]): Promise<number> {
  await bench.vectors.settled();
  const port = bench.vectors.state().server?.port ?? 0;
  const rows = await nearest(
    port,
    collectionName('', 'model', 16),
    numbers.map((number) => vectorFor(number)),
    1,
  );
  const some = numbers.filter((_, at) => at % 50 === 0);
  const lost = some.length - (await found(bench, some));
  return rows.filter(([best], at) => best?.id === `id-${numbers[at]}`).length - lost;
}

test.runIf(hasChroma)(
  'what is put in is found by Chroma, also in the next session, without a new write',
  async () => {
    const folder = temporaryFolder();
    const first = open(folder);
    expect(first.vectors.state().phase).toBe('idle');
    await first.vectors.upsert(items(0, 250), never);
    await first.vectors.settled();
    await first.vectors.delete(['id-3', 'id-4', 'unknown'], never);
    const state = first.vectors.state();
    expect(state).toEqual({
      backend: 'chroma',
      phase: 'ready',
      vectors: 248,
      owed: 0,
      rebuilds: 0,
      server: { pid: expect.any(Number), port: expect.any(Number), isJoined: false },
      localBytes: 0,
    });
    expect(await first.vectors.query(vectorFor(7), 1, never)).toEqual([
      { id: 'id-7', score: expect.closeTo(1, 4) },
    ]);
    expect(await held(first, 248)).toBe(true);
    await first.vectors.close();
    const second = open(folder);
    await second.vectors.settled();
    expect([
      second.vectors.state().rebuilds,
      await held(second, 248),
      await found(second, [0, 100, 249]),
    ]).toEqual([0, true, 3]);
    expect(second.vectors.ids()).toHaveLength(248);
  },
);

test.runIf(hasChroma)('Chroma and the local search give the same ranking', async () => {
  const bench = open(temporaryFolder());
  await bench.vectors.upsert(items(0, 300), never);
  await bench.vectors.settled();
  const local = new LocalVectors(bench.db);
  for (const seed of [-1, -2, -3, -4]) {
    const [a, b] = [
      await bench.vectors.query(vectorFor(seed), 10, never),
      await local.query(vectorFor(seed), 10, never),
    ];
    expect(a.map(({ id }) => id)).toEqual(b.map(({ id }) => id));
    for (const [index, { score }] of a.entries()) expect(score).toBeCloseTo(b[index]?.score ?? 9, 4);
  }
  expect(bench.vectors.state().backend).toBe('chroma');
});

const kills = Number(process.env.OAGENT_CHROMA_KILLS ?? 20);

test.runIf(hasChroma)(
  `kill -9 of the server in the middle of writes, ${kills} times: nothing is missing afterwards`,
  { timeout: 60_000 + kills * 3000 },
  async () => {
    const bench = open(temporaryFolder());
    const next = noise(42);
    await bench.vectors.upsert(items(0, 100), never);
    let end = 100;
    for (let round = 0; round < kills; round += 1) {
      const pid = await pidOf(bench);
      expect(await found(bench, [0, end - 1])).toBe(2);
      const writes = bench.vectors.upsert(items(end, end + 120), never);
      end += 120;
      const moment = Math.abs(next()) * 40;
      const from = performance.now();
      await until(() => performance.now() - from >= moment);
      process.kill(pid, 'SIGKILL');
      await writes;
      // While the server is away the local search knows all, the newest as well.
      expect(await found(bench, [0, end - 1])).toBe(2);
    }
    await bench.vectors.settled();
    expect([bench.vectors.state().backend, await held(bench, end)]).toEqual(['chroma', true]);
    const numbers = Array.from({ length: end }, (_, number) => number);
    expect(await foundOfMany(bench, numbers)).toBe(end);
    expect(bench.vectors.state()).toMatchObject({ backend: 'chroma', owed: 0, vectors: end });
  },
);

test.runIf(hasChroma)(
  'kill -9 of oagent in the middle of writes: no server is left, the next session has all',
  async () => {
    const folder = temporaryFolder();
    for (let round = 0; round < 3; round += 1) {
      const writer = spawnSource('test/repo-index/chroma/vector-writer.ts', [folder, String(round * 10_000)]);
      const lines = createInterface({ input: writer.stdout ?? process.stdin })[Symbol.asyncIterator]();
      const { value: pid } = await lines.next();
      for (let batch = 0; batch < 2; batch += 1) await lines.next();
      writer.kill('SIGKILL');
      await until(() => !isRunning(Number(pid)));
    }
    const bench = open(folder);
    await bench.vectors.settled();
    const ids = bench.vectors.ids();
    expect(ids.length).toBeGreaterThanOrEqual(3 * 2 * 100);
    expect([bench.vectors.state().owed, await held(bench, ids.length)]).toEqual([0, true]);
    const numbers = ids.map((id) => Number(id.slice('id-'.length)));
    expect(await foundOfMany(bench, numbers)).toBe(numbers.length);
    expect(bench.vectors.state().backend).toBe('chroma');
  },
);

test.runIf(hasChroma)('two oagents share one server, and each finds what the other wrote', async () => {
  const folder = temporaryFolder();
  const [a, b] = [open(folder), open(folder)];
  await a.vectors.upsert(items(0, 50), never);
  await b.vectors.upsert(items(50, 100), never);
  expect(await pidOf(a)).toBe(await pidOf(b));
  expect(await Promise.all([found(a, [60, 99]), found(b, [0, 49])])).toEqual([2, 2]);
  await a.vectors.delete(['id-60'], never);
  expect((await b.vectors.query(vectorFor(60), 1, never))[0]?.id).not.toBe('id-60');
  const pid = await pidOf(b);
  await a.vectors.close();
  expect([isRunning(pid), await found(b, [0, 99]), await held(b, 99)]).toEqual([true, 2, true]);
});

test.runIf(hasChroma)('when the shared server is killed, both go on with one new server', async () => {
  const folder = temporaryFolder();
  const [a, b] = [open(folder), open(folder)];
  await a.vectors.upsert(items(0, 100), never);
  b.vectors.query(vectorFor(0), 1, never);
  const pid = await pidOf(a);
  await pidOf(b);
  process.kill(pid, 'SIGKILL');
  await Promise.all([a.vectors.upsert(items(100, 200), never), b.vectors.upsert(items(200, 300), never)]);
  await until(() => a.vectors.state().phase === 'ready' && b.vectors.state().phase === 'ready');
  const numbers = Array.from({ length: 300 }, (_, number) => number);
  expect(await pidOf(a)).toBe(await pidOf(b));
  expect([await foundOfMany(a, numbers), await foundOfMany(b, numbers), await held(a, 300)]).toEqual([
    ...[300, 300, true],
  ]);
});

test.runIf(hasChroma)(
  'a server that hangs: the local search answers, and the server is replaced',
  async () => {
    const bench = open(temporaryFolder());
    await bench.vectors.upsert(items(0, 50), never);
    const pid = await pidOf(bench);
    await stop(pid);
    const [best] = await bench.vectors.query(vectorFor(5), 1, { ...never, timeoutMs: 100 });
    expect(best?.id).toBe('id-5');
    expect(bench.vectors.state().backend).toBe('local');
    await bench.vectors.settled();
    expect([isRunning(pid), bench.vectors.state().phase, await held(bench, 50)]).toEqual([
      false,
      'ready',
      true,
    ]);
  },
);

test.runIf(hasChroma)('data that were deleted are built again from the cache', async () => {
  const folder = await filled(150);
  rmSync(chromaFolder(folder), { recursive: true });
  const bench = open(folder);
  await bench.vectors.settled();
  expect([bench.vectors.state().rebuilds, await held(bench, 150), await found(bench, [0, 149])]).toEqual([
    ...[1, true, 2],
  ]);
});

test.runIf(hasChroma)('data deleted under a running server are built again when it fails', async () => {
  const folder = temporaryFolder();
  const bench = open(folder);
  await bench.vectors.upsert(items(0, 150), never);
  const pid = await pidOf(bench);
  rmSync(chromaFolder(folder), { recursive: true });
  process.kill(pid, 'SIGKILL');
  await until(() => bench.vectors.state().backend === 'local');
  await bench.vectors.settled();
  expect([await held(bench, 150), await found(bench, [0, 149]), bench.vectors.state().rebuilds]).toEqual([
    ...[true, 2, 1],
  ]);
});

test.runIf(hasChroma)('a collection whose files are broken is made anew', async () => {
  // More than the threshold at which Chroma writes its files.
  const folder = await filled(1300);
  const files = globSync(`${chromaFolder(folder)}/*/*.pickle`);
  expect(files).toHaveLength(1);
  for (const file of files) truncateSync(file, 10);
  const bench = open(folder);
  await bench.vectors.settled();
  expect([bench.vectors.state(), await held(bench, 1300), await found(bench, [0, 700, 1299])]).toEqual([
    expect.objectContaining({ backend: 'chroma', rebuilds: 1, vectors: 1300, owed: 0 }),
    true,
    3,
  ]);
});

test.runIf(hasChroma)('a database of Chroma’s that is garbage is wiped, and all is built again', async () => {
  const folder = await filled(120);
  writeFileSync(path.join(chromaFolder(folder), 'chroma.sqlite3'), 'garbage'.repeat(1000));
  const bench = open(folder);
  await bench.vectors.settled();
  await until(() => bench.vectors.state().phase === 'ready');
  expect([await held(bench, 120), await found(bench, [0, 119])]).toEqual([true, 2]);
});

test.runIf(hasChroma)('a server that cannot write to its disk loses nothing', async () => {
  const bench = open(temporaryFolder());
  await bench.vectors.upsert(items(0, 50), never);
  const pid = await pidOf(bench);
  // As on a full disk, no file can grow any more.
  execFileSync('prlimit', ['--pid', String(pid), '--fsize=4096:4096']);
  await bench.vectors.upsert(items(50, 150), never);
  expect(await found(bench, [0, 149])).toBe(2);
  await bench.vectors.settled();
  await until(() => bench.vectors.state().phase === 'ready');
  expect(await found(bench, [0, 49, 50, 149])).toBe(4);
});

test.runIf(hasChroma)('another model has another collection, with other dimensions', async () => {
  const bench = open(await filled(20), 'other');
  await bench.vectors.upsert(items(0, 10, 24), never);
  await bench.vectors.settled();
  expect((await bench.vectors.query(vectorFor(3, 24), 1, never))[0]?.id).toBe('id-3');
  expect(bench.vectors.state()).toMatchObject({ backend: 'chroma', vectors: 10, owed: 0 });
});

test('where there is no server the local search serves, and the reason is said', async () => {
  const db = new VectorDb(openDatabase(), 'model');
  const vectors = new ChromaVectors(db, noServer('not here'));
  await vectors.upsert(items(0, 20), never);
  await vectors.settled();
  expect((await vectors.query(vectorFor(4), 2, never))[0]?.id).toBe('id-4');
  await vectors.delete(['id-4'], never);
  expect((await vectors.query(vectorFor(4), 2, never))[0]?.id).not.toBe('id-4');
  expect(vectors.state()).toEqual({
    backend: 'local',
    phase: 'unavailable',
    reason: 'not here',
    vectors: 19,
    owed: 20,
    rebuilds: 0,
    localBytes: 4096 * 16 * 4,
  });
  await vectors.close();
});

/** Vectors where Chroma's addon does not load: 20 are added and one of them is deleted, twice. */
async function withoutChroma(folder: string) {
  const addon = path.join(folder, 'broken.node');
  writeFileSync(addon, 'no addon');
  const db = new VectorDb(openDatabase(), 'model');
  const vectors = new ChromaVectors(db, ownServer({ dataDir: folder, addon }));
  onTestFinished(() => vectors.close());
  await vectors.upsert(items(0, 20), never);
  // Before it is known that there is no server, and after.
  await vectors.delete(['id-4'], never);
  await vectors.settled();
  await vectors.delete(['id-5'], never);
  return vectors.state();
}

test('a server that can never be had is owed what there is, but no deletion of what it never had', async () => {
  expect(await withoutChroma(temporaryFolder())).toMatchObject({
    phase: 'unavailable',
    reason: expect.stringContaining("Chroma's server cannot be loaded"),
    vectors: 18,
    owed: 18,
  });
});

test('where a server has been before, it is owed the deletions for the day on which it is back', async () => {
  const folder = temporaryFolder();
  mkdirSync(chromaFolder(folder));
  expect(await withoutChroma(folder)).toMatchObject({ phase: 'unavailable', vectors: 18, owed: 20 });
});

test.runIf(hasChroma)(
  'a server of the user’s is used with its headers, and never killed or wiped',
  async () => {
    const own = open(temporaryFolder());
    await own.vectors.upsert(items(0, 1), never);
    await own.vectors.settled();
    const port = own.vectors.state().server?.port ?? 0;
    const target = usersServer(
      { host: '127.0.0.1', port, ssl: false, headers: { 'x-chroma-token': 't' } },
      'repo1',
    );
    const db = new VectorDb(openDatabase(), 'nomic-embed-text:latest@0123456789ab');
    const vectors = new ChromaVectors(db, target);
    await vectors.upsert(items(0, 120), never);
    await vectors.settled();
    expect([vectors.state().backend, (await vectors.query(vectorFor(9), 1, never))[0]?.id]).toEqual([
      'chroma',
      'id-9',
    ]);
    await vectors.close();
    expect([isRunning(await pidOf(own)), await held(own, 1)]).toEqual([true, true]);
  },
);

test('a server of the user’s that never answers costs a search no more than its time limit', async () => {
  const deaf = createServer(() => undefined);
  await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    deaf.closeAllConnections();
    deaf.close();
  });
  const address = deaf.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const store = await ChromaStore.open({ host: '127.0.0.1', port, ssl: false }, 'name', 50);
  for (const call of [
    () => store.count(never),
    () => store.query(vectorFor(1), 1, never),
    () => store.upsert(items(0, 1), never),
    () => store.delete(['x'], never),
    () => store.reset(never),
  ]) {
    await expect(call()).rejects.toMatchObject({ name: 'VectorStoreError' });
  }
  const stop = new AbortController();
  const other = await ChromaStore.open({ host: '127.0.0.1', port, ssl: false }, 'name');
  const pending = other.count({ signal: stop.signal });
  stop.abort(new Error('enough'));
  await expect(pending).rejects.toThrow('enough');
  await other.close();
});

test('addresses of servers and names of collections', () => {
  expect(
    ['http://a:1', 'https://b.c', 'host:8000', 'http://x/', 'http://x:80', 'https://x:9/'].map(
      parseChromaUrl,
    ),
  ).toEqual([
    { host: 'a', port: 1, ssl: false },
    { host: 'b.c', port: 443, ssl: true },
    { host: 'host', port: 8000, ssl: false },
    { host: 'x', port: 8000, ssl: false },
    { host: 'x', port: 80, ssl: false },
    { host: 'x', port: 9, ssl: true },
  ]);
  for (const wrong of ['', 'ftp://x', 'http://x/path', 'http://']) {
    expect(() => parseChromaUrl(wrong)).toThrow('index.chroma_url is not an address');
  }
  expect([
    collectionName('', 'nomic-embed-text:latest@01ab', 768),
    collectionName('0f', 'hf.co/a/b:Q4', 3),
  ]).toEqual(['oagent-nomic-embed-text-latest-01ab-768-v1', 'oagent-0f-hf-co-a-b-Q4-3-v1']);
});
