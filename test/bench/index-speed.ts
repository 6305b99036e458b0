/**
 * How fast the index is, and what it holds: `node test/bench/index-speed.ts [FILES]`, default 5,000 files of TypeScript.
 *
 * Owns: the measuring. The thread of the index is a process's second thread, as in oagent. Invariants: it writes only to a temporary
 * folder; the files are the same every time. Does not: judge (index-report.ts).
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { listFiles } from '../../src/repo-index/reading/files.ts';
import { Watcher } from '../../src/repo-index/reading/watcher.ts';
import { Shown } from '../../src/repo-index/search/pack.ts';
import { IndexService } from '../../src/repo-index/service.ts';
import { indexReport } from './index-report.ts';

const SEARCHES = 60;
const SAVES = 5;
const IDLE_MS = 3_000;

export interface IndexFigures {
  readonly files: number;
  readonly bytes: number;
  readonly chunks: number;
  /** From the start of the thread to the first answer, and how many hits it had. */
  readonly firstSearchMs: number;
  readonly firstHits: number;
  /** From the start of the thread to the last file, searches included. */
  readonly coldMs: number;
  /** What the process worked in this time; ripgrep apart. */
  readonly coldCpuMs: number;
  /** A search when half of the files were read. */
  readonly meanwhileMs: number;
  /** How long the calling thread worked at most without a pause while all this was done. */
  readonly heldMs: number;
  readonly searchMs: Spread;
  readonly injectMs: Spread;
  /** From the end of a write to the first answer with it: a file that the index knows, a new one. */
  readonly savedMs: number;
  readonly createdMs: number;
  /** All files looked at, none had changed. */
  readonly checkedMs: number;
  readonly idleCpuMs: number;
  /** What the process has more than before the thread was started. */
  readonly bytesHeld: number;
  /** What a process has more when it watches all folders, and how many they are. */
  readonly watcherBytes: number;
  readonly watches: number;
}

interface Spread {
  readonly p50: number;
  readonly p95: number;
}

const WORDS =
  'account address agent batch block buffer cache chunk client cluster column command commit config context cursor deploy device digest driver encode engine event filter format frame graph group handle header image index input invoice job kernel layout ledger limit locale memory merge message metric model module mount node object offset order output packet page parser patch path permit pixel plugin policy pool print probe profile proxy query queue range record region render report request resource result retry route scale schedule schema scope screen segment sender session shard signal source stack stage state stream string style table target task tenant thread ticket token topic trace transfer upload user vector version view volume window worker'.split(
    ' ',
  );

/** The same numbers every time: a linear congruence. */
function numbers(): (below: number) => number {
  let state = 42;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
}

function source(next: (below: number) => number): string {
  const word = () => WORDS[next(WORDS.length)] ?? '';
  const name = () => `${word()}${word().replace(/^./, (first) => first.toUpperCase())}`;
  const functions = Array.from({ length: 2 + next(6) }, () => {
    const body = Array.from(
      { length: 3 + next(12) },
      () => `  const ${name()} = ${name()}(${word()}, ${next(1_000)});`,
    );
    return `/** The ${word()} of a ${word()} for each ${word()}. */\nexport function ${name()}(${word()}: string): void {\n${body.join('\n')}\n}\n`;
  });
  return functions.join('\n');
}

function makeRepository(root: string, files: number): number {
  const next = numbers();
  let bytes = 0;
  for (let at = 0; at < files; at += 1) {
    const folder = path.join(root, `area${at % 50}`, `part${Math.floor(at / 50) % 20}`);
    if (at < 1_000) mkdirSync(folder, { recursive: true });
    const text = source(next);
    bytes += text.length;
    writeFileSync(path.join(folder, `file${at}.ts`), text);
  }
  execFileSync('git', ['init', '--quiet'], { cwd: root });
  execFileSync('git', ['add', '--all'], { cwd: root });
  return bytes;
}

const since = (start: number): number => performance.now() - start;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function spread(times: readonly number[]): Spread {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (part: number): number => sorted[Math.floor(sorted.length * part)] ?? 0;
  return { p50: at(0.5), p95: at(0.95) };
}

/** Processor time of this thread between two turns of its loop, in milliseconds: what others take from it does not count. */
function heldAtMost(): () => number {
  let most = 0;
  let last = process.threadCpuUsage();
  const timer = setInterval(() => {
    const used = process.threadCpuUsage(last);
    most = Math.max(most, (used.user + used.system) / 1_000);
    last = process.threadCpuUsage();
  }, 1);
  return () => {
    clearInterval(timer);
    return most;
  };
}

/** Five words of which each stands in a part of all files: harder than what people ask. */
function questions(): string[] {
  const next = numbers();
  return Array.from({ length: SEARCHES }, () =>
    Array.from({ length: 5 }, () => WORDS[next(WORDS.length)]).join(' '),
  );
}

async function timesOf(work: (question: string) => Promise<unknown>): Promise<Spread> {
  const times: number[] = [];
  for (const question of questions()) {
    const start = performance.now();
    await work(question);
    times.push(since(start));
  }
  return spread(times);
}

/** Milliseconds until a definition that was just written is found; the middle of some. */
async function foundAfter(index: IndexService, fileOf: (at: number) => string): Promise<number> {
  const times: number[] = [];
  for (let at = 0; at < SAVES; at += 1) {
    const name = `zebra${fileOf(at).replace(/\W/g, '')}${at}`;
    const file = path.join(index.root, fileOf(at));
    writeFileSync(file, `export function ${name}() {}\n`);
    const start = performance.now();
    while ((await index.search(name, { limit: 1 }))[0]?.symbol !== name);
    times.push(since(start));
  }
  return spread(times).p50;
}

/** The figures of a repository with this number of files. */
export async function measureIndex(files: number): Promise<IndexFigures> {
  const work = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'oagent-index-speed-')));
  const root = path.join(work, 'repo');
  mkdirSync(root);
  const bytes = makeRepository(root, files);
  const before = process.memoryUsage().rss;
  const half = Promise.withResolvers<void>();
  const held = heldAtMost();
  const index = new IndexService({
    cwd: root,
    home: path.join(work, 'home'),
    onProgress: ({ filesDone, filesTotal }) => filesDone * 2 >= filesTotal && half.resolve(),
  });
  try {
    const start = performance.now();
    const cpuBefore = process.cpuUsage();
    const updated = index.update().then(() => {
      const { user, system } = process.cpuUsage(cpuBefore);
      return { coldMs: since(start), coldCpuMs: (user + system) / 1_000 };
    });
    const first = await index.search('which function makes the schedule of a shipment batch');
    const firstSearchMs = since(start);
    await Promise.race([half.promise, updated]);
    const asked = performance.now();
    await index.search('retry policy of the upload queue');
    const meanwhileMs = since(asked);
    const cold = await updated;
    const searchMs = await timesOf((question) => index.search(question));
    const injectMs = await timesOf((question) =>
      index.inject(question, { budgetTokens: 4_000, shown: new Shown() }),
    );
    const heldMs = held();
    const savedMs = await foundAfter(index, (at) => `area${at}/part0/file${at}.ts`);
    const createdMs = await foundAfter(index, (at) => `area${at}/part0/new${at}.ts`);
    const checked = performance.now();
    await index.update();
    const checkedMs = since(checked);
    const status = await index.freshStatus();
    await pause(IDLE_MS);
    const cpu = process.cpuUsage();
    await pause(IDLE_MS);
    const { user, system } = process.cpuUsage(cpu);
    return {
      files,
      bytes,
      chunks: 'chunks' in status ? status.chunks : 0,
      firstSearchMs,
      firstHits: first.length,
      ...cold,
      meanwhileMs,
      heldMs,
      searchMs,
      injectMs,
      savedMs,
      createdMs,
      checkedMs,
      idleCpuMs: (user + system) / 1_000,
      bytesHeld: process.memoryUsage().rss - before,
      ...watcherFigures(root),
    };
  } finally {
    await index.close();
    rmSync(work, { recursive: true, force: true });
  }
}

/** In a process of its own: memory that others have given back would hide what it takes. */
function watcherFigures(root: string): Pick<IndexFigures, 'watcherBytes' | 'watches'> {
  const args = ['--expose-gc', fileURLToPath(import.meta.url), '--watch', root];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

async function watch(root: string): Promise<Pick<IndexFigures, 'watcherBytes' | 'watches'>> {
  const { paths } = await listFiles(root);
  const used = (): number => {
    globalThis.gc?.();
    return process.memoryUsage().rss;
  };
  const before = used();
  const watcher = new Watcher(root, () => undefined);
  watcher.follow(paths);
  await pause(200);
  const figures = { watcherBytes: used() - before, watches: watcher.watched() };
  watcher.close();
  return figures;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [first = '5000', root] = process.argv.slice(2);
  process.stdout.write(
    first === '--watch' && root !== undefined
      ? JSON.stringify(await watch(root))
      : `${indexReport(await measureIndex(Number(first)))}\n`,
  );
}
