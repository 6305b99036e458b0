/**
 * `npm run bench -- --only weak`: how often oagent gets a small task right with a model that errs as small models do.
 *
 * node test/bench/weak/main.ts [--p .6,.75] [--runs 5] [--seed S] [--tasks NAME…] [--jobs 2] [--out FILE] [--bin dist/main.js] [--config KEY=VALUE …]
 * `--runs` is for each task and p: 30 are enough for a figure to one percent. `--out` gets one JSON line for each run. Exit code 0
 * whatever the figures are, 1 when the bench failed, 2 for wrong usage.
 */
import { appendFileSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { errorMessage } from '../../../src/text/error-message.ts';
import { javascriptTasks } from './javascript-tasks.ts';
import { pythonTasks } from './python-tasks.ts';
import { weakFigures, weakLine } from './weak-report.ts';
import { type WeakRun, type WeakRunOptions, weakRun } from './weak-run.ts';
import type { WeakTask } from './weak-task.ts';

const ALL: readonly WeakTask[] = [...javascriptTasks, ...pythonTasks];

interface Options {
  readonly chances: readonly number[];
  readonly runs: number;
  readonly jobs: number;
  readonly seed: string;
  readonly tasks: readonly WeakTask[];
  readonly out: string | undefined;
  readonly bin: string;
  /** Arguments of `-c`. The model is `weak`. */
  readonly config: readonly string[];
}

function options(): Options {
  const { values } = parseArgs({
    options: {
      p: { type: 'string', default: '0.6,0.75' },
      runs: { type: 'string', default: '5' },
      jobs: { type: 'string', default: '2' },
      seed: { type: 'string', default: 'weak' },
      tasks: { type: 'string', default: ALL.map(({ name }) => name).join(',') },
      out: { type: 'string' },
      config: { type: 'string', multiple: true, default: [] },
      bin: { type: 'string', default: path.resolve(import.meta.dirname, '../../../dist/main.js') },
    },
  });
  const chances = values.p.split(',').map(Number);
  if (chances.some((chance) => !(chance >= 0 && chance <= 1)))
    throw new Error('--p takes numbers from 0 to 1');
  const names = values.tasks.split(',');
  const unknown = names.find((name) => ALL.every((task) => task.name !== name));
  if (unknown !== undefined) throw new Error(`there is no task ${unknown}`);
  const tasks = ALL.filter(({ name }) => names.includes(name));
  const [runs, jobs] = [count('runs', values.runs), count('jobs', values.jobs)];
  const { seed, out, config } = values;
  return { chances, runs, jobs, seed, tasks, out, config, bin: path.resolve(values.bin) };
}

function count(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new Error(`--${name} takes a whole number from 1 on`);
}

async function measure(
  p: number,
  { runs, jobs, seed, tasks, out, bin, config }: Options,
  folder: string,
): Promise<readonly WeakRun[]> {
  const waiting = tasks.flatMap((task) =>
    Array.from({ length: runs }, (_, at): WeakRunOptions => {
      const name = `${seed}-${p}-${task.name}-${at + 1}`;
      return { task, p, bin, config, seed: name, folder: path.join(folder, name) };
    }),
  );
  const done: WeakRun[] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const ended = await weakRun(next);
      done.push(ended);
      if (out !== undefined) appendFileSync(out, `${JSON.stringify({ p, ...ended })}\n`);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return done;
}

async function main(): Promise<number> {
  let wanted: Options;
  try {
    wanted = options();
  } catch (error) {
    process.stderr.write(`${errorMessage(error)}\n`);
    return 2;
  }
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'oagent-weak-'));
  try {
    for (const p of wanted.chances) {
      const runs = await measure(p, wanted, folder);
      process.stdout.write(`${weakLine(weakFigures(p, runs))}\n`);
    }
    return 0;
  } catch (error) {
    process.stderr.write(`${errorMessage(error)}\n`);
    return 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main();
