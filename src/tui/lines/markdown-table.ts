/**
 * Markdown tables: in columns, with cells that wrap if they must; where the columns would become too narrow, or a URL
 * would be broken, one record per row.
 */

import type { Tokens } from 'marked';
import { cellWidth } from '../../text/cell-width.ts';
import { inlineText } from './markdown-inline.ts';
import type { LineContext } from './style.ts';
import { wrap } from './wrap.ts';

const GAP = '  ';
/** Cells of a column that wraps, at least. */
const LEAST_COLUMN = 10;
const URL_IN_TEXT = /https?:\/\/\S+/g;

export function tableLines(table: Tokens.Table, ctx: LineContext): string[] {
  const text = (cell: Tokens.TableCell): string =>
    inlineText(cell.tokens, ctx)
      .replace(/[\n\t]/g, ' ')
      .trim();
  const head = table.header.map(text);
  const rows = table.rows.map((row) => row.map(text));
  const natural = head.map((cell, column) =>
    Math.max(1, cellWidth(cell), ...rows.map((row) => cellWidth(row[column] ?? ''))),
  );
  const room = ctx.width - 1 - GAP.length * (natural.length - 1);
  const widths = fitted(natural, room);
  if (widths === undefined || [head, ...rows].some((row) => breaksUrl(row, widths))) {
    return recordLines(head, rows, ctx);
  }
  const aligns = widths.map((_, column) => table.align[column] ?? 'left');
  const { bold, dim } = ctx.style;
  const body = rows.map((row) => rowLines(row, widths, aligns));
  // Where rows take several lines a blank one says where the next begins.
  const isTall = body.some((lines) => lines.length > 1);
  return [
    ...rowLines(head.map(bold), widths, aligns),
    dim(widths.map((width) => '─'.repeat(width)).join(GAP)),
    ...body.flatMap((lines, index) => (isTall && index > 0 ? ['', ...lines] : lines)),
  ];
}

/** The widths of columns that take `room` cells together, the widest made narrower. Undefined: too narrow. */
function fitted(natural: readonly number[], room: number): number[] | undefined {
  const widths = [...natural];
  let excess = widths.reduce((sum, width) => sum + width, 0) - room;
  while (excess > 0) {
    const widest = Math.max(...widths);
    const next = Math.max(LEAST_COLUMN, ...widths.filter((width) => width < widest));
    const among = widths.filter((width) => width === widest).length;
    if (widest <= LEAST_COLUMN) return undefined;
    const step = Math.max(1, Math.min(widest - next, Math.floor(excess / among)));
    for (const [column, width] of widths.entries()) {
      if (width !== widest || excess <= 0) continue;
      widths[column] = width - step;
      excess -= step;
    }
  }
  return widths;
}

function breaksUrl(row: readonly string[], widths: readonly number[]): boolean {
  return row.some((cell, column) =>
    (cell.match(URL_IN_TEXT) ?? []).some((url) => cellWidth(url) > (widths[column] ?? 0)),
  );
}

type Align = 'left' | 'right' | 'center';

function rowLines(row: readonly string[], widths: readonly number[], aligns: readonly Align[]): string[] {
  const cells = widths.map((width, column) => wrap(row[column] ?? '', width));
  const height = Math.max(...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, at) =>
    widths
      .map((width, column) => aligned(cells[column]?.[at] ?? '', width, aligns[column] ?? 'left'))
      .join(GAP)
      .trimEnd(),
  );
}

function aligned(cell: string, width: number, align: Align): string {
  const room = Math.max(0, width - cellWidth(cell));
  const before = align === 'right' ? room : align === 'center' ? Math.floor(room / 2) : 0;
  return `${' '.repeat(before)}${cell}${' '.repeat(room - before)}`;
}

function recordLines(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  ctx: LineContext,
): string[] {
  const { bold } = ctx.style;
  if (rows.length === 0) return wrap(bold(head.join(' · ')), ctx.width - 1);
  return rows.flatMap((row, index) => [
    ...(index === 0 ? [] : ['']),
    ...row.flatMap((cell, column) => {
      const name = head[column] ?? '';
      if (cell === '') return [];
      return wrap(name === '' ? cell : `${bold(`${name}:`)} ${cell}`, ctx.width - 1, {
        rest: GAP,
        keepUrls: true,
      });
    }),
  ]);
}
