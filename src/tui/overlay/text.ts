/**
 * Key hints, titles and labelled paragraphs of the overlays, none wider than the live region (terminal - 1 cells).
 */
import { cellWidth } from '../../text/cell-width.ts';
import type { LineContext } from '../lines/style.ts';
import { truncateEnd } from '../lines/width.ts';
import { wrap } from '../lines/wrap.ts';

/** Cells that a line of the live region may have. */
export function roomOf({ width }: Pick<LineContext, 'width'>): number {
  return Math.max(1, width - 1);
}

/** How a dialog ends is worth most, the arrows, which everybody tries, least. */
const WORTH = [/^(?:enter|esc|q|ctrl\+c) /, /^[^←↑→↓]/, /^/];

/** Key hints in one dim line. Those that do not fit are left out whole; of equal worth the last. */
export function hintLine(hints: readonly string[], ctx: LineContext): string {
  const worth = (hint: string): number => WORTH.findIndex((kind) => kind.test(hint));
  const textOf = (shown: ReadonlySet<string>): string =>
    `  ${hints.filter((hint) => shown.has(hint)).join(' · ')}`;
  const [most = '', ...others] = hints.toSorted((one, other) => worth(one) - worth(other));
  const shown = new Set([most]);
  for (const hint of others) {
    if (cellWidth(textOf(new Set([...shown, hint]))) <= roomOf(ctx)) shown.add(hint);
  }
  return ctx.style.dim(truncateEnd(textOf(shown), roomOf(ctx)));
}

/** `  Label: text`, wrapped below the label's indentation. `text` is safe already. */
export function labelled(label: string, text: string, ctx: LineContext): string[] {
  return wrap(`${label}: ${text}`, roomOf(ctx), { first: '  ', rest: '    ' });
}

/** A paragraph with two cells of indentation. `text` is safe already. */
export function paragraph(text: string, ctx: LineContext): string[] {
  return wrap(text, roomOf(ctx), { first: '  ', rest: '  ' });
}

/** A title, bold, wrapped. `text` is safe already. */
export function titleLines(text: string, ctx: LineContext): string[] {
  return wrap(text, roomOf(ctx)).map((line) => ctx.style.bold(line));
}
