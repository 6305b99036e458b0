/** What the user and the model said. Rows fit the width; a very long message of the user shows its start and its end. */
import { cleanLines } from './clean.ts';
import { moreText } from './output.ts';
import type { LineContext } from './style.ts';
import { wrap } from './wrap.ts';

/** Rows of a message, and of its start and its end if it is cut: what was typed may stand behind a paste. */
const MOST_ROWS = 40;
const HEAD_ROWS = 20;
const TAIL_ROWS = 10;
/** Characters at each end that are processed. */
const CHARACTER_LIMIT = 10_000;

export function userLines({ text }: { readonly text: string }, ctx: LineContext): string[] {
  const { bold, cyan, dim, tints } = ctx.style;
  const [head, left, tail] = foldedRows(text, ctx.width - 3);
  const tinted = (row: string): string => tints?.prompt(row) ?? row;
  const rowLines = (rows: readonly string[]): string[] =>
    rows.map((row) => (row === '' ? '' : `  ${tinted(bold(row))}`));
  const [, ...others] = head;
  return [
    tinted(`${cyan(bold('›'))} ${bold(head[0] ?? '')}`),
    ...rowLines(others),
    ...(left > 0 ? [dim(`  ${moreText(left, ctx)}`)] : []),
    ...rowLines(tail),
  ];
}

/** The rows at the start and at the end, and how many lines at least are left out between them. */
function foldedRows(text: string, width: number): [head: string[], left: number, tail: string[]] {
  const rowsOf = (part: string): string[] => wrap(cleanLines(part).join('\n'), width);
  const isWhole = text.length <= 2 * CHARACTER_LIMIT;
  const first = rowsOf(isWhole ? text : text.slice(0, CHARACTER_LIMIT));
  if (isWhole && first.length <= MOST_ROWS) return [first, 0, []];
  const last = isWhole ? first : rowsOf(text.slice(-CHARACTER_LIMIT));
  const between = isWhole ? 0 : text.slice(CHARACTER_LIMIT, -CHARACTER_LIMIT).split('\n').length - 1;
  const cut = isWhole ? first.length : first.length + last.length;
  const left = Math.max(1, between + cut - HEAD_ROWS - TAIL_ROWS);
  return [first.slice(0, HEAD_ROWS), left, last.slice(-TAIL_ROWS)];
}

/**
 * Lines of an answer (stream.ts) as a message.
 * @param isFirst false: the message continues, without a bullet.
 */
export function assistantLines(
  lines: readonly string[],
  { style }: LineContext,
  { isFirst }: { readonly isFirst: boolean },
): string[] {
  return lines.map((line, index) => {
    if (isFirst && index === 0) return `${style.dim('•')} ${line}`;
    return line === '' ? '' : `  ${line}`;
  });
}
