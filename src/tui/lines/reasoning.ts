/**
 * The model's thinking: one line when it is over, its last rows while it lasts. The live form costs the same however
 * long the thinking is.
 */
import { cellWidth } from '../../text/cell-width.ts';
import { formatElapsed, groupDigits } from '../../text/digits.ts';
import { cleanLines, oneLine } from './clean.ts';
import { fullKeyText } from './output.ts';
import type { LineContext } from './style.ts';
import { wrap } from './wrap.ts';

/** Characters at the end that are processed. */
const TAIL = 4_096;

/**
 * `∴ Thought for 12s · 340 words (ctrl+t)`; the thought itself if it takes one row too; nothing if there was no
 * thinking.
 */
export function reasoningLines(
  { text, durationMs }: { readonly text: string; readonly durationMs: number },
  ctx: LineContext,
): string[] {
  const { dim, italic } = ctx.style;
  const words = countWords(text);
  if (words === 0) return [];
  const short = text.length > TAIL ? '' : oneLine(text);
  if (short !== '' && cellWidth(short) < ctx.width - 2) return [dim(`∴ ${italic(short)}`)];
  const time = durationMs < 1_000 ? '' : ` for ${formatElapsed(durationMs)}`;
  const forms = [
    `∴ Thought${time} · ${groupDigits(words)} ${words === 1 ? 'word' : 'words'}${fullKeyText(ctx)}`,
    `∴ Thought${time}${fullKeyText(ctx)}`,
    `∴ Thought${time}`,
  ];
  return [dim(forms.find((form) => form.length < ctx.width) ?? '∴ Thought')];
}

/** The last rows of ongoing thinking. */
export function liveReasoningLines(text: string, ctx: LineContext, maxRows: number): string[] {
  const { dim, italic } = ctx.style;
  if (maxRows <= 0 || text.trim() === '') return [];
  const lines = cleanLines(text.slice(-TAIL)).filter((line) => line.trim() !== '');
  const rows = lines.flatMap((line) => wrap(line, ctx.width - 1 - 2)).slice(-maxRows);
  return rows.map((row, index) => dim(`${index === 0 ? '∴' : ' '} ${italic(row)}`));
}

/** Runs of characters between white space. */
function countWords(text: string): number {
  let count = 0;
  for (const _ of text.matchAll(/\S+/g)) count += 1;
  return count;
}
