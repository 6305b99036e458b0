/** What the user and the model said. Rows fit the width; a very long message of the user shows its start. */
import { cleanLines } from './clean.ts';
import { moreText } from './output.ts';
import type { LineContext } from './style.ts';
import { wrap } from './wrap.ts';

const MOST_LINES = 60;
const CHARACTER_LIMIT = 20_000;

export function userLines({ text }: { readonly text: string }, ctx: LineContext): string[] {
  const { bold, cyan, dim } = ctx.style;
  const kept = text.slice(0, CHARACTER_LIMIT);
  const rows = wrap(cleanLines(kept).join('\n'), ctx.width - 3);
  const isCut = kept.length < text.length || rows.length > MOST_LINES;
  const shown = isCut ? rows.slice(0, MOST_LINES) : rows;
  const left = text.slice(CHARACTER_LIMIT).split('\n').length - 1 + rows.length - shown.length;
  return [
    ...shown.map((row, index) =>
      index === 0 ? `${cyan(bold('›'))} ${bold(row)}` : row === '' ? '' : `  ${bold(row)}`,
    ),
    ...(isCut ? [dim(`  ${moreText(Math.max(1, left))}`)] : []),
  ];
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
