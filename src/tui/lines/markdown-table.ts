/** Markdown tables: in columns if they fit, otherwise one record per row, which reads better than broken cells. */

import type { Tokens } from 'marked';
import { cellWidth } from '../../text/cell-width.ts';
import { inlineText } from './markdown-inline.ts';
import type { LineContext } from './style.ts';
import { wrap } from './wrap.ts';

const GAP = '  ';

export function tableLines(table: Tokens.Table, ctx: LineContext): string[] {
  const text = (cell: Tokens.TableCell): string =>
    inlineText(cell.tokens, ctx.style)
      .replace(/[\n\t]/g, ' ')
      .trim();
  const head = table.header.map(text);
  const rows = table.rows.map((row) => row.map(text));
  const widths = head.map((cell, column) =>
    Math.max(1, cellWidth(cell), ...rows.map((row) => cellWidth(row[column] ?? ''))),
  );
  const total = widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1));
  if (total > ctx.width - 1) return recordLines(head, rows, ctx);
  const line = (cells: readonly string[]): string =>
    widths
      .map((width, column) => aligned(cells[column] ?? '', width, table.align[column] ?? 'left'))
      .join(GAP)
      .trimEnd();
  const { bold, dim } = ctx.style;
  const rule = dim(widths.map((width) => '─'.repeat(width)).join(GAP));
  return [line(head.map(bold)), rule, ...rows.map(line)];
}

function aligned(cell: string, width: number, align: 'left' | 'right' | 'center'): string {
  const room = width - cellWidth(cell);
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
