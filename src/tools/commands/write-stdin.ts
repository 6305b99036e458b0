/**
 * The `write_stdin` tool: types into a running command, or waits for what it prints. Each call gives only what has come since the
 * last one. An interrupt ends the waiting, not the command.
 */
import description from '../../../prompts/tools/write_stdin.md?raw';
import type { ToolSchema } from '../../model/chat.ts';
import { positiveArgument, stringArgument } from '../arguments.ts';
import type { Tool, ToolContext, ToolResult } from '../tool.ts';
import { asToolCall, failure } from '../tool-call-item.ts';
import { abortedText, endNotes, modelOutput, wallTime } from './command-item.ts';
import type { CommandSession, CommandSessions } from './command-sessions.ts';
import { clamp, exitedResult, type Range, runsAs, waitForEnd, YIELD_RANGE_MS } from './exec-command.ts';

const DEFAULT_YIELD_MS = 250;
/** How long a call that types nothing may wait. */
const POLL_RANGE_MS = { min: 5_000, max: 300_000 } as const;
const SHOWN_COMMAND = 40;
const INTERRUPT = '\x03';

/** Spellings of control characters that arrive as plain text. */
const SPELLED_CONTROL = /^(?:\\u00|\\x|\^)(03|04|1a|1b|C|D|Z|\[)$/i;
const CONTROLS: { readonly [spelled: string]: string } = {
  '03': INTERRUPT,
  C: INTERRUPT,
  '04': '\x04',
  D: '\x04',
  '1A': '\x1a',
  Z: '\x1a',
  '1B': '\x1b',
  '[': '\x1b',
};

const schema: ToolSchema = {
  type: 'function',
  function: {
    name: 'write_stdin',
    description: description.trim(),
    parameters: {
      type: 'object',
      properties: {
        session_id: { type: 'integer' },
        chars: { type: 'string' },
        yield_time_ms: { type: 'integer' },
      },
      required: ['session_id'],
    },
  },
};

/** How long a call that types nothing may wait. */
export function pollRange(most: number = POLL_RANGE_MS.max): Range {
  return { min: Math.min(POLL_RANGE_MS.min, most), max: most };
}

/** @param range how long a call that types nothing may wait. */
export function createWriteStdinTool(range: Range): Tool {
  return {
    schema,
    isReadOnly: () => false,
    run: async (args, ctx) => {
      const id = typeof args.session_id === 'number' ? args.session_id : 0;
      const session = ctx.sessions.use(id);
      if (session === undefined) return failure(`write_stdin failed: ${unknownText(id, ctx.sessions)}`);
      const chars = meantChars(stringArgument(args, 'chars') ?? '');
      const asked = positiveArgument(args, 'yield_time_ms');
      const waitMs =
        chars === '' ? clamp(asked ?? range.min, range) : clamp(asked ?? DEFAULT_YIELD_MS, YIELD_RANGE_MS);
      return asToolCall('write_stdin', args, ctx, async () => {
        const { writes } = session.running;
        const kept = writes && (await ctx.keepChanges?.(writes));
        try {
          const problem = chars === '' ? undefined : type(session, chars);
          if (problem !== undefined) return failure(`write_stdin failed: ${problem}`);
          return await poll(session, chars, waitMs, ctx);
        } finally {
          await kept?.end();
        }
      });
    },
  };
}

function meantChars(chars: string): string {
  const spelled = SPELLED_CONTROL.exec(chars)?.[1];
  return spelled === undefined ? chars : (CONTROLS[spelled.toUpperCase()] ?? chars);
}

function unknownText(id: number, { running }: CommandSessions): string {
  const known = running.map(({ sessionId, command }) => `${sessionId} (${shortened(command)})`).join(', ');
  const hint = known === '' ? 'no session is running: start one with exec_command' : `running: ${known}`;
  return `Unknown process id ${id}; ${hint}`;
}

function shortened(command: string): string {
  const line = command.trim().split('\n', 1)[0] ?? '';
  return line.length > SHOWN_COMMAND || line !== command.trim() ? `${line.slice(0, SHOWN_COMMAND)}…` : line;
}

/** @returns why nothing could be typed. */
function type({ running }: CommandSession, chars: string): string | undefined {
  const { input, signal } = running.process;
  if (input !== null) input.write(Buffer.from(chars));
  // Without a terminal nothing turns the key into a signal, but the intention is clear.
  else if (chars === INTERRUPT) signal('SIGINT');
  else
    return 'stdin is closed for this session; rerun exec_command with tty=true to keep stdin open. "\\u0003" stops the command';
  return undefined;
}

async function poll(
  { id, running }: CommandSession,
  chars: string,
  waitMs: number,
  ctx: ToolContext,
): Promise<ToolResult> {
  const start = performance.now();
  const waited = await waitForEnd(running, waitMs, ctx.signal);
  const seconds = (performance.now() - start) / 1_000;
  if (waited === 'aborted') return failure(abortedText(seconds));
  const how = { tty: running.process.input !== null };
  if (waited === 'running') {
    const captured = await running.take();
    const isEntered = chars === '' || /[\x00-\x1f]$/.test(chars) || !isEcho(captured.modelText, chars);
    const notes = isEntered
      ? captured.notes
      : [...captured.notes, 'chars did not end in a newline: the line has not been entered yet'];
    const text = `${wallTime(seconds)}\n${runsAs(id)}\n${modelOutput(captured, notes, how)}`;
    return { ok: true, text, bounded: true, mayRepeat: true };
  }
  const end = await running.ended;
  const captured = await running.take();
  ctx.sessions.forget(id);
  return exitedResult(end.exitCode, seconds, modelOutput(captured, endNotes(end, captured), how));
}

/** Only what was typed has come back. */
function isEcho(output: string, chars: string): boolean {
  return output.trim() === '' || output.trim() === chars.trim();
}
