/**
 * Runs one process and measures it from outside: wall time, CPU and memory of its whole tree.
 *
 * CPU is what the kernel adds to our account of finished children when it is collected: the process itself and
 * every descendant that was waited for, in ticks of 10 ms. Memory is read from /proc every few milliseconds and
 * summed over the tree; shared pages count in each process that maps them, as with `ps`.
 * Invariants: measured processes run one at a time, or their CPU would be added up. Linux only.
 * Does not: know what the process is for.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface Measured {
  /** Ms of the monotonic clock that all processes share. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly exitCode: number | null;
  readonly cpuMs: number;
  /** The largest sum of resident memory that was seen, bytes. */
  readonly peakTreeBytes: number;
  /** The kernel's own high-water mark of the first process, bytes. */
  readonly peakMainBytes: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Default one minute. */
  readonly timeLimitMs?: number;
}

const SAMPLE_MS = 10;
const TIME_LIMIT_MS = 60_000;
/** USER_HZ: the same on every Linux that Node runs on. */
const TICK_MS = 10;

/** Runs a program with an empty stdin to its end. Rejects if it cannot be started. */
export async function measure({
  file,
  args,
  cwd,
  env,
  timeLimitMs: timeout = TIME_LIMIT_MS,
}: Program): Promise<Measured> {
  const cpuBefore = collectedCpuMs();
  const startedAt = now();
  const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout });
  const texts = [textOf(child.stdout), textOf(child.stderr)] as const;
  const memory = { tree: 0, main: 0 };
  const sampler = setInterval(() => sample(child.pid ?? 0, memory), SAMPLE_MS);
  const endedAt = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve(now()));
  }).finally(() => clearInterval(sampler));
  const cpuMs = collectedCpuMs() - cpuBefore;
  const [stdout, stderr] = await Promise.all(texts);
  return {
    startedAt,
    endedAt,
    exitCode: child.exitCode,
    cpuMs,
    // Between two samples the first process alone may have been larger than any sum that was seen.
    peakTreeBytes: Math.max(memory.tree, memory.main),
    peakMainBytes: memory.main,
    stdout,
    stderr,
  };
}

/** Ms of the clock that `startedAt` and `endedAt` are of. */
function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

async function textOf(stream: ChildProcess['stdout']): Promise<string> {
  let text = '';
  for await (const chunk of stream?.setEncoding('utf8') ?? []) text += chunk;
  return text;
}

/** User and system time of all children that were collected so far. */
function collectedCpuMs(): number {
  // pid (name) state ...: the name may contain anything. Then cutime and cstime are fields 14 and 15 from state.
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[13]) + Number(fields[14])) * TICK_MS;
}

function sample(pid: number, memory: { tree: number; main: number }): void {
  memory.main = Math.max(memory.main, statusBytes(pid, 'VmHWM'));
  memory.tree = Math.max(memory.tree, treeBytes(pid, ''));
}

/** A child that is forked but has not become another program yet still has its parent's pages: not counted. */
function treeBytes(pid: number, parentCommand: string): number {
  const command = contentOf(`/proc/${pid}/cmdline`);
  let bytes = command === parentCommand ? 0 : statusBytes(pid, 'VmRSS');
  for (const child of childrenOf(pid)) bytes += treeBytes(child, command);
  return bytes;
}

function statusBytes(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const kilobytes = new RegExp(`^${field}:\\s*(\\d+) kB`, 'm').exec(contentOf(`/proc/${pid}/status`))?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

function childrenOf(pid: number): number[] {
  let threads: string[];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
  return threads.flatMap((thread) => {
    const children = contentOf(`/proc/${pid}/task/${thread}/children`).trim();
    return children === '' ? [] : children.split(' ').map(Number);
  });
}

/** Empty for a process that has just ended. */
function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
