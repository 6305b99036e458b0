/**
 * The door for the programs that oagent starts for itself and waits for: git, an editor, the clipboard. Outside the sandbox,
 * so none comes from a folder that others write to, and its environment names no code that lies there (find-program.ts).
 *
 * Invariants: time and output are bounded, and a program that is stopped is gone, with what it has started.
 *
 * What prints is run by process-group.ts, because `exec` asks git before its first request and execa takes 15 ms to
 * load; what has the terminal, or reads, is run by execa.
 */
import { constants } from 'node:os';
import { trustedProgram } from './find-program.ts';
import { startGroup } from './process-group.ts';
import { within } from './within.ts';

const OUTPUT_LIMIT = 128 * 1024 * 1024;
const ERROR_LIMIT = 4_000;
/** For all that only prints: a cold disk and a very large repository take half of it. */
const LIMIT_MS = 120_000;

export interface RunOptions {
  readonly cwd: string;
  readonly signal?: AbortSignal;
  /** Milliseconds after which the program is stopped, which is an error. */
  readonly timeoutMs?: number;
  /** Bytes after which the program is stopped; what it printed until then counts. */
  readonly outputLimit?: number;
  /** Exit codes that do not count as a failure; default: 0. */
  readonly goodCodes?: readonly number[];
  /** By default that of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** Are added to the environment as they are. */
  readonly variables?: NodeJS.ProcessEnv;
}

/** A program that has run and failed. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError';
  /** The beginning of what it wrote to stderr. */
  readonly stderr: string;

  constructor(program: string, code: number | null, stderr: string) {
    super(`${program} failed (${code}): ${stderr.trim().split('\n')[0] ?? ''}`);
    this.stderr = stderr;
  }
}

/**
 * What a program prints. Its stdin is closed.
 *
 * @param program a name to be looked for, or an absolute path.
 * @throws ProgramError; Error if it cannot be started or takes too long; the signal's reason.
 */
export async function run(program: string, args: readonly string[], options: RunOptions): Promise<Buffer> {
  const { cwd, signal, timeoutMs = LIMIT_MS, outputLimit = OUTPUT_LIMIT, goodCodes = [0] } = options;
  signal?.throwIfAborted();
  const { file, env } = trustedProgram(program, cwd, options.env);
  const group = await startGroup(file, args, { cwd, env: { ...env, ...options.variables } });
  const chunks: Buffer[] = [];
  let stderr = '';
  let isCut = false;
  const reading = (async () => {
    let size = 0;
    for await (const chunk of group.stdout as AsyncIterable<Buffer>) {
      size += chunk.length;
      isCut = size > outputLimit;
      if (isCut) return group.terminate(0);
      chunks.push(chunk);
    }
  })();
  const listening = (async () => {
    for await (const chunk of group.stderr) stderr = (stderr + chunk).slice(0, ERROR_LIMIT);
  })();
  const waited = await within(Promise.all([group.exited, reading, listening]), timeoutMs, signal);
  if (waited.kind !== 'done') {
    await group.terminate(0);
    group.stdout.destroy();
    group.stderr.destroy();
    signal?.throwIfAborted();
    throw new Error(`${program} has not ended in ${timeoutMs / 1_000} s`);
  }
  const [{ code }] = waited.value;
  if (!isCut && !goodCodes.includes(code ?? -1)) throw new ProgramError(program, code, stderr);
  return Buffer.concat(chunks);
}

export interface TerminalOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Piped in; without it the program reads from the terminal. */
  readonly input?: string;
  /** Written to the file descriptors 3, 4 … of the program. */
  readonly extraFds?: readonly Buffer[];
  /** Instead of `extraFds` the program has a descriptor 3 that ends when oagent does, however that happens. */
  readonly isWatched?: boolean;
  /** Signals to oagent that are meant for the program. */
  readonly passedOn?: readonly NodeJS.Signals[];
}

/**
 * Runs a program that has oagent's terminal, or its streams, until it ends. It is killed with oagent.
 *
 * @param file an absolute path.
 * @returns its exit code; 128 + n after a signal.
 * @throws Error if it cannot be started.
 */
export async function runInTerminal(
  file: string,
  args: readonly string[],
  { cwd, env, input, extraFds = [], isWatched = false, passedOn = [] }: TerminalOptions,
): Promise<number> {
  const { execa } = await import('execa');
  // Before the program starts: it can be quicker than what follows its start here, and a signal would then end oagent alone.
  const passOn = (signal: NodeJS.Signals): void => void program.kill(signal);
  for (const signal of passedOn) process.on(signal, passOn);
  const program = execa(file, args, {
    cwd,
    env,
    extendEnv: false,
    stdio: [
      input === undefined ? 'inherit' : Buffer.from(input),
      'inherit',
      'inherit',
      ...(isWatched ? (['pipe'] as const) : extraFds),
    ],
    forceKillAfterDelay: false,
    reject: false,
  });
  try {
    const { exitCode, signal, cause } = await program;
    if (exitCode === undefined && signal === undefined) throw cause;
    return exitCode ?? 128 + constants.signals[signal as NodeJS.Signals];
  } finally {
    for (const signal of passedOn) process.off(signal, passOn);
  }
}

/**
 * Gives a text to a program, whose output is dropped.
 *
 * @returns false if it fails or has not ended in time.
 * @throws Error if it is not installed.
 */
export async function feed(
  program: string,
  args: readonly string[],
  input: string,
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv; readonly timeoutMs: number },
): Promise<boolean> {
  const { cwd, timeoutMs } = options;
  const { file, env } = trustedProgram(program, cwd, options.env);
  const { execa } = await import('execa');
  const { failed } = await execa(file, args, {
    cwd,
    env,
    extendEnv: false,
    input,
    stdout: 'ignore',
    stderr: 'ignore',
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    reject: false,
  });
  return !failed;
}
