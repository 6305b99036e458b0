/**
 * Runs the programs that oagent starts for itself, and waits for them: git, an editor, the clipboard. Outside the sandbox,
 * so none comes from a folder that others write to, and what they start themselves is looked for on a PATH without such.
 *
 * Invariants: the output is bounded, and a program that is stopped is gone, with what it has started.
 * `git` answers for the repository around the folder, whatever the variables of git name, runs no program that the
 * repository names (monitor, hook, pager, signature check, external diff), never prompts and writes nothing.
 *
 * What prints is run by process-group.ts, because `exec` asks git before its first request and execa takes 15 ms to
 * load; what has the terminal, or reads, is run by execa.
 */
import { constants } from 'node:os';
import { shellWord } from '../text/shell-word.ts';
import { trustedProgram } from './find-program.ts';
import { startGroup } from './process-group.ts';
import { LONGEST_WAIT_MS, within } from './within.ts';

const OUTPUT_LIMIT = 128 * 1024 * 1024;
const ERROR_LIMIT = 4_000;
const QUICK_MS = 3_000;

export interface RunOptions {
  readonly cwd: string;
  readonly signal?: AbortSignal;
  /** Milliseconds after which the program is stopped; what it printed until then counts. */
  readonly timeoutMs?: number;
  /** Bytes after which the program is stopped; what it printed until then counts. */
  readonly outputLimit?: number;
  /** Exit codes that do not count as a failure; default: 0. */
  readonly goodCodes?: readonly number[];
  readonly env?: NodeJS.ProcessEnv;
}

const HARMLESS_GIT = [
  '--no-pager',
  ...['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '-c', 'core.untrackedCache=false'],
  ...['-c', 'diff.external=', '-c', 'log.showSignature=false', '-c', 'core.quotePath=false'],
  // A folder of the project that looks like a bare repository is none.
  ...['-c', 'protocol.allow=never', '-c', 'safe.bareRepository=explicit'],
];

/** The variables of git that stay: where the user's configuration is, and how far up a repository is looked for. */
const GIT_VARIABLES =
  /^GIT_(?:CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+)|CEILING_DIRECTORIES|DISCOVERY_ACROSS_FILESYSTEM|EXEC_PATH)$/;

/**
 * What git prints. `args` may begin with `-c` settings.
 *
 * @throws GitRefused; Error if it cannot be started or fails; the signal's reason.
 */
export async function git(args: readonly string[], options: Omit<RunOptions, 'env'>): Promise<Buffer> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('GIT_') || GIT_VARIABLES.test(name),
  );
  const env = {
    ...Object.fromEntries(kept),
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C',
  };
  try {
    return await run('git', [...HARMLESS_GIT, ...args], { ...options, env });
  } catch (error) {
    const folder = error instanceof ProgramError ? DUBIOUS.exec(error.stderr)?.[1] : undefined;
    throw folder === undefined ? error : new GitRefused(folder);
  }
}

const DUBIOUS = /detected dubious ownership in repository at '(.+)'/;

/** Git does not work in a repository of another user. */
export class GitRefused extends Error {
  override readonly name = 'GitRefused';

  constructor(folder: string) {
    const cure = `git config --global --add safe.directory ${shellWord(folder)}`;
    super(`git refuses ${folder}, because it belongs to another user. If you trust it: ${cure}`);
  }
}

/** Why git does not work around `cwd`, with its cure; undefined if it does, or there is no repository. */
export async function gitProblem(cwd: string): Promise<string | undefined> {
  return git(['rev-parse', '--git-dir'], { cwd, timeoutMs: QUICK_MS }).then(
    () => undefined,
    (error: unknown) => (error instanceof GitRefused ? error.message : undefined),
  );
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
 * @throws ProgramError; Error if it cannot be started; the signal's reason.
 */
export async function run(program: string, args: readonly string[], options: RunOptions): Promise<Buffer> {
  const { cwd, signal, timeoutMs = LONGEST_WAIT_MS, outputLimit = OUTPUT_LIMIT, goodCodes = [0] } = options;
  signal?.throwIfAborted();
  const { file, env } = trustedProgram(program, cwd, options.env);
  const group = await startGroup(file, args, { cwd, env });
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
    return Buffer.concat(chunks);
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
  { cwd, env, input, extraFds = [], passedOn = [] }: TerminalOptions,
): Promise<number> {
  const { execa } = await import('execa');
  // Before the program starts: it can be quicker than what follows its start here, and a signal would then end oagent alone.
  const passOn = (signal: NodeJS.Signals): void => void program.kill(signal);
  for (const signal of passedOn) process.on(signal, passOn);
  const program = execa(file, args, {
    cwd,
    env,
    extendEnv: false,
    stdio: [input === undefined ? 'inherit' : Buffer.from(input), 'inherit', 'inherit', ...extraFds],
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
