/**
 * The `shell` tool: runs one command and tells the model how it ended.
 *
 * Owns: the result's form (Codex's), the time limit, the environment of commands. Invariants: the item is
 * closed on every way out; after a time-out or an interrupt nothing of the command's process group runs;
 * memory is bounded whatever the command prints. stdout and stderr share one pipe, so they are merged in the
 * order in which they were written. The shell is no login shell: that would read the user's profile again for
 * every command, which can take seconds and print, and oagent has inherited its environment anyway.
 * Does not: decide what may run (safety), recognise patches (tools/apply-patch), keep a session open.
 */
import { statSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import description from '../../prompts/tools/shell.md?raw';
import { commandShell } from '../context/environment.ts';
import { type CapturedOutput, OutputCapture } from '../context/output-capture.ts';
import type { ToolSchema } from '../model/chat.ts';
import { positiveArgument, stringArgument } from './arguments.ts';
import { notFoundMessage } from './near-paths.ts';
import { OutputDeltas } from './output-deltas.ts';
import { type ProcessGroup, startGroup, within } from './process-tree.ts';
import type { Tool, ToolContext, ToolResult } from './tool.ts';
import { errorMessage, failure } from './tool-call-item.ts';

const DEFAULT_TIMEOUT_MS = 120_000;
/** The longest time that a timer can wait. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;
const TIMEOUT_GRACE_MS = 2_000;
const INTERRUPT_GRACE_MS = 100;
/** How long to read on after the shell has ended: a background process may hold the pipe open for ever. */
const DRAIN_MS = 2_000;
const TIMEOUT_EXIT_CODE = 124;
const COMMAND_LIMIT = 2 ** 20;

const schema: ToolSchema = {
  type: 'function',
  function: {
    name: 'shell',
    description: description.trim(),
    parameters: {
      type: 'object',
      properties: {
        command: { type: 'string' },
        workdir: { type: 'string' },
        timeout_ms: { type: 'integer' },
      },
      required: ['command'],
    },
  },
};

export interface ShellToolOptions {
  /** True if the command only reads: it may run beside others. */
  readonly isKnownSafe: (command: string) => boolean;
  /** Takes a command that is wholly an apply_patch call; undefined if it is not one. `workdir` is absolute. */
  readonly interceptPatch?: (
    command: string,
    workdir: string,
    ctx: ToolContext,
  ) => Promise<ToolResult> | undefined;
  /** What commands inherit; the process's own environment by default. */
  readonly env?: NodeJS.ProcessEnv;
}

export function createShellTool({ isKnownSafe, interceptPatch, env = process.env }: ShellToolOptions): Tool {
  return {
    schema,
    isReadOnly: (args) => isKnownSafe(stringArgument(args, 'command') ?? ''),
    run: async (args, ctx) => {
      const command = stringArgument(args, 'command') ?? '';
      const workdir = path.resolve(ctx.cwd, stringArgument(args, 'workdir') ?? '');
      const problem = commandProblem(command) ?? (await workdirProblem(workdir, ctx.cwd));
      if (problem !== undefined) return failure(problem);
      const patched = interceptPatch?.(command, workdir, ctx);
      if (patched !== undefined) return patched;
      const verdict = ctx.policy.checkCommand(command, workdir);
      if (!verdict.allowed) return failure(verdict.message);
      if (ctx.signal.aborted) return failure(abortedText(0));
      const timeoutMs = Math.min(
        positiveArgument(args, 'timeout_ms') ?? DEFAULT_TIMEOUT_MS,
        LONGEST_TIMEOUT_MS,
      );
      return runCommand({ command, workdir, timeoutMs, env }, ctx);
    },
  };
}

interface Command {
  readonly command: string;
  readonly workdir: string;
  readonly timeoutMs: number;
  readonly env: NodeJS.ProcessEnv;
}

type Ending =
  | { readonly kind: 'exited' | 'timeout'; readonly exitCode: number }
  | { readonly kind: 'aborted' };

async function runCommand(
  { command, workdir, timeoutMs, env }: Command,
  ctx: ToolContext,
): Promise<ToolResult> {
  const shell = commandShell();
  const item = {
    type: 'command_execution',
    id: ctx.nextItemId(),
    command: `${shell} -c ${quote(command)}`,
    cwd: workdir,
  } as const;
  const start = performance.now();
  const close = (output: string, exitCode: number | null): void => {
    const durationMs = Math.round(performance.now() - start);
    const status = exitCode === 0 ? 'completed' : 'failed';
    ctx.emit({ type: 'item_completed', item: { ...item, output, exitCode, durationMs, status } });
  };
  ctx.emit({
    type: 'item_started',
    item: { ...item, output: '', exitCode: null, durationMs: 0, status: 'in_progress' },
  });

  let group: ProcessGroup;
  try {
    // stderr joins stdout, so that both come through one pipe in order; only what the shell says of a script that it
    // cannot parse still comes through the other.
    const args = ['-c', `exec 2>&1; ${command}`];
    group = await startGroup(shell, args, { cwd: workdir, env: commandEnvironment(env) });
  } catch (error) {
    const text = startProblem(error, command);
    close(text, null);
    return failure(text);
  }
  const deltas = new OutputDeltas((text) => ctx.emit({ type: 'item_delta', itemId: item.id, text }));
  const capture = new OutputCapture({ limitBytes: ctx.outputLimit, spillPath: ctx.spillPath });
  const { ending, leftBehind } = await follow(group, timeoutMs, ctx.signal, (chunk) => {
    deltas.add(chunk);
    return capture.write(chunk);
  });
  deltas.end();
  const seconds = (performance.now() - start) / 1_000;
  const captured = await capture.finish();
  const notice = ending.kind === 'timeout' ? `command timed out after ${timeoutMs} milliseconds\n` : '';
  close(notice + captured.displayText, ending.kind === 'aborted' ? null : ending.exitCode);
  if (ending.kind === 'aborted') return failure(abortedText(seconds));
  const notes = leftBehind
    ? ['A background process still runs; its further output is not captured.', ...captured.notes]
    : captured.notes;
  return {
    ok: ending.exitCode === 0,
    text: resultText(ending.exitCode, seconds, notice, { ...captured, notes }),
    bounded: true,
  };
}

/** Hands every chunk of the group's output to `take` until it has ended, is out of time or is interrupted. */
async function follow(
  group: ProcessGroup,
  timeoutMs: number,
  signal: AbortSignal,
  take: (chunk: Buffer) => void | Promise<void>,
): Promise<{ ending: Ending; leftBehind: boolean }> {
  let taken: Promise<void> | undefined;
  const pipes = [group.stdout, group.stderr];
  for (const pipe of pipes) {
    pipe.on('data', (chunk: Buffer) => {
      const taking = take(chunk);
      if (taking === undefined) return;
      pipe.pause();
      taken = taking.then(() => void pipe.resume());
    });
  }
  const closed = Promise.all(
    pipes.map((pipe) => new Promise<void>((resolve) => pipe.once('close', resolve))),
  );

  let waited = await within(group.exited, timeoutMs, signal);
  if (waited.kind === 'timeout') await group.terminate(TIMEOUT_GRACE_MS);
  const drained = await within(closed, DRAIN_MS, signal);
  if (drained.kind === 'aborted') {
    waited = drained;
    await group.terminate(INTERRUPT_GRACE_MS);
    await within(closed, INTERRUPT_GRACE_MS);
  }
  const leftBehind = waited.kind === 'done' && drained.kind === 'timeout';
  if (leftBehind) group.detach();
  else for (const pipe of pipes) pipe.destroy();
  await taken;
  switch (waited.kind) {
    case 'done':
      return { ending: { kind: 'exited', exitCode: exitCodeOf(waited.value) }, leftBehind };
    case 'timeout':
      return { ending: { kind: 'timeout', exitCode: TIMEOUT_EXIT_CODE }, leftBehind };
    case 'aborted':
      return { ending: { kind: 'aborted' }, leftBehind };
  }
}

/** The exit code, or 128 and the number of the signal, as shells count. */
function exitCodeOf({ code, signal }: { code: number | null; signal: NodeJS.Signals | null }): number {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

function resultText(exitCode: number, seconds: number, notice: string, output: CapturedOutput): string {
  const lines = output.truncated ? `Total output lines: ${output.totalLines}\n` : '';
  const text = notice + output.modelText;
  const separator = text === '' || text.endsWith('\n') ? '' : '\n';
  const notes =
    output.notes.length === 0 ? '' : separator + output.notes.map((note) => `[${note}]`).join('\n');
  return `Exit code: ${exitCode}\nWall time: ${seconds.toFixed(1)} seconds\n${lines}Output:\n${text}${notes}`;
}

function abortedText(seconds: number): string {
  return `Wall time: ${seconds.toFixed(1)} seconds\naborted by user`;
}

function commandProblem(command: string): string | undefined {
  if (command.trim() === '') return 'command is empty: give the shell command to run';
  if (command.includes('\0')) return 'command contains a NUL byte, which no shell command may';
  return Buffer.byteLength(command) > COMMAND_LIMIT ? tooLong(command) : undefined;
}

function tooLong(command: string): string {
  return `command is too long (${Buffer.byteLength(command)} bytes): write long text to a file with apply_patch first`;
}

async function workdirProblem(workdir: string, cwd: string): Promise<string | undefined> {
  try {
    return statSync(workdir).isDirectory() ? undefined : `workdir is not a directory: ${workdir}`;
  } catch {
    return `workdir: ${await notFoundMessage(workdir, cwd)}`;
  }
}

function startProblem(error: unknown, command: string): string {
  // Linux takes no single argument of more than 128 KiB.
  if (error instanceof Error && 'code' in error && error.code === 'E2BIG') return tooLong(command);
  return `the command could not be started: ${errorMessage(error)}`;
}

/** Plain, English, unpaged output: nothing that waits for a key or costs tokens for colours. */
function commandEnvironment(inherited: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  // macOS has no C.UTF-8, and programs complain of a locale that does not exist.
  const locale = process.platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8';
  const { FORCE_COLOR: _force, CLICOLOR_FORCE: _clicolor, ...rest } = inherited;
  return {
    ...rest,
    NO_COLOR: '1',
    TERM: 'dumb',
    PAGER: 'cat',
    GIT_PAGER: 'cat',
    GH_PAGER: 'cat',
    LANG: locale,
    LC_ALL: locale,
  };
}

/** One word of a POSIX command line. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
