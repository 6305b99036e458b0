/**
 * The index under `kill -9`: of the program that follows a folder, and of its Chroma server, while both write.
 *
 * $OAGENT_INDEX_KILLS: how often, for a long run by hand.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { indexFolder } from '../../src/repo-index/queries.ts';
import { INDEX_FILE } from '../../src/repo-index/store/store.ts';
import { contentOf, serversIn, whole, wholeness } from '../repo-index/index-check.ts';
import { until, write } from '../repo-index/repository.ts';
import { noise } from '../repo-index/vector-items.ts';
import { addon, hasChroma } from '../repo-index/vector-support.ts';
import { type Bench, bench, type Running } from '../support/exec.ts';
import { RENDERED } from '../support/ollama-server.ts';

const EMBED = {
  name: 'nomic-embed-text',
  path: 'native',
  capabilities: ['embedding'],
  contextLength: 2048,
} as const;

const KILLS = Number(process.env.OAGENT_INDEX_KILLS ?? 2);
const FILES = 40;
/** Milliseconds after which a kill comes at the latest: the program has started, read all and made its vectors by then. */
const LATEST_MS = 1500;

interface Repository extends Bench {
  readonly folder: string;
  readonly watch: () => Running;
  /** Creates, changes or deletes a file. */
  readonly meddle: () => void;
}

async function repository(): Promise<Repository> {
  const made = await bench([], { models: [RENDERED, EMBED] });
  rmSync(path.join(made.cwd, '.git'), { recursive: true });
  execFileSync('git', ['init', '-q', made.cwd]);
  if (addon !== undefined) vi.stubEnv('OAGENT_CHROMA_ADDON', addon);
  onTestFinished(() => void vi.unstubAllEnvs());
  const next = noise(7);
  const upTo = (count: number): number => Math.floor(((next() + 1) / 2) * count);
  const there = new Set<number>();
  let edits = 0;
  const put = (number: number): void => {
    edits += 1;
    const content = Array.from(
      { length: 1 + upTo(4) },
      (_, part) =>
        `export function handle${number}Part${part}Edit${edits}(value: number) {\n  return value + ${edits};\n}\n`,
    );
    write(made.cwd, { [`src/file${number}.ts`]: content.join('\n') });
    there.add(number);
  };
  for (let number = 0; number < FILES; number += 1) put(number);
  return {
    ...made,
    folder: indexFolder(made.home, made.cwd),
    watch: () =>
      made.start(['index', 'watch'], {
        env: addon === undefined ? {} : { OAGENT_CHROMA_ADDON: addon },
      }),
    meddle() {
      const number = upTo(2 * FILES);
      if (upTo(4) > 0) put(number);
      else if (there.delete(number)) rmSync(path.join(made.cwd, `src/file${number}.ts`));
    },
  };
}

/** Meddles for so long, file by file. */
async function meddleFor(made: Repository, ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    made.meddle();
    await delay(10);
  }
}

const moment = (next: () => number): number => Math.abs(next()) * LATEST_MS;

test(`kill -9 of the program, ${KILLS} times: what is left becomes a whole index, and no server stays`, {
  timeout: 60_000 + KILLS * 20_000,
}, async () => {
  const made = await repository();
  const next = noise(11);
  for (let round = 1; round <= KILLS; round += 1) {
    const watch = made.watch();
    await meddleFor(made, moment(next));
    watch.child.kill('SIGKILL');
    await watch.ended;
    await until(() => serversIn(made.folder).length === 0);
    const found = await wholeness(made.cwd, made.home, made.server.host);
    expect([round, found]).toEqual([round, whole(found)]);
  }
  await until(() => serversIn(made.folder).length === 0);
});

test.runIf(hasChroma)(
  `kill -9 of the Chroma server, ${KILLS} times: the program goes on, and the index is whole`,
  { timeout: 60_000 + KILLS * 20_000 },
  async () => {
    const made = await repository();
    const next = noise(13);
    const watch = made.watch();
    for (let round = 1; round <= KILLS; round += 1) {
      await until(async () => {
        await meddleFor(made, 10);
        expect(watch.child.exitCode).toBeNull();
        return serversIn(made.folder).length > 0;
      });
      await meddleFor(made, moment(next));
      for (const pid of serversIn(made.folder)) process.kill(pid, 'SIGKILL');
    }
    await meddleFor(made, 100);
    const beside = await wholeness(made.cwd, made.home, made.server.host);
    expect(beside).toEqual(whole(beside));
    expect([watch.child.exitCode, serversIn(made.folder)]).toEqual([null, [expect.any(Number)]]);
    watch.child.kill('SIGINT');
    expect((await watch.ended).code).toBe(0);
    await until(() => serversIn(made.folder).length === 0);
    const after = await wholeness(made.cwd, made.home, made.server.host);
    expect(after).toEqual(whole(after));
  },
);

/** Waits until every chunk of so many has its vector. */
const untilMade = ({ home, cwd, folder }: Repository, count: number): Promise<void> =>
  until(() => {
    if (!existsSync(path.join(folder, INDEX_FILE))) return false;
    try {
      const { chunks, vectors } = contentOf(home, cwd);
      return chunks.length === count && vectors.length === count;
    } catch {
      // Its tables are being made.
      return false;
    }
  });

/** Texts of chunks that the server was asked to embed. */
const embedded = ({ server }: Repository): string[] =>
  server.log
    .filter(({ path: name }) => name === '/api/embed')
    .flatMap(({ body }) => (body as { input: string[] }).input);

test('two programs on one repository: one server, each chunk embedded once; one is killed, then the other', async () => {
  const made = await repository();
  const first = made.watch();
  const second = made.watch();
  await untilMade(made, FILES);
  expect([embedded(made).length, new Set(embedded(made)).size]).toEqual([FILES, FILES]);
  const servers = hasChroma ? 1 : 0;
  await until(() => serversIn(made.folder).length === servers);
  first.child.kill('SIGKILL');
  await first.ended;
  write(made.cwd, { 'src/drain.ts': 'export function drainQueue() {\n  return 1;\n}\n' });
  await untilMade(made, FILES + 1);
  // If it was the first one's server that ended with it, the second starts another.
  await until(() => serversIn(made.folder).length === servers);
  expect(second.child.exitCode).toBe(null);
  const found = await made.run(['index', 'search', '--json', '--limit', '1', 'drain the queue']);
  expect(JSON.parse(found.stdout)).toMatchObject([{ path: 'src/drain.ts' }]);
  second.child.kill('SIGKILL');
  await until(() => serversIn(made.folder).length === 0);
  const left = await wholeness(made.cwd, made.home, made.server.host);
  expect(left).toEqual(whole(left));
});

test('clear under a program that follows the repository: it fills the index again, and no server stays', async () => {
  const made = await repository();
  const watch = made.watch();
  await untilMade(made, FILES);
  const cleared = await made.run(['index', 'clear']);
  expect([cleared.code, cleared.stdout]).toEqual([
    0,
    `The index of ${made.cwd} is emptied; another oagent has it open and will fill it again.\n`,
  ]);
  expect(contentOf(made.home, made.cwd)).toEqual({ chunks: [], vectors: [] });
  write(made.cwd, { 'src/drain.ts': 'export function drainQueue() {\n  return 1;\n}\n' });
  await untilMade(made, FILES + 1);
  watch.child.kill('SIGINT');
  expect((await watch.ended).code).toBe(0);
  await until(() => serversIn(made.folder).length === 0);
  const found = await wholeness(made.cwd, made.home, made.server.host);
  expect(found).toEqual(whole(found));
});
