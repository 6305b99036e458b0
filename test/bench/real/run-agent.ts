/**
 * Runs an agent on a task as a user would, and says how it ended.
 *
 * Invariants: when it is over, by itself, by the time limit or by an abort, nothing of its process group is left.
 * Does not: judge the result.
 */
import { spawn } from 'node:child_process';
import type { Invocation } from './agents.ts';

export interface AgentEnd {
  /** Null if it was ended by a signal or could not be started. */
  readonly exitCode: number | null;
  readonly isTimedOut: boolean;
  readonly wallMs: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunLimits {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly timeLimitMs: number;
  readonly signal: AbortSignal;
}

/** Longest output that is kept of each stream, from its end. */
const KEPT_CHARACTERS = 200_000;

/** How long output may still come after the program has ended. */
const DRAIN_MS = 2_000;

/** Rejects if the program cannot be started, or with the signal's reason. */
export async function runAgent(
  { file, args, env }: Invocation,
  { cwd, env: base, timeLimitMs, signal }: RunLimits,
): Promise<AgentEnd> {
  signal.throwIfAborted();
  const startedAt = performance.now();
  const child = spawn(file, args, {
    cwd,
    env: { ...base, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, so that all of it can be ended.
    detached: true,
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] = (output[name] + text).slice(-KEPT_CHARACTERS);
    });
  }
  const kill = () => killGroup(child.pid);
  let isTimedOut = false;
  const timer = setTimeout(() => {
    isTimedOut = true;
    kill();
  }, timeLimitMs);
  signal.addEventListener('abort', kill);
  let draining: NodeJS.Timeout | undefined;
  let endedAt = 0;
  try {
    await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', () => {
        endedAt = performance.now();
        kill();
        // What left the group may hold the pipes open.
        draining = setTimeout(() => {
          child.stdout.destroy();
          child.stderr.destroy();
        }, DRAIN_MS);
      });
      child.once('close', resolve);
    });
  } finally {
    clearTimeout(timer);
    clearTimeout(draining);
    signal.removeEventListener('abort', kill);
  }
  signal.throwIfAborted();
  return { exitCode: child.exitCode, isTimedOut, wallMs: endedAt - startedAt, ...output };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It is over already.
  }
}
