/**
 * Commands and code that the user is asked about, all of it visible.
 *
 * Invariants: nothing is overwritten or hidden and no space is lost: control and invisible characters become visible signs, and
 * the rows joined are the line. Rows end after a space if one is near.
 */
import { plural } from '../../text/digits.ts';
import { sanitizeForTerminal, showInvisible } from '../../text/sanitize.ts';
import { breakRows } from '../lines/wrap.ts';

const TAB = '    ';

/** The logical lines of a text, safe to show; blank ones at the end are left out. */
export function codeLines(text: string): string[] {
  return sanitizeForTerminal(showInvisible(text)).trimEnd().replaceAll('\t', TAB).split('\n');
}

/** Characters that the marks of a cell may take: a row is looked for in that much of the line. */
const CHARACTERS_A_CELL = 16;

/** The line in rows of at most `width` cells, at least one. */
export function codeRows(line: string, width: number): string[] {
  const rows: string[] = [];
  let left = line;
  for (let row = firstRow(left, width); row.length < left.length; row = firstRow(left, width)) {
    const space = row.lastIndexOf(' ') + 1;
    const taken = space > row.length * 0.6 ? space : row.length;
    rows.push(row.slice(0, taken));
    left = left.slice(taken);
  }
  rows.push(left);
  return rows;
}

/** What of the line fits, without looking at all of it. */
function firstRow(line: string, width: number): string {
  const start = line.slice(0, width + 1);
  if (/^[ -~]*$/.test(start)) return start.slice(0, width);
  return breakRows(line.slice(0, (width + 1) * CHARACTERS_A_CELL), width)[0] ?? '';
}

/** The rows with one line for each run of blank ones, so that where rows are left out it is not the text between them. */
export function foldBlank(rows: readonly string[], mark: (text: string) => string): string[] {
  const folded: string[] = [];
  for (let at = 0; at < rows.length; at += 1) {
    let end = at;
    while (rows[end]?.trim() === '') end += 1;
    const blank = end - at;
    if (blank < 2) folded.push(rows[at] ?? '');
    else {
      folded.push(mark(`… ${plural(blank, 'blank row')}`));
      at = end - 1;
    }
  }
  return folded;
}
