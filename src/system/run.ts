/**
 * Runs git and rg for the index and reads what they print.
 *
 * Invariants: git answers for the repository around the folder, whatever its variables name; no program that the repository names
 * is run: no file system monitor, hook, pager, signature check or text conversion; nothing is written to the repository; the output is bounded; a stopped program is gone.
 * Does not: know what the output means.
 */
import { spawn } from 'node:child_process';

const OUTPUT_LIMIT = 128 * 1024 * 1024;

const HARMLESS_GIT = [
  '--no-pager',
  ...['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '-c', 'log.showSignature=false'],
  ...['-c', 'core.quotePath=false', '-c', 'protocol.allow=never', '-c', 'core.untrackedCache=false'],
];

export interface ProgramOptions {
  readonly cwd: string;
  readonly signal?: AbortSignal;
  /** Milliseconds after which the program is stopped; what it printed until then counts. */
  readonly timeoutMs?: number;
  /** Exit codes that are no failure; default: 0. */
  readonly goodCodes?: readonly number[];
}

/** Which repository is meant says the folder, also inside of a hook of git or where the user has named another one. */
const NO_OTHER_REPOSITORY = {
  GIT_DIR: undefined,
  GIT_WORK_TREE: undefined,
  GIT_COMMON_DIR: undefined,
  GIT_INDEX_FILE: undefined,
  GIT_OBJECT_DIRECTORY: undefined,
  GIT_NAMESPACE: undefined,
  GIT_PREFIX: undefined,
};

/** What git prints. @throws Error if it cannot be started or fails, an abort error after `signal`. */
export function git(args: readonly string[], options: ProgramOptions): Promise<Buffer> {
  return run('git', [...HARMLESS_GIT, ...args], options, {
    ...NO_OTHER_REPOSITORY,
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C',
  });
}

/** What a program prints. @throws Error if it cannot be started or fails, an abort error after `signal`. */
export function run(
  program: string,
  args: readonly string[],
  { cwd, signal, timeoutMs, goodCodes = [0] }: ProgramOptions,
  env: NodeJS.ProcessEnv = {},
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      killSignal: 'SIGKILL',
      env: { ...process.env, ...env },
      signal,
    });
    const chunks: Buffer[] = [];
    let size = 0;
    let errors = '';
    let isCut = false;
    const cut = (): void => {
      isCut = true;
      child.kill('SIGKILL');
    };
    const timer = timeoutMs === undefined ? undefined : setTimeout(cut, timeoutMs);
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > OUTPUT_LIMIT) cut();
      else chunks.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      errors = (errors + chunk).slice(0, 2_000);
    });
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      if (isCut || goodCodes.includes(code ?? -1)) resolve(Buffer.concat(chunks));
      else reject(new Error(`${program} failed (${code}): ${errors.trim().split('\n')[0] ?? ''}`));
    });
  });
}
