/** What the user and the model said. Rows fit the width; a very long message of the user shows its start and its end. */
import { cleanLines } from './clean.ts';
import { moreText } from './output.ts';
import { indented, paragraph } from './prose.ts';
import type { LineContext } from './style.ts';
import { wrapLines } from './wrap.ts';

/** Rows of a message, and of its start and its end if it is cut: what was typed may stand behind a paste. */
const MOST_ROWS = 40;
const HEAD_ROWS = 20;
const TAIL_ROWS = 10;
/** Characters at each end that are processed. */
const CHARACTER_LIMIT = 10_000;

export function userLines({ text }: { readonly text: string }, ctx: LineContext): string[] {
  const { bold, cyan, dim, tints } = ctx.style;
  const inner = indented(ctx, 2);
  const tinted = (row: string): string => (row === '' ? '' : (tints?.prompt(row) ?? row));
  const linesOf = (lines: readonly Rows[]): string[] =>
    lines.flatMap((rows) =>
      paragraph(
        rows.map((row) => tinted(bold(row))),
        inner,
      ),
    );
  const [head, left, tail] = folded(text, inner.width - 1);
  const below = (lines: readonly string[]): string[] => lines.map((line) => line && `  ${line}`);
  const [first = '', ...others] = linesOf(head);
  return [
    tinted(`${cyan(bold('›'))} `) + first,
    ...below(others),
    ...(left > 0 ? [dim(`  ${moreText(left, ctx)}`)] : []),
    ...below(linesOf(tail)),
  ];
}

/** Of one line. */
type Rows = readonly string[];

/** What is shown of the start and of the end, and how many lines at least are left out between them. */
function folded(text: string, width: number): [head: readonly Rows[], left: number, tail: readonly Rows[]] {
  const rowsOf = (part: string): Rows[] => wrapLines(cleanLines(part).join('\n'), width);
  const isWhole = text.length <= 2 * CHARACTER_LIMIT;
  const first = rowsOf(isWhole ? text : text.slice(0, CHARACTER_LIMIT));
  if (isWhole && first.flat().length <= MOST_ROWS) return [first, 0, []];
  const last = isWhole ? first : rowsOf(text.slice(-CHARACTER_LIMIT));
  const between = isWhole ? 0 : text.slice(CHARACTER_LIMIT, -CHARACTER_LIMIT).split('\n').length - 1;
  const cut = first.flat().length + (isWhole ? 0 : last.flat().length);
  const left = Math.max(1, between + cut - HEAD_ROWS - TAIL_ROWS);
  return [firstRows(first, HEAD_ROWS), left, lastRows(last, TAIL_ROWS)];
}

function firstRows(lines: readonly Rows[], most: number): Rows[] {
  let left = most;
  return lines.flatMap((rows) => {
    const kept = rows.slice(0, Math.max(0, left));
    left -= rows.length;
    return kept.length === 0 ? [] : [kept];
  });
}

function lastRows(lines: readonly Rows[], most: number): Rows[] {
  const backwards = (all: readonly Rows[]): Rows[] => all.map((rows) => rows.toReversed()).toReversed();
  return backwards(firstRows(backwards(lines), most));
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
