/**
 * What a first build of the index takes on real sources, and what it leaves: `node test/bench/index-build.ts [FOLDER…]`, default the
 * packages in node_modules.
 *
 * Owns: the measuring and its aims. The process that builds runs alone and is looked at from outside, with git and ripgrep, which it
 * starts. Invariants: it writes only to a temporary folder. Linux only.
 */
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { IndexService } from '../../src/repo-index/service.ts';
import { measure } from './measured-process.ts';
import { repositoryOf, sourceFolders } from './real-sources.ts';
import { count, judged, mb, ms, table, type Verdict } from './report-table.ts';

const SAVES = 200;
/** Saves after which memory has settled: what comes later is growth. */
const SETTLED = 50;
/** Of which growth is told. */
const MANY = 10_000;
const BUILD_LIMIT_MS = 30 * 60_000;

interface BuildFigures {
  readonly files: number;
  readonly chunks: number;
  readonly bytes: number;
  readonly coldMs: number;
  readonly cpuMs: number;
  /** Of the process: before the thread was started, after the build, after `SETTLED` and after all saves. */
  readonly startBytes: number;
  readonly builtBytes: number;
  readonly settledBytes: number;
  readonly savedBytes: number;
  /** A save until it is found, in the middle. */
  readonly saveMs: number;
}

const resident = (): number => process.memoryUsage().rss;

/** In the process that is measured: prints its figures. */
async function build(root: string, home: string): Promise<BuildFigures> {
  const startBytes = resident();
  let bytes = 0;
  const index = new IndexService({ cwd: root, home, onProgress: (progress) => (bytes = progress.bytes) });
  try {
    const [start, before] = [performance.now(), process.cpuUsage()];
    await index.update();
    const { user, system } = process.cpuUsage(before);
    const coldMs = performance.now() - start;
    const { files, chunks } = await counted(index);
    const builtBytes = resident();
    const cold = { files, chunks, bytes, coldMs, cpuMs: (user + system) / 1_000, startBytes, builtBytes };
    return { ...cold, ...(await saves(index)) };
  } finally {
    await index.close();
  }
}

async function counted(index: IndexService): Promise<{ readonly files: number; readonly chunks: number }> {
  const status = await index.freshStatus();
  if (status.state !== 'ready') throw new Error('the index is not ready');
  return status;
}

/** One file of this bench, with another name in it each time. */
async function saves(
  index: IndexService,
): Promise<Pick<BuildFigures, 'settledBytes' | 'savedBytes' | 'saveMs'>> {
  const file = path.join(index.root, 'saved.ts');
  const source = readFileSync(fileURLToPath(import.meta.url), 'utf8');
  const times: number[] = [];
  let settledBytes = 0;
  for (let at = 0; at < SAVES; at += 1) {
    const name = `zebra${at}x`;
    writeFileSync(file, `${source}\nexport function ${name}() {}\n`);
    const start = performance.now();
    while (!(await index.search(name, { limit: 1 }))[0]?.symbol.includes(name));
    times.push(performance.now() - start);
    if (at === SETTLED) settledBytes = resident();
  }
  return { settledBytes, savedBytes: resident(), saveMs: times.toSorted((a, b) => a - b)[SAVES >> 1] ?? 0 };
}

function report(figures: BuildFigures, peakBytes: number): string {
  const { files, chunks, bytes, coldMs, cpuMs, startBytes, builtBytes } = figures;
  const growth = ((figures.savedBytes - figures.settledBytes) / (SAVES - SETTLED)) * MANY;
  const below = (name: string, value: number, most: number): Verdict => ({
    name: `index: ${name}`,
    value,
    target: `< ${count(most)}`,
    met: value < most,
  });
  const aims = {
    peak: below('peak of a build, MB', peakBytes / 2 ** 20, 350),
    growth: below('growth over saves, MB', growth / 2 ** 20, 50),
  };
  return [
    `The index of ${count(files)} files of real sources, ${mb(bytes)} MB of text, ${count(chunks)} chunks, from nothing:`,
    '',
    table(
      ['', 'oagent', 'target', ''],
      [
        ['most memory of the process with git and ripgrep, MB', count(aims.peak.value), ...judged(aims.peak)],
        ['… before the build', count(startBytes / 2 ** 20)],
        ['… after it', count(builtBytes / 2 ** 20)],
        [`… after ${count(SAVES)} saves`, count(figures.savedBytes / 2 ** 20)],
        [
          `growth over ${count(MANY)} saves, MB, from ${count(SAVES - SETTLED)}`,
          count(aims.growth.value),
          ...judged(aims.growth),
        ],
        ['all files, s', (coldMs / 1_000).toFixed(1)],
        ['… MB per second of processor time', (bytes / 1e3 / cpuMs).toFixed(2)],
        ['save to found, ms', ms(figures.saveMs)],
      ],
    ),
    '',
    '- MB of memory are 2^20 bytes. The process runs the sources, which Node has to strip of their types first.',
  ].join('\n');
}

async function main(given: readonly string[]): Promise<void> {
  const work = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'oagent-index-build-')));
  try {
    const [root, home] = [path.join(work, 'repo'), path.join(work, 'home')];
    repositoryOf(sourceFolders(given), root);
    const measured = await measure({
      file: process.execPath,
      args: [fileURLToPath(import.meta.url), '--build', root, home],
      cwd: work,
      env: process.env,
      timeLimitMs: BUILD_LIMIT_MS,
    });
    if (measured.exitCode !== 0) throw new Error(measured.stderr);
    process.stdout.write(`${report(JSON.parse(measured.stdout), measured.peakTreeBytes)}\n`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const [first, root, home] = process.argv.slice(2);
if (first === '--build' && root !== undefined && home !== undefined)
  process.stdout.write(JSON.stringify(await build(root, home)));
else await main(process.argv.slice(2));
