/**
 * Runs one command to its end, as the `shell` tool does. The item is closed whatever happens. After a timeout or an interrupt
 * nothing of the command's process group runs; what it leaves in the background is known to the session.
 */
import type { CapturedOutput } from '../../context/output-capture.ts';
import type { TestRun } from '../../protocol/evidence.ts';
import type { CommandPermit } from '../../safety/guard.ts';
import { LONGEST_WAIT_MS, within } from '../../system/within.ts';
import type { ToolContext, ToolResult } from '../tool.ts';
import { refusal } from '../tool-call-item.ts';
import {
  abortedText,
  endNotes,
  neverRanText,
  outputText,
  type ShownCommand,
  startShown,
  testsIn,
  wallTime,
} from './command-item.ts';
import type { Command } from './command-process.ts';

const TIMEOUT_GRACE_MS = 2_000;
export const INTERRUPT_GRACE_MS = 100;
const TIMEOUT_EXIT_CODE = 124;

export interface TimedCommand extends Command {
  readonly timeoutMs: number;
  readonly maxSpillBytes?: number | undefined;
  /** Bytes of output up to which no file of it is kept; by default what the model gets of an output. */
  readonly limitBytes?: number;
}

/** A command that has ended by itself, or because its time was over. */
export interface EndedCommand {
  readonly captured: CapturedOutput;
  readonly exitCode: number;
  /** Its time was over. */
  readonly isLate: boolean;
  /** Since its start. */
  readonly seconds: number;
  /** What else the model must know, one sentence each. */
  readonly notes: readonly string[];
}

/** What the model gets of a command that has ended, and what it says of tests. */
type CommandReport = (
  ended: EndedCommand,
) => Promise<{ readonly text: string; readonly tests?: TestRun | undefined }>;

/** Runs the command, and again outside of the sandbox if that stopped it and the guard allows it. */
export async function runPermitted(
  command: TimedCommand,
  permit: CommandPermit,
  ctx: ToolContext,
  report: CommandReport = plainReport(command),
): Promise<ToolResult> {
  const { result, exitCode, output } = await onceMore(() => runCommand(command, permit, ctx, report));
  const again = await permit.afterRun?.(exitCode, output);
  return again === undefined || ctx.signal.aborted
    ? result
    : (await runCommand(command, again, ctx, report)).result;
}

/** What a tool learns from a command that it has run. */
export interface CommandOutcome {
  readonly result: ToolResult;
  /** Null if it did not start, was interrupted, or still runs. */
  readonly exitCode: number | null;
  /** What was shown of its output. */
  readonly output: string;
  /** The sandbox could not start it. */
  readonly neverRan?: true;
}

/** Runs a command, and again with a new plan for the sandbox if a file vanished between the plan and its use. */
export async function onceMore(run: () => Promise<CommandOutcome>): Promise<CommandOutcome> {
  const outcome = await run();
  return outcome.neverRan === true ? run() : outcome;
}

/** The outcome of a command that the sandbox could not start. */
export async function neverRan(problem: string, close: ShownCommand['close']): Promise<CommandOutcome> {
  const text = neverRanText(problem);
  await close({ output: text, exitCode: null, status: 'failed' });
  return { result: refusal(text), exitCode: null, output: text, neverRan: true };
}

async function runCommand(
  { timeoutMs, maxSpillBytes, limitBytes, ...command }: TimedCommand,
  permit: CommandPermit,
  ctx: ToolContext,
  report: CommandReport,
): Promise<CommandOutcome> {
  const shown = await startShown(command, permit, ctx, {
    limitBytes: limitBytes ?? ctx.outputLimit,
    maxSpillBytes,
  });
  if ('problem' in shown) return { result: refusal(shown.problem), exitCode: null, output: '' };
  const { running, seconds, close } = shown;
  const waited = await within(running.exited, timeoutMs, ctx.signal);
  if (waited.kind === 'timeout') await running.stop(TIMEOUT_GRACE_MS);
  const drained = await within(running.ended, LONGEST_WAIT_MS, ctx.signal);
  const isAborted = drained.kind === 'aborted';
  if (isAborted) await running.stop(INTERRUPT_GRACE_MS);
  const end = await running.ended;
  ctx.sessions.leave(running.process);
  const duration = seconds();
  const captured = await running.take();
  if (end.neverRan !== undefined && !isAborted) return neverRan(end.neverRan, close);
  const isLate = waited.kind === 'timeout';
  const output = captured.displayText;
  if (isAborted) {
    await close({ output, exitCode: null, status: 'failed' });
    return { result: refusal(abortedText(duration)), exitCode: null, output };
  }
  const exitCode = isLate ? TIMEOUT_EXIT_CODE : end.exitCode;
  const notes = endNotes(end, captured, permit);
  const { text, tests } = await report({ captured, exitCode, isLate, seconds: duration, notes });
  const status = exitCode === 0 ? 'completed' : 'failed';
  await close({ output: noticeOf(isLate, timeoutMs) + output, exitCode, status, ...(tests && { tests }) });
  return { result: { ok: exitCode === 0, text, bounded: true }, exitCode, output };
}

/** As `shell` says it. */
function plainReport({ command, timeoutMs }: TimedCommand): CommandReport {
  return async ({ captured, exitCode, isLate, seconds, notes }) => {
    const text = outputText(captured, notes, noticeOf(isLate, timeoutMs));
    const { tests } = await testsIn(command, captured.displayText);
    return { text: `Exit code: ${exitCode}\n${wallTime(seconds)}\n${text}`, tests };
  };
}

function noticeOf(isLate: boolean, timeoutMs: number): string {
  return isLate ? `command timed out after ${timeoutMs} milliseconds\n` : '';
}
