/**
 * A command as the user sees it (one `command_execution` item, opened and closed once) and as the model reads it (in Codex's words).
 */

import type { CapturedOutput } from '../../context/output-capture.ts';
import { checkOf } from '../../context/seen/checks.ts';
import type { TestRun } from '../../protocol/evidence.ts';
import type { Item } from '../../protocol.ts';
import type { CommandPermit } from '../../safety/guard.ts';
import { errorCode, errorMessage } from '../../text/error-message.ts';
import type { ToolContext } from '../tool.ts';
import { type Command, type StartedCommand, shownCommand, startCommand } from './command-process.ts';
import { OutputDeltas } from './output-deltas.ts';
import type { CommandEnd } from './running-command.ts';
import { RunningCommand } from './running-command.ts';

type Fields = Pick<
  Extract<Item, { type: 'command_execution' }>,
  'output' | 'exitCode' | 'status' | 'sessionId' | 'tests'
>;

/** A running command and its open item. */
export interface ShownCommand {
  readonly running: RunningCommand;
  /** Since the start. */
  readonly seconds: () => number;
  /** To be called when it is not waited for any more: keeps what it has changed, and closes the item. */
  readonly close: (fields: Fields) => Promise<void>;
  /** Shows the end of a command whose item was closed while it ran: an item of its own, with the whole output. */
  readonly showEnd: (sessionId: number, exitCode: number) => Promise<void>;
}

export interface ShowOptions {
  readonly limitBytes: number;
  readonly maxSpillBytes?: number | undefined;
}

/** Opens the item and starts the command. A command that cannot be started is a text for the model; its item is closed. */
export async function startShown(
  command: Command,
  permit: CommandPermit,
  ctx: ToolContext,
  { limitBytes, maxSpillBytes }: ShowOptions,
): Promise<ShownCommand | { readonly problem: string }> {
  const id = ctx.nextItemId();
  const item = {
    type: 'command_execution',
    id,
    command: shownCommand(command.command),
    cwd: command.workdir,
  } as const;
  let start = performance.now();
  const deltas = new OutputDeltas((text) => ctx.emit({ type: 'item_delta', itemId: id, text }));
  const close = async (fields: Fields): Promise<void> => {
    deltas.end();
    const durationMs = Math.round(performance.now() - start);
    await kept?.end();
    ctx.emit({ type: 'item_completed', item: { ...item, durationMs, ...fields } });
  };
  ctx.emit({
    type: 'item_started',
    item: { ...item, output: '', exitCode: null, durationMs: 0, status: 'in_progress' },
  });
  const { writes } = permit;
  const kept = writes && (await ctx.keepChanges?.(writes));
  start = performance.now();
  let started: StartedCommand;
  try {
    started = await startCommand(command, permit, { privatePath: () => `${ctx.spillPath()}.filter` });
  } catch (error) {
    const problem = startProblem(error, command.command);
    await close({ output: problem, exitCode: null, status: 'failed' });
    return { problem };
  }
  const options = { limitBytes, maxSpillBytes, spillPath: ctx.spillPath, writes };
  const running = new RunningCommand(started, options, (chunk) => deltas.add(chunk));
  const showEnd = async (sessionId: number, exitCode: number): Promise<void> => {
    const output = await running.whole();
    const end = {
      ...item,
      id: ctx.nextItemId(),
      durationMs: Math.round(performance.now() - start),
      sessionId,
    };
    ctx.emit({
      type: 'item_started',
      item: { ...end, output: '', exitCode: null, durationMs: 0, status: 'in_progress' },
    });
    const status = exitCode === 0 ? 'completed' : 'failed';
    const tests = await testsIn(command.command, output);
    ctx.emit({ type: 'item_completed', item: { ...end, output, exitCode, status, ...tests } });
  };
  return { running, seconds: () => (performance.now() - start) / 1_000, close, showEnd };
}

/** What the output of a command that runs tests says of them. The readers are only loaded for one. */
export async function testsIn(command: string, output: string): Promise<{ readonly tests?: TestRun }> {
  if (checkOf(command)?.kind !== 'test') return {};
  const { testRunOf } = await import('../../context/test-output/test-summary.ts');
  const tests = testRunOf(output);
  return tests === undefined ? {} : { tests };
}

/** What a result says about the output: how much there was, if it was cut, then the text and the notes. */
export function outputText(output: CapturedOutput, notes: readonly string[], notice = ''): string {
  const lines = output.truncated ? `Total output lines: ${output.totalLines}\n` : '';
  const text = notice + output.modelText;
  const separator = text === '' || text.endsWith('\n') || notes.length === 0 ? '' : '\n';
  return `${lines}Output:\n${text}${separator}${notes.map((note) => `[${note}]`).join('\n')}`;
}

/** `outputText`; on a terminal every line ends in two or more characters, of which one is enough for a model. */
export function modelOutput(
  output: CapturedOutput,
  notes: readonly string[],
  { tty = false }: { readonly tty?: boolean },
): string {
  return tty
    ? outputText({ ...output, modelText: output.modelText.replace(/\r+\n/g, '\n') }, notes)
    : outputText(output, notes);
}

/** Everything to say about a command that has ended, besides its output. */
export function endNotes(end: CommandEnd, output: CapturedOutput, permit?: CommandPermit): readonly string[] {
  const denial = permit?.notes?.(end.exitCode, output.displayText) ?? [];
  return [...end.notes, ...output.notes, ...denial];
}

export function wallTime(seconds: number): string {
  return `Wall time: ${seconds.toFixed(1)} seconds`;
}

/** What the model gets for a call that the user interrupted after this time. */
export function abortedText(seconds: number): string {
  return `${wallTime(seconds)}\naborted by user`;
}

/** What the model gets for a command that the sandbox could not start. */
export function neverRanText(problem: string): string {
  return `the sandbox could not be set up, so the command did not run: ${problem}`;
}

function startProblem(error: unknown, command: string): string {
  // Linux takes no single argument of more than 128 KiB.
  if (errorCode(error) === 'E2BIG') return tooLong(command);
  return `the command could not be started: ${errorMessage(error)}`;
}

/** What the model gets for a command that is too long for the system. Which tool changes files depends on its set. */
export function tooLong(command: string): string {
  return `command is too long (${Buffer.byteLength(command)} bytes): write long text to a file with another tool first`;
}
