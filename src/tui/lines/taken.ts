/** Lines of which a part was given before: what is left, told apart by visible text, whatever their width is. */
import { cellWidth } from '../../text/cell-width.ts';
import { OpenStyles, unitsOf } from './units.ts';
import { firstCells } from './width.ts';

export interface Taken {
  /** The first one, if it was begun before, holds only what is new, indented as it would be. */
  readonly lines: readonly string[];
  /** The same of the first line, to be put right after the part that was given before; undefined: it was not begun. */
  readonly joined: string | undefined;
  /** The last line may be continued. */
  readonly isOpen: boolean;
}

const CODE = /\x1b\[[\d;]*m|\x1b\]8;;[^\x07\x1b]*\x07/g;
const BEGINNING = /^((?:\x1b\[[\d;]*m|\x1b\]8;;[^\x07\x1b]*\x07)*)( *)/;
const INDENT = /^\s*(?:(?:[-✔□│]|\d+[.)])\s+)*/;

/** The text of a line without styles and blanks. */
export function visible(line: string): string {
  return line.replace(CODE, '').replace(/\s+/g, '');
}

/** Where lines will be: columns of the terminal, and cells before each line. */
export interface Place {
  readonly columns: number;
  readonly indent: number;
}

/** Also before styles that end there. */
export function withoutEndBlanks(line: string): string {
  return line.replace(/ +((?:\x1b\[[\d;]*m|\x1b\]8;;[^\x07\x1b]*\x07)*)$/, '$1');
}

/** What is left of lines after so many visible characters. */
export function linesAfter(lines: readonly string[], count: number, place: Place): Omit<Taken, 'isOpen'> {
  let left = count;
  for (const [index, line] of lines.entries()) {
    if (left === 0) return { lines: lines.slice(index), joined: undefined };
    const { length } = visible(line);
    if (length > left) {
      const joined = lineAfter(line, left);
      return { lines: [onItsOwn(line, joined, place), ...lines.slice(index + 1)], joined };
    }
    left -= length;
  }
  return { lines: [], joined: undefined };
}

/** The rest of a line as one of its own: the first row is filled anew, so that the others begin where they would. */
function onItsOwn(line: string, rest: string, { columns, indent }: Place): string {
  const cells = cellWidth(rest);
  const inRow = columns - ((indent + cellWidth(line) - cells) % columns);
  const { codes, blanks, text } = opening(rest);
  // A row ends here; the next one has the blanks of the indentation too.
  if (blanks >= inRow) return codes + ' '.repeat(Math.max(0, blanks - inRow - indent)) + text;
  const hang = ' '.repeat(INDENT.exec(line.replace(CODE, ''))?.[0].length ?? 0);
  if (cells <= inRow) return hang + codes + text;
  const row = firstCells(codes + text, inRow - blanks);
  const filled = row.replace(CODE, '');
  const next = opening(lineAfter(rest, visible(row).length));
  const left = next.blanks - (filled.length - filled.trimEnd().length);
  const fill = ' '.repeat(Math.max(0, columns - indent - hang.length - cellWidth(row)));
  return hang + row + fill + next.codes + ' '.repeat(Math.max(0, left)) + next.text;
}

/** The styles that a text begins with, the blanks after them, and the rest. */
export function opening(line: string): { codes: string; blanks: number; text: string } {
  const [all = '', codes = '', blanks = ''] = BEGINNING.exec(line) ?? [];
  return { codes, blanks: blanks.length, text: line.slice(all.length) };
}

function lineAfter(line: string, count: number): string {
  const styles = new OpenStyles();
  let left = count;
  let at = 0;
  for (const { kind, text } of unitsOf(line)) {
    if (left === 0 && kind !== 'code') break;
    if (kind === 'code') styles.apply(text);
    const taken = kind === 'run' ? Math.min(left, text.length) : text.length;
    if (kind === 'run' || kind === 'grapheme')
      left = Math.max(0, left - visible(text.slice(0, taken)).length);
    at += taken;
  }
  return styles.opening() + line.slice(at);
}

/** A line without its last word, which may go on; empty if nothing is left but the sign of an item. */
export function untilLastBlank(line: string): string {
  const styles = new OpenStyles();
  let kept = '';
  let keptStyles = '';
  let text = '';
  for (const unit of unitsOf(line)) {
    if (unit.kind === 'space') {
      kept = text;
      keptStyles = styles.closing();
    }
    if (unit.kind === 'code') styles.apply(unit.text);
    text += unit.text;
  }
  const plain = `${kept.replace(CODE, '')} `;
  return INDENT.exec(plain)?.[0] === plain ? '' : kept + keptStyles;
}
