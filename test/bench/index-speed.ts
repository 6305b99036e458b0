/**
 * How fast the index is: `npm run build && node test/bench/index-speed.ts [FILES]`, default 50,000 files of TypeScript.
 *
 * Owns: the figures: first search, cold indexing, searches, an injection's search, save to searchable, how long the calling thread was held,
 * memory and idle CPU of the watcher. Invariants: it writes only to a temporary folder; the files are the same every time.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { startWorker } from '../../src/repo-index/worker-client.ts';

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

const ms = (since: number): number => performance.now() - since;
const show = (name: string, value: string): boolean => process.stdout.write(`${name.padEnd(44)} ${value}\n`);

async function main(files: number): Promise<void> {
  const work = mkdtempSync(path.join(os.tmpdir(), 'oagent-index-speed-'));
  const root = path.join(work, 'repo');
  mkdirSync(root);
  const bytes = makeRepository(root, files);
  show('files, MB', `${files}, ${(bytes / 1e6).toFixed(1)}`);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const before = process.memoryUsage().rss;
  const started = performance.now();
  delay.enable();
  const worker = startWorker({ data: { root, folder: path.join(work, 'index'), watch: true } });
  const updated = worker.call('update', {});
  const search = (query: string) => worker.call('search', { query, options: { limit: 10 }, patienceMs: 0 });
  const first = await search('which function makes the schedule of a shipment batch');
  show('first search, cold (ms; hits)', `${ms(started).toFixed(0)}; ${first.length}`);
  let slowest = 0;
  let isDone = false;
  void updated.then(() => {
    isDone = true;
  });
  while (!isDone) {
    const since = performance.now();
    await search('retry policy of the upload queue');
    slowest = Math.max(slowest, ms(since));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  await updated;
  const seconds = ms(started) / 1_000;
  show('cold, all indexed (s; MB/s)', `${seconds.toFixed(1)}; ${(bytes / 1e6 / seconds).toFixed(2)}`);
  show('slowest search meanwhile (ms)', slowest.toFixed(0));
  delay.disable();
  show('calling thread held at most (ms)', (delay.max / 1e6).toFixed(1));
  const times: number[] = [];
  const next = numbers();
  for (let at = 0; at < 60; at += 1) {
    const since = performance.now();
    await search(Array.from({ length: 5 }, () => WORDS[next(WORDS.length)]).join(' '));
    times.push(ms(since));
  }
  times.sort((a, b) => a - b);
  const status = await worker.call('status', {});
  show('chunks', String(status.chunks));
  show('search p50, p95 (ms)', `${times[30]?.toFixed(0)}, ${times[57]?.toFixed(0)}`);
  const saved = performance.now();
  writeFileSync(path.join(root, 'area1/part0/file1.ts'), 'export function zebraCrossing() {}\n');
  for (;;)
    if ((await search('zebraCrossing')).some(({ symbol, key }) => symbol === 'zebraCrossing' && key !== ''))
      break;
  show('save to found (ms)', ms(saved).toFixed(0));
  const again = performance.now();
  await worker.call('update', {});
  show('nothing changed, all checked (ms)', ms(again).toFixed(0));
  const cpu = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const { user, system } = process.cpuUsage(cpu);
  show('idle CPU in 3 s (ms)', ((user + system) / 1_000).toFixed(0));
  show('memory of the process over its start (MB)', ((process.memoryUsage().rss - before) / 1e6).toFixed(0));
  await worker.close();
  rmSync(work, { recursive: true, force: true });
}

await main(Number(process.argv[2] ?? 50_000));
