/**
 * The output of a command or tool, in a few lines below its header.
 *
 * Invariants: a line that would fill many rows of the screen is cut; what is left out is counted, with the key that
 * shows it.
 */
import { plural } from '../../text/digits.ts';
import { headTail, tailOf } from './clean.ts';
import { prose } from './prose.ts';
import type { LineContext } from './style.ts';
import { truncateEnd } from './width.ts';

export const FIRST = '  └ ';
export const REST = '    ';
/** Blank lines before the first line with text. */
const LEADING_BLANKS = /^(?:[ \t\r]*\n)+/;
/** Rows that one line of output may take. */
const MOST_ROWS = 3;
const MOST_SENTENCE_ROWS = 10;

/** `… +12 lines (ctrl+t)`, to be dimmed. */
export function moreText(count: number, ctx: LineContext): string {
  return `… +${plural(count, 'line')}${fullKeyText(ctx)}`;
}

/** ` (ctrl+t)` */
export function fullKeyText({ fullKey }: LineContext): string {
  return fullKey === undefined ? '' : ` (${fullKey})`;
}

/** How many of the lines are shown if `most` may be: the line that counts the others takes the room of one. */
export function foldAt(total: number, most: number): number {
  return total <= most + 1 ? total : most;
}

/** The output's head and tail, `most` lines in all, dim. */
export function outputLines(text: string, most: number, ctx: LineContext): string[] {
  const { head, omitted, tail } = headTail(text.replace(LEADING_BLANKS, ''), most);
  if (head.length === 0) return [`${ctx.style.dim(`${FIRST}(no output)`)}`];
  const cut = (line: string): string => truncateEnd(line, ctx.width * MOST_ROWS);
  return below([...head.map(cut), ...(omitted > 0 ? [moreText(omitted, ctx)] : []), ...tail.map(cut)], ctx);
}

/** The same for sentences, which are wrapped between words. */
export function sentenceLines(text: string, most: number, ctx: LineContext): string[] {
  const { head, omitted, tail } = headTail(text.trim(), most);
  const cut = (line: string): string => truncateEnd(line, ctx.width * MOST_SENTENCE_ROWS);
  const shown = [...head.map(cut), ...(omitted > 0 ? [moreText(omitted, ctx)] : []), ...tail.map(cut)];
  return wrappedBelow(shown.join('\n'), ctx).map(ctx.style.dim);
}

/** The last lines of ongoing output, one row each. */
export function liveOutputLines(text: string, most: number, ctx: LineContext): string[] {
  const room = ctx.width - 1 - REST.length;
  return below(
    tailOf(text, most).map((line) => truncateEnd(line, room)),
    ctx,
  );
}

/** Clean text in rows below a header. */
export function wrappedBelow(text: string, ctx: LineContext): string[] {
  return prose(text, ctx, { first: FIRST, rest: REST });
}

function below(lines: readonly string[], { style }: LineContext): string[] {
  return lines.map((line, index) => (line === '' ? '' : style.dim((index === 0 ? FIRST : REST) + line)));
}
