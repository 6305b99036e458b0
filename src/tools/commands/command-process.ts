/**
 * Starts a command that the guard has permitted: in the sandbox or not, on pipes or on a terminal.
 *
 * What the permit prepared is finished exactly once, even if the start fails. Without a terminal stdin is closed, and stdout and
 * stderr share one pipe, so that they stay in the order in which they were written. The shell reads no start-up file: that can take
 * seconds, print or exit, and oagent has inherited the environment anyway.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { commandShell } from '../../context/environment.ts';
import type { CommandPermit } from '../../safety/guard.ts';
import type { Prepared } from '../../safety/sandbox/sandbox.ts';
import { type GroupOptions, startGroup } from '../../system/process-group.ts';
import { shellWord } from '../../text/shell-word.ts';
import { type CommandProcess, loadPty, type Pty, startPty, TERMINAL_SIZE } from './pty.ts';

/** `workdir` is absolute; `env` is the whole environment. */
export interface Command {
  readonly command: string;
  readonly workdir: string;
  readonly env: NodeJS.ProcessEnv;
  /** It gets a terminal, and what is written to `input` is typed there. */
  readonly tty?: boolean;
}

export interface StartedCommand {
  readonly process: CommandProcess;
  /** `outputs` are stdout, all that the command itself writes to, and the stderr of what starts it; see `Prepared`. */
  readonly setupProblem?: Prepared['setupProblem'];
  /** To be called when it has ended; gives warnings, one line each. */
  readonly finish: () => Promise<readonly string[]>;
}

export interface StartOptions {
  /** Names a private file that commands in the sandbox cannot write. */
  readonly privatePath: () => string;
  /** Loads the native package; by default the one that is installed. */
  readonly loadPty?: () => Promise<Pty | undefined>;
  /** The program to use where there is no native package; by default the system's. */
  readonly script?: string;
}

/** Opens so many files that `$1` and the next name as descriptors 3, 4 …: a process on a terminal can be given nothing but the terminal. */
function withFiles(count: number): string {
  const opened = Array.from({ length: count }, (_, index) => `${index + 3}<"$${index + 1}"`);
  return `exec ${opened.join(' ')}; shift ${count}; exec "$@"`;
}

/** Bash reads .bashrc for a command too, if it takes itself for one that ssh or a network service has started. */
function shellArguments(shell: string): readonly string[] {
  return shell.endsWith('/bash') ? ['--noprofile', '--norc', '-c'] : ['-c'];
}

/** The command as the user sees it. */
export function shownCommand(command: string): string {
  return `${commandShell()} -c ${shellWord(command)}`;
}

/** @throws the error of the system, or of the sandbox, if it cannot be started. */
export async function startCommand(
  command: Command,
  permit: CommandPermit,
  options: StartOptions,
): Promise<StartedCommand> {
  if (command.tty !== true) return startPiped(piped(command), permit, {});
  const pty = await (options.loadPty ?? loadPty)();
  if (pty !== undefined) return startOnTerminal(pty, command, permit, options);
  const { script = '/usr/bin/script' } = options;
  // On other systems it takes other flags.
  if (process.platform !== 'linux' || !existsSync(script)) {
    throw new Error(
      'tty=true needs the package @lydell/node-pty or the program `script`, and neither works here: use tty=false',
    );
  }
  return startPiped(byScript(script, command), permit, { stdin: true });
}

interface Launch extends Pick<GroupOptions, 'cwd' | 'env'> {
  readonly argv: readonly [string, ...string[]];
}

function piped({ command, workdir: cwd, env }: Command): Launch {
  // stderr joins stdout, so that both come through one pipe in order; only what the shell says of a script that it
  // cannot parse still comes through the other.
  const shell = commandShell();
  return { argv: [shell, ...shellArguments(shell), `exec 2>&1; ${command}`], cwd, env };
}

/** The program of util-linux that puts a terminal between its own pipes and a command. */
function byScript(script: string, { command, workdir: cwd, env }: Command): Launch {
  const shell = commandShell();
  const line = `stty rows ${TERMINAL_SIZE.rows} cols ${TERMINAL_SIZE.cols}; exec ${[shell, ...shellArguments(shell)].join(' ')} ${shellWord(command)}`;
  return { argv: [script, '-qfec', line, '/dev/null'], cwd, env: { ...env, SHELL: shell } };
}

async function startPiped(
  { argv, cwd, env }: Launch,
  permit: CommandPermit,
  { stdin = false }: { readonly stdin?: boolean },
): Promise<StartedCommand> {
  const prepared = await permit.prepare?.(argv, cwd, env);
  try {
    const [file, ...args] = argv;
    const { stdout, stderr, ...group } = await (prepared === undefined
      ? startGroup(file, args, { cwd, env, stdin, isWatched: true })
      : startGroup(prepared.file, prepared.args, {
          cwd,
          env: prepared.env,
          extraFds: prepared.extraFds,
          stdin,
        }));
    return {
      process: { ...group, input: group.stdin, outputs: [stdout, stderr] },
      setupProblem: prepared?.setupProblem,
      finish: finishOf(prepared),
    };
  } catch (error) {
    await prepared?.finish();
    throw error;
  }
}

async function startOnTerminal(
  pty: Pty,
  { command, workdir: cwd, env }: Command,
  permit: CommandPermit,
  { privatePath }: StartOptions,
): Promise<StartedCommand> {
  const shell = commandShell();
  const args = [...shellArguments(shell), command];
  const prepared = await permit.prepare?.([shell, ...args], cwd, env, { pty: true });
  if (prepared === undefined) {
    return {
      process: startPty(pty, shell, args, { cwd, env, isWatched: true }),
      finish: finishOf(undefined),
    };
  }
  const files: string[] = [];
  const finish = async (): Promise<readonly string[]> => {
    // They hold little more than the filter: if they stay, that costs a few hundred bytes.
    for (const file of files) await rm(file, { force: true }).catch(() => {});
    return prepared.finish();
  };
  try {
    const confined = [prepared.file, ...prepared.args];
    const first = privatePath();
    for (const [index, bytes] of prepared.extraFds.entries()) {
      const file = index === 0 ? first : `${first}${index}`;
      writeFileSync(file, bytes, { mode: 0o600, flag: 'wx' });
      files.push(file);
    }
    if (files.length > 0) confined.unshift('/bin/sh', '-c', withFiles(files.length), 'sh', ...files);
    const [program = '', ...rest] = confined;
    return { process: startPty(pty, program, rest, { cwd, env: prepared.env, isWatched: false }), finish };
  } catch (error) {
    await finish();
    throw error;
  }
}

function finishOf(prepared: Prepared | undefined): StartedCommand['finish'] {
  return async () => (await prepared?.finish()) ?? [];
}
