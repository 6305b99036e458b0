/**
 * The `exec_command` tool: a command that may outlast its call. An interrupt while the call waits ends the command, as with
 * `shell`; a command that has yielded lives on in the session.
 */
import description from '../../../prompts/tools/exec_command.md?raw';
import type { CommandPermit } from '../../safety/guard.ts';
import { LONGEST_WAIT_MS, within } from '../../system/within.ts';
import { positiveArgument, stringArgument } from '../arguments.ts';
import type { Tool, ToolContext, ToolResult } from '../tool.ts';
import { refusal } from '../tool-call-item.ts';
import { abortedText, endNotes, modelOutput, startShown, testsIn, wallTime } from './command-item.ts';
import { admit, type CommandToolOptions, commandSchema, defaultEnvironment } from './command-permit.ts';
import type { Command } from './command-process.ts';
import { type CommandOutcome, INTERRUPT_GRACE_MS, neverRan, onceMore } from './run-command.ts';
import type { RunningCommand } from './running-command.ts';

const DEFAULT_YIELD_MS = 10_000;
/** How long a call that starts or types something may wait. */
export const YIELD_RANGE_MS = { min: 250, max: 30_000 } as const;
/** The same rule of thumb as for `tool_output_token_limit`. */
const BYTES_PER_TOKEN = 4;

const SHOWN = {
  name: 'exec_command',
  description,
  properties: {
    cmd: { type: 'string' },
    workdir: { type: 'string' },
    tty: { type: 'boolean' },
    yield_time_ms: { type: 'integer' },
    max_output_tokens: { type: 'integer' },
  },
  required: ['cmd'],
} as const;

export function createExecCommandTool(options: CommandToolOptions): Tool {
  const { isKnownSafe, canEscalate = false, env = defaultEnvironment, maxSpillBytes } = options;
  return {
    schema: commandSchema(SHOWN, canEscalate),
    isReadOnly: (args) => args.tty !== true && isKnownSafe(stringArgument(args, 'cmd') ?? ''),
    run: async (args, ctx) => {
      const command = stringArgument(args, 'cmd') ?? '';
      const admission = await admit(command, args, ctx);
      if ('result' in admission) return admission.result;
      const { permit, workdir } = admission;
      const limit = (positiveArgument(args, 'max_output_tokens') ?? LONGEST_WAIT_MS) * BYTES_PER_TOKEN;
      const request = {
        command,
        workdir,
        env: env(),
        tty: args.tty === true,
        maxSpillBytes,
        limitBytes: Math.min(limit, ctx.outputLimit),
        yieldMs: clamp(positiveArgument(args, 'yield_time_ms') ?? DEFAULT_YIELD_MS, YIELD_RANGE_MS),
      };
      const { result, exitCode, output } = await onceMore(() => runUntilYield(request, permit, ctx));
      const again = exitCode === null ? undefined : await permit.afterRun?.(exitCode, output);
      if (again === undefined || ctx.signal.aborted) return result;
      return (await runUntilYield(request, again, ctx)).result;
    },
  };
}

/** Inclusive at both ends. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

export function clamp(value: number, { min, max }: Range): number {
  return Math.min(Math.max(value, min), max);
}

interface Request extends Command {
  readonly yieldMs: number;
  readonly limitBytes: number;
  readonly maxSpillBytes: number | undefined;
}

async function runUntilYield(
  { yieldMs, limitBytes, maxSpillBytes, ...command }: Request,
  permit: CommandPermit,
  ctx: ToolContext,
): Promise<CommandOutcome> {
  const shown = await startShown(command, permit, ctx, { limitBytes, maxSpillBytes });
  if ('problem' in shown) {
    return { result: refusal(`exec_command failed: ${shown.problem}`), exitCode: null, output: '' };
  }
  const { running, seconds, close, showEnd } = shown;
  const waited = await waitForEnd(running, yieldMs, ctx.signal);
  if (waited === 'aborted') await running.stop(INTERRUPT_GRACE_MS);
  const duration = seconds();
  if (waited === 'running') {
    const { session, warning } = ctx.sessions.add(command.command, running, showEnd);
    const captured = await running.take();
    const output = captured.displayText;
    await close({ output, exitCode: null, status: 'completed', sessionId: session.id });
    const notes = warning === undefined ? captured.notes : [...captured.notes, warning];
    const text = `${wallTime(duration)}\n${runsAs(session.id)}\n${modelOutput(captured, notes, command)}`;
    return { result: { ok: true, text, bounded: true }, exitCode: null, output };
  }
  const end = await running.ended;
  ctx.sessions.leave(running.process);
  const captured = await running.take();
  const output = captured.displayText;
  if (waited === 'aborted') {
    await close({ output, exitCode: null, status: 'failed' });
    return { result: refusal(abortedText(duration)), exitCode: null, output };
  }
  if (end.neverRan !== undefined) return neverRan(end.neverRan, close);
  const { exitCode } = end;
  const tests = await testsIn(command.command, output);
  await close({ output, exitCode, status: exitCode === 0 ? 'completed' : 'failed', ...tests });
  const text = modelOutput(captured, endNotes(end, captured, permit), command);
  return { result: exitedResult(exitCode, duration, text), exitCode, output };
}

/** Waits for the first process and, once that has ended, for the rest of its output. */
export async function waitForEnd(
  running: RunningCommand,
  ms: number,
  signal: AbortSignal,
): Promise<'ended' | 'running' | 'aborted'> {
  const waited = await within(running.exited, ms, signal);
  if (waited.kind === 'timeout') return 'running';
  const drained = await within(running.ended, LONGEST_WAIT_MS, signal);
  return drained.kind === 'aborted' ? 'aborted' : 'ended';
}

export function runsAs(sessionId: number): string {
  return `Process running with session ID ${sessionId}`;
}

/** The exit code in what `exitedResult` made; undefined: the command had not ended. */
export function exitCodeOf(text: string): number | undefined {
  const code = /^Wall time: .*\nProcess exited with code (-?\d+)$/m.exec(text)?.[1];
  return code === undefined ? undefined : Number(code);
}

/** What the model gets for a command that has ended. `text` is its output as `modelOutput` gives it. */
export function exitedResult(exitCode: number, seconds: number, text: string): ToolResult {
  return {
    ok: exitCode === 0,
    text: `${wallTime(seconds)}\nProcess exited with code ${exitCode}\n${text}`,
    bounded: true,
  };
}
