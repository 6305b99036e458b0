/**
 * Paragraphs: rows in the live region; in the history one line each, which the terminal wraps where a row ends.
 *
 * A terminal takes a row as wrapped if more follows its last column, so each row is filled with blanks up to there. The
 * rows look the same, but the paragraph is copied without line ends, and a command in it stays one command.
 */
import { cellWidth } from '../../text/cell-width.ts';
import type { LineContext } from './style.ts';
import { type WrapOptions, wrapLines } from './wrap.ts';

/** For what is not printed. */
export function asRows(ctx: LineContext): LineContext {
  return { ...ctx, hang: undefined };
}

/** For what stands so many cells further to the right. */
export function indented(ctx: LineContext, cells: number): LineContext {
  const hang = ctx.hang === undefined ? undefined : ctx.hang + ' '.repeat(cells);
  return { ...ctx, width: ctx.width - cells, hang };
}

/** Each line of the text as rows, or as one line. */
export function prose(text: string, ctx: LineContext, options: WrapOptions = {}): string[] {
  return wrapLines(text, ctx.width - 1, options).flatMap((rows) => paragraph(rows, ctx));
}

/** Rows that belong together. */
export function paragraph(rows: readonly string[], { hang, width }: LineContext): readonly string[] {
  if (hang === undefined || rows.length < 2) return rows;
  const indent = cellWidth(hang);
  const columns = Math.max(1, width + indent);
  const filled = rows.slice(0, -1).map((row) => {
    // A URL that was not parted may take several rows.
    const beyond = (indent + cellWidth(row)) % columns;
    return row + ' '.repeat(beyond === 0 ? 0 : columns - beyond);
  });
  return [[...filled, ...rows.slice(-1)].join(hang)];
}
