import { expect, test } from 'vitest';
import { FileIndex, type FileIndexEnv } from '../../../src/tui/composer/file-search.ts';

const real: FileIndexEnv = {
  now: () => performance.now(),
  pause: () => new Promise((done) => setImmediate(done)),
};

async function indexOf(paths: readonly string[], env = real): Promise<FileIndex> {
  const index = new FileIndex(env);
  await index.load(paths);
  return index;
}

const PROJECT = [
  'README.md',
  'src/main.ts',
  'src/tui/composer/buffer.ts',
  'test/main.test.ts',
  'docs/Ärger.md',
];

test('finds files and folders, the best first, with what matched', async () => {
  const index = await indexOf(PROJECT);
  expect(index.size).toBe(5);
  expect(await index.search('main', 10)).toEqual([
    { path: 'src/main.ts', positions: [4, 5, 6, 7] },
    { path: 'test/main.test.ts', positions: [5, 6, 7, 8] },
  ]);
  expect(await index.search('tcb', 1)).toEqual([
    { path: 'src/tui/composer/buffer.ts', positions: [4, 8, 17] },
  ]);
  expect(await index.search('composer/', 1)).toMatchObject([{ path: 'src/tui/composer/' }]);
  expect(await index.search('README', 9)).toMatchObject([{ path: 'README.md' }]);
  expect(await index.search('readMe', 9)).toEqual([]);
  expect(await index.search('arger', 9)).toMatchObject([{ path: 'docs/Ärger.md' }]);
  expect(await index.search('zzz', 9)).toEqual([]);
});

test('an empty query lists what is nearest to the root', async () => {
  const paths = async (limit: number) =>
    (await (await indexOf(PROJECT)).search('', limit))?.map(({ path }) => path);
  expect(await paths(6)).toEqual(['README.md', 'docs/', 'src/', 'test/', 'docs/Ärger.md', 'src/main.ts']);
  expect(await paths(2)).toEqual(['README.md', 'docs/']);
});

test('an empty index has no answer but an empty one', async () => {
  expect(await (await indexOf([])).search('x', 5)).toEqual([]);
  expect(await (await indexOf(['', ''])).search('', 5)).toEqual([]);
});

test('the newest search wins', async () => {
  const paths = Array.from({ length: 20_000 }, (_, number) => `src/file-${number}.ts`);
  const index = await indexOf(paths, { ...real, now: ticking(1) });
  const first = index.search('f', 5);
  const second = index.search('file-19999', 5);
  expect(await first).toBeUndefined();
  expect(await second).toMatchObject([{ path: 'src/file-19999.ts' }]);
});

test('a search meanwhile sees what is loaded, and a failing list is reported', async () => {
  let step = (): void => {};
  const gate = new Promise<void>((open) => {
    step = open;
  });
  async function* slow(): AsyncGenerator<string> {
    yield 'a.ts';
    await gate;
    yield 'ab.ts';
    throw new Error('rg failed');
  }
  const index = new FileIndex(real);
  const loading = index.load(slow());
  while (index.size === 0) await real.pause();
  expect(await index.search('a', 5)).toMatchObject([{ path: 'a.ts' }]);
  step();
  await expect(loading).rejects.toThrow('rg failed');
  expect(await index.search('a', 5)).toMatchObject([{ path: 'a.ts' }, { path: 'ab.ts' }]);
});

test('it holds at most 200,000 files', async () => {
  const index = await indexOf(Array.from({ length: 200_010 }, (_, number) => `f${number}`));
  expect(index.size).toBe(200_000);
});

/** A clock that moves on by so much each time it is looked at. */
function ticking(step: number): () => number {
  let now = 0;
  return () => {
    now += step;
    return now;
  };
}

test('a search of 100,000 paths looks at the clock often enough to pause in time', async () => {
  const paths = Array.from(
    { length: 100_000 },
    (_, number) => `packages/p${number % 300}/src/component-${number}.ts`,
  );
  let looks = 0;
  let pauses = 0;
  const clock = ticking(1);
  const index = await indexOf(paths, {
    now: () => {
      looks += 1;
      return clock();
    },
    pause: () => {
      pauses += 1;
      return Promise.resolve();
    },
  });
  [looks, pauses] = [0, 0];
  expect(await index.search('pcomp99999', 3)).toMatchObject([
    { path: expect.stringContaining('component-99999.ts') },
  ]);
  // Each look is a millisecond here, so a pause comes at every sixth one or sooner.
  expect(looks).toBeGreaterThan(700);
  expect(pauses).toBeGreaterThanOrEqual(Math.floor(looks / 8));
});

test('likely files move up among the matches, and come after them if their names do not match', async () => {
  const index = await indexOf([
    'src/net/backoff.ts',
    'src/retry.ts',
    'test/retry.test.ts',
    'docs/retrying.md',
  ]);
  const search = async (query: string, likely: readonly string[]) =>
    (await index.search(query, 4, likely))?.map(({ path }) => path);
  expect(await search('retry', [])).toEqual(['src/retry.ts', 'docs/retrying.md', 'test/retry.test.ts']);
  expect(await search('retry', ['test/retry.test.ts', 'src/net/backoff.ts'])).toEqual([
    'test/retry.test.ts',
    'src/retry.ts',
    'docs/retrying.md',
    'src/net/backoff.ts',
  ]);
  expect(await search('ry', ['src/net/backoff.ts'])).not.toContain('src/net/backoff.ts');
  expect((await search('', ['src/net/backoff.ts', 'src/retry.ts']))?.slice(0, 2)).toEqual([
    'src/net/backoff.ts',
    'src/retry.ts',
  ]);
});
