/**
 * A command: what ran, how it ended, and a few lines of its output.
 *
 * Invariants: the command is shown as it was written, without the shell around it; in the history its lines are logical
 * lines, in the live form everything is cut to the width.
 */
import type { Item } from '../../protocol.ts';
import { cellWidth } from '../../text/cell-width.ts';
import { formatElapsed } from '../../text/digits.ts';
import { showControls } from '../../text/sanitize.ts';
import { innerCommand } from '../../text/shell-word.ts';
import { cleanLines, countLinesOf } from './clean.ts';
import { highlight } from './highlight.ts';
import { liveOutputLines, moreText, outputLines } from './output.ts';
import type { LineContext } from './style.ts';
import { truncateEnd, withSuffix } from './width.ts';

export type CommandItem = Extract<Item, { type: 'command_execution' }>;

/** Lines of output: for the model's commands, for the user's own. */
const OUTPUT_LINES = 5;
const USER_OUTPUT_LINES = 50;
const COMMAND_LINES = 8;
const LIVE_COMMAND_LINES = 3;
/** Shorter durations say nothing. */
const SHOWN_MS = 1_000;
const COMMAND_LIMIT = 16_384;

/** A command that has ended, or continues in the background. */
export function commandLines(item: CommandItem, ctx: LineContext): string[] {
  const { green, red, bold, dim, magenta } = ctx.style;
  const isUser = item.source === 'user';
  const isBackground = item.sessionId !== undefined && item.exitCode === null;
  const hasFailed = item.status === 'failed' || item.status === 'declined';
  const glyph = hasFailed ? red('✗') : isBackground ? magenta('•') : green('•');
  const verb = isBackground
    ? 'Started'
    : item.status === 'declined'
      ? 'Did not run'
      : isUser
        ? 'You ran'
        : 'Ran';
  const notes = [
    ...endingNotes(item),
    ...(item.durationMs > SHOWN_MS ? [formatElapsed(item.durationMs)] : []),
  ];
  const suffix = notes.length === 0 ? '' : (hasFailed ? red : dim)(` (${notes.join(' · ')})`);
  const header = headerLines(`${glyph} ${bold(verb)}`, item.command, suffix, COMMAND_LINES, ctx);
  if (item.output.trim() === '' && (isBackground || item.status === 'declined')) return header;
  return [...header, ...outputLines(item.output, isUser ? USER_OUTPUT_LINES : OUTPUT_LINES, ctx)];
}

/** A running command; `text` is its output so far, or the end of that. */
export function liveCommandLines(
  item: CommandItem,
  { text, elapsedMs }: { readonly text: string; readonly elapsedMs: number },
  ctx: LineContext,
  maxRows: number,
): string[] {
  const { cyan, bold, dim } = ctx.style;
  const verb = item.source === 'user' ? 'You are running' : 'Running';
  const suffix = elapsedMs > SHOWN_MS ? dim(` (${formatElapsed(elapsedMs)})`) : '';
  const most = Math.min(LIVE_COMMAND_LINES, Math.max(1, maxRows - 2));
  const header = headerLines(`${cyan('•')} ${bold(verb)}`, item.command, '', most, ctx).map((line, index) =>
    index > 0 ? truncateEnd(line, ctx.width - 1) : withSuffix(line, suffix, ctx.width - 1),
  );
  const room = Math.min(OUTPUT_LINES, maxRows - header.length);
  return [...header, ...liveOutputLines(text, room, ctx)].slice(0, Math.max(0, maxRows));
}

function headerLines(
  lead: string,
  command: string,
  suffix: string,
  most: number,
  ctx: LineContext,
): string[] {
  const { style } = ctx;
  const text = innerCommand(command).trim();
  const cleaned = cleanLines(showControls(text.slice(0, COMMAND_LIMIT)));
  const coloured = style.tints === undefined ? undefined : highlight(cleaned.join('\n'), 'bash', style);
  const [first = '', ...others] = coloured ?? cleaned;
  const isCut = others.length + 1 > most;
  const shown = isCut ? others.slice(0, Math.max(0, most - 2)) : others;
  const more = isCut ? [moreText(countLinesOf(text) - 1 - shown.length, ctx)] : [];
  const bar = style.dim('  │ ');
  return [
    ...withNotes(`${lead} ${first}`, suffix, ctx),
    ...shown.map((line) => bar + line),
    ...more.map((line) => bar + style.dim(line)),
  ];
}

/** How it ended, after the command, or in a row of its own where the terminal would break it. */
function withNotes(line: string, notes: string, { width }: LineContext): string[] {
  const taken = cellWidth(line) % width || width;
  return taken + cellWidth(notes) <= width ? [line + notes] : [line, ` ${notes}`];
}

function endingNotes({ status, exitCode, sessionId }: CommandItem): string[] {
  if (exitCode !== null) return exitCode === 0 ? [] : [`exit ${exitCode}`];
  if (sessionId !== undefined) return [`background session ${sessionId}`];
  return status === 'failed' ? ['did not finish'] : [];
}
