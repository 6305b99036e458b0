/**
 * `npm run mutate [-- WORD…]`: puts one fault at a time into a copy of the sources and sees whether the tests notice.
 *
 * The faults are listed in test/mutations/. A WORD is a room (`rollout`) or a part of a file's name. `--list` only says
 * whether each fault still applies. The checkout is never written to: all happens in a copy in the user's cache folder,
 * which is removed at the end and on Ctrl+C. Not in the temporary folder: sandboxed commands can write there, so what
 * runs from it is trusted less, and some tests would fail for that alone.
 *
 * Exit codes: 0 at least 95 % are caught; 1 fewer are, or one applies nowhere any more; 2 the tests fail without a fault.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { allMutations, hasTest, parseError, root, sources } from './mutate-lists.ts';
import { chosen, isGoodEnough, type Outcome, type Planned, planOf, tableOf, testsOf } from './mutate-plan.ts';

/** Not copied: what tests read through the link, and what they do not need. */
const LEFT_OUT: ReadonlySet<string> = new Set(['node_modules', '.git', 'dist']);
/** A fault can make a loop endless: so many times as long as the tests take, but at least this long. */
const PATIENCE = 10;
const LEAST_PATIENCE_MS = 180_000;
/** What a leftover holds open is not waited for. */
const CLOSE_MS = 1_000;
/** Set in the environment of all tests. */
const MARK = 'OAGENT_MUTATE_RUN';

const { values, positionals } = parseArgs({
  options: { list: { type: 'boolean', default: false } },
  allowPositionals: true,
});

let running: ChildProcess | undefined;
let copy: string | undefined;

function cleanUp(): void {
  if (running !== undefined) killLeftovers(running);
  if (copy !== undefined) rmSync(copy, { recursive: true, force: true });
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}

/** A test that fails may leave what it started, also in groups of their own: those are known by a variable. */
function killLeftovers(child: ChildProcess): void {
  killGroup(child);
  if (process.platform !== 'linux') return;
  const mark = `${MARK}=${process.pid}\0`;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark)) process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has gone, or is somebody else's.
    }
  }
}

function copyProject(): string {
  const caches = path.join(homedir(), '.cache');
  mkdirSync(caches, { recursive: true });
  const folder = mkdtempSync(path.join(caches, 'oagent-mutate-'));
  cpSync(root, folder, {
    recursive: true,
    filter: (file) => !LEFT_OUT.has(path.relative(root, file)),
  });
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  return folder;
}

interface TestRun {
  readonly passed: boolean;
  readonly ms: number;
  readonly output: string;
}

/** @param limitMs after which the tests count as failed. */
async function runTests(cwd: string, tests: readonly string[], limitMs?: number): Promise<TestRun> {
  const started = performance.now();
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const args = [
    vitest,
    'run',
    '--reporter=minimal',
    ...(limitMs === undefined ? [] : ['--bail=1']),
    ...tests,
  ];
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, [MARK]: String(process.pid) };
  const child = spawn(process.execPath, args, {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running = child;
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const killer = setTimeout(() => killGroup(child), limitMs ?? 2 ** 31 - 1);
  const closed = once(child, 'close');
  const [code] = await once(child, 'exit');
  clearTimeout(killer);
  killLeftovers(child);
  await Promise.race([closed, delay(CLOSE_MS)]);
  running = undefined;
  return { passed: code === 0, ms: performance.now() - started, output };
}

async function tryOut(folder: string, planned: Planned, limitMs: number): Promise<Outcome & { ms: number }> {
  const target = path.join(folder, planned.file);
  const original = readFileSync(target);
  writeFileSync(target, planned.mutated);
  try {
    const { passed, ms } = await runTests(folder, testsOf(planned.mutation), limitMs);
    return { mutation: planned.mutation, result: passed ? 'survived' : 'caught', ms };
  } finally {
    writeFileSync(target, original);
  }
}

/** How long the tests take without a fault, by their names joined. */
async function baseline(folder: string, planned: readonly Planned[]): Promise<number | undefined> {
  const tests = [...new Set(planned.flatMap(({ mutation }) => testsOf(mutation)))];
  const { passed, ms, output } = await runTests(folder, tests);
  if (passed) return ms;
  console.log(`${output}\nThese tests fail without a fault; mend that first.`);
  return undefined;
}

function show({ mutation, result }: Outcome): void {
  if (result === 'caught') return;
  console.log(`\n${mutation.file}: ${mutation.why}`);
  for (const line of mutation.find.split('\n')) console.log(`  - ${line}`);
  for (const line of mutation.replace.split('\n')) console.log(`  + ${line}`);
  console.log(`  tests: ${testsOf(mutation).join(' ')}`);
}

async function main(): Promise<number> {
  const { planned, stale } = planOf(chosen(await allMutations(), positionals), sources(), hasTest);
  const broken = planned.flatMap((one) => {
    const problem = parseError(one);
    return problem === undefined ? [] : [{ mutation: one.mutation, problem }];
  });
  for (const { mutation, file } of planned) {
    if (file !== mutation.file) console.log(`moved: ${mutation.file} -> ${file}  (${mutation.why})`);
  }
  const errors = [...stale, ...broken];
  for (const { mutation, problem } of errors)
    console.log(`stale: ${mutation.file}: ${problem}\n  ${mutation.find}`);
  if (values.list || planned.length === 0) {
    console.log(`${planned.length} faults apply, ${errors.length} do not`);
    return errors.length === 0 ? 0 : 1;
  }

  copy = copyProject();
  const usual = await baseline(copy, planned);
  if (usual === undefined) return 2;
  const outcomes: Outcome[] = [];
  const works = planned.filter(({ mutation }) => !errors.some((error) => error.mutation === mutation));
  for (const [at, one] of works.entries()) {
    const { ms, ...outcome } = await tryOut(copy, one, Math.max(LEAST_PATIENCE_MS, PATIENCE * usual));
    outcomes.push(outcome);
    const place = `${String(at + 1).padStart(3)}/${works.length}`;
    console.log(`${place} ${outcome.result.padEnd(8)} ${(ms / 1000).toFixed(1).padStart(5)} s  ${one.file}`);
  }
  for (const outcome of outcomes) show(outcome);
  console.log(`\n${tableOf(outcomes).join('\n')}`);
  return errors.length === 0 && isGoodEnough(outcomes) ? 0 : 1;
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.on(signal, () => process.exit(code));
}
process.on('exit', cleanUp);
process.exitCode = await main();
