/**
 * ripgrep: which one is run, and its start with limits of time and memory. Nobody knows what it meets in a workspace: it waits
 * for a pipe in the place of an ignore file, and reads an endless one into memory.
 */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { trustedProgram } from './find-program.ts';
import { type ProcessGroup, startGroup } from './process-group.ts';
import { type RunOptions, run } from './run.ts';

/** For a listing or a search of a whole disk. */
const LIMIT_MS = 60_000;
/** In KiB. */
const MEMORY_LIMIT = 3 * 2 ** 20;
const LIMITED = `ulimit -v ${MEMORY_LIMIT} 2>/dev/null; exec "$0" "$@"`;

interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Starts it in `cwd`; it is stopped after a minute. @throws Error if it cannot be started. */
export async function startRipgrep(
  args: readonly string[],
  { cwd, env = process.env }: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Promise<ProcessGroup> {
  const command = await limited(args, cwd, env);
  const group = await startGroup(command.file, command.args, { cwd, env: command.env });
  const timer = setTimeout(() => void group.terminate(0), LIMIT_MS);
  timer.unref();
  void group.exited.then(() => clearTimeout(timer));
  return group;
}

/** What it prints. @throws ProgramError; Error if it cannot be started or takes too long; the signal's reason. */
export async function runRipgrep(args: readonly string[], options: Omit<RunOptions, 'env'>): Promise<Buffer> {
  const command = await limited(args, options.cwd, process.env);
  return run(command.file, command.args, { timeoutMs: LIMIT_MS, ...options, env: command.env });
}

/** The rg that OAGENT_RG names, else the one that came with oagent, else the one on PATH. */
async function limited(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Command> {
  const wanted = env.OAGENT_RG || ((await bundled()) ?? 'rg');
  const program = trustedProgram(wanted, cwd, env);
  if (process.platform === 'win32') return { ...program, args };
  await access(program.file, constants.X_OK);
  return { file: '/bin/sh', args: ['-c', LIMITED, program.file, ...args], env: program.env };
}

async function bundled(): Promise<string | undefined> {
  try {
    // Throws while loading on a platform that has no binary.
    const { rgPath } = await import('@vscode/ripgrep');
    await access(rgPath);
    return rgPath;
  } catch {
    return undefined;
  }
}
