/**
 * Runs one shell command and says how it ended, for the model and for the screen.
 *
 * Owns: the result's form (Codex's), the item, the end of a command that is out of time or interrupted. Invariants: the
 * item is closed on every way out; after a time-out or an interrupt nothing of the command's process group runs; memory
 * is bounded whatever the command prints. stdout and stderr share one pipe, so they are merged in the order in which
 * they were written. The shell is no login shell: that would read the user's profile again for every command, which
 * can take seconds and print, and oagent has inherited its environment anyway.
 * Does not: decide what may run, or how it is confined (the permit says so).
 */
import { constants } from 'node:os';
import { commandShell } from '../context/environment.ts';
import { type CapturedOutput, OutputCapture } from '../context/output-capture.ts';
import type { CommandPermit } from '../safety/guard.ts';
import type { Prepared } from '../safety/sandbox/sandbox.ts';
import { shellWord } from '../text/shell-word.ts';
import { OutputDeltas } from './output-deltas.ts';
import { type ProcessGroup, startGroup, within } from './process-tree.ts';
import type { ToolContext, ToolResult } from './tool.ts';
import { errorMessage, failure } from './tool-call-item.ts';

const TIMEOUT_GRACE_MS = 2_000;
const INTERRUPT_GRACE_MS = 100;
/** How long to read on after the shell has ended: a background process may hold the pipe open for ever. */
const DRAIN_MS = 2_000;
const TIMEOUT_EXIT_CODE = 124;

/** `workdir` is absolute; `env` is the whole environment. */
export interface Command {
  readonly command: string;
  readonly workdir: string;
  readonly timeoutMs: number;
  readonly env: NodeJS.ProcessEnv;
}

type Ending =
  | { readonly kind: 'exited' | 'timeout'; readonly exitCode: number }
  | { readonly kind: 'aborted' };

/** Runs the command, and again outside of the sandbox if that stopped it and the guard allows it. */
export async function runPermitted(
  command: Command,
  permit: CommandPermit,
  ctx: ToolContext,
): Promise<ToolResult> {
  const { result, exitCode, output } = await runCommand(command, permit, ctx);
  const again = await permit.afterRun?.(exitCode, output);
  return again === undefined || ctx.signal.aborted ? result : (await runCommand(command, again, ctx)).result;
}

interface CommandEnd {
  readonly result: ToolResult;
  /** Null if it did not start or was interrupted. */
  readonly exitCode: number | null;
  /** What was shown of its output. */
  readonly output: string;
}

async function runCommand(
  { command, workdir, timeoutMs, env }: Command,
  permit: CommandPermit,
  ctx: ToolContext,
): Promise<CommandEnd> {
  const shell = commandShell();
  const item = {
    type: 'command_execution',
    id: ctx.nextItemId(),
    command: `${shell} -c ${shellWord(command)}`,
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
  let prepared: Prepared | undefined;
  try {
    // stderr joins stdout, so that both come through one pipe in order; only what the shell says of a script that it
    // cannot parse still comes through the other.
    const args = ['-c', `exec 2>&1; ${command}`];
    prepared = await permit.prepare?.([shell, ...args], workdir, env);
    group = await (prepared === undefined
      ? startGroup(shell, args, { cwd: workdir, env })
      : startGroup(prepared.file, prepared.args, {
          cwd: workdir,
          env: prepared.env,
          extraFds: prepared.extraFds,
        }));
  } catch (error) {
    await prepared?.finish();
    const text = startProblem(error, command);
    close(text, null);
    return { result: failure(text), exitCode: null, output: '' };
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
  const warnings = (await prepared?.finish()) ?? [];
  const notice = ending.kind === 'timeout' ? `command timed out after ${timeoutMs} milliseconds\n` : '';
  close(notice + captured.displayText, ending.kind === 'aborted' ? null : ending.exitCode);
  const output = captured.displayText;
  if (ending.kind === 'aborted') return { result: failure(abortedText(seconds)), exitCode: null, output };
  const background = leftBehind
    ? ['A background process still runs; its further output is not captured.']
    : [];
  const notes = [...background, ...captured.notes, ...warnings];
  const text = resultText(ending.exitCode, seconds, notice, { ...captured, notes });
  return { result: { ok: ending.exitCode === 0, text, bounded: true }, exitCode: ending.exitCode, output };
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

/** What the model gets of a command that the user interrupted after so many seconds. */
export function abortedText(seconds: number): string {
  return `Wall time: ${seconds.toFixed(1)} seconds\naborted by user`;
}

function startProblem(error: unknown, command: string): string {
  // Linux takes no single argument of more than 128 KiB.
  if (error instanceof Error && 'code' in error && error.code === 'E2BIG') return tooLong(command);
  return `the command could not be started: ${errorMessage(error)}`;
}

/** What the model gets for a command that the system does not take. */
export function tooLong(command: string): string {
  return `command is too long (${Buffer.byteLength(command)} bytes): write long text to a file with apply_patch first`;
}
