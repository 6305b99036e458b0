/**
 * Runs a sandbox once, to see whether it works here.
 *
 * Invariants: it gets nothing to read, its output is bounded, and it ends in time. Does not: know which sandbox it is.
 */
import { spawn } from 'node:child_process';

const ERROR_LIMIT = 300;

export interface Trial {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  /** What it reads from descriptor 3. */
  readonly filter?: Buffer;
}

/** Undefined if it works, else what it said. */
export function tryOut({ file, args, env, timeoutMs, filter }: Trial): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: '/',
      env,
      stdio: ['ignore', 'ignore', 'pipe', ...(filter === undefined ? [] : ['pipe' as const])],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(0, ERROR_LIMIT);
    });
    const pipe = child.stdio[3];
    // It may end before it has read the filter.
    pipe?.on('error', () => {});
    if (pipe !== null && pipe !== undefined && 'end' in pipe) pipe.end(filter);
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) =>
      resolve(code === 0 ? undefined : said.trim().split('\n')[0] || `it ended with ${signal ?? code}`),
    );
  });
}
