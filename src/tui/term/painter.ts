/**
 * Owns the primary screen: what of it is ours, where the cursor is in that, and every byte that goes there.
 *
 * The terminal may have another size at any byte, long before this process hears of it. It then drops rows below the
 * cursor, scrolls rows above it away, and may wrap rows again. Invariants:
 * - Nothing above the live region is written to. All moves count from the cursor, which a terminal keeps at its text:
 *   up only by rows that were gone down before, down by line feeds only, which scroll where a move would stop short.
 * - What is printed is printed once, as logical lines, on cleared rows; the region is lower than the screen.
 * - A line that is still being written is continued only while the terminal has the size that it had when the line was
 *   begun. Where it ends there is a blank that may be overwritten: in a terminal that has another size already, the cursor
 *   is then in the last column, on that blank or on an empty cell, or in a live row. A line of several rows is continued
 *   only behind the last column, since its text may end anywhere then.
 * - Of a narrower terminal it is known how often it has wrapped the rows above the cursor; where that is not sure, the
 *   fewest rows are taken: a part of a live row may stay, nothing printed is lost.
 * - Where wide letters were printed, a cursor may be a row too high once they are wrapped anew: tmux then takes a line for
 *   two (test/tui/term/torn-lines.test.ts). A blank first row of the region is left above the next one, which needs none.
 * - Without a caret the cursor waits, hidden, in the last row: terminals keep what ends there, not what begins there.
 * - The screen is never cleared from its first cell: tmux would keep a copy of it (`scroll-on-clear`).
 */
import { cellWidth } from '../../text/cell-width.ts';
import { opening } from '../lines/taken.ts';
import type { Size } from '../ports.ts';
import type { Flow, Frame, PrintedCell } from '../screen/frame.ts';
import { rowChange } from './row-change.ts';
import { hideCursor, showCursor } from './sequences.ts';
import type { TerminalOutput } from './terminal-output.ts';

type Caret = Frame['cursor'];

/** A printed line that may be continued: its cells, in as many rows as they take, without the blank after them. */
interface Begun {
  readonly cells: number;
  readonly columns: number;
}

/** What a picture adds to the history: the rest of the line that was begun, if there is one, and lines. */
interface Added {
  readonly joined: string | undefined;
  readonly lines: readonly string[];
  readonly begun: Begun | undefined;
}

/** The rows of a picture, and in which of them the cursor is. */
interface Picture {
  readonly rows: readonly string[];
  readonly at: number;
}

/** No row of it can be wrapped. */
const WITHOUT_ROWS: Picture = { rows: [], at: 0 };

/** More pictures than can be on their way to a terminal. */
const RECENT = 10;

/** Of scripts whose letters take two cells: a picture seldom begins a row. */
const WIDE_LETTER = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

const frameBegins = '\x1b[?2026h';
const frameEnds = '\x1b[?2026l';
const wrapOff = '\x1b[?7l';
const wrapOn = '\x1b[?7h';
const lastColumn = '\x1b[9999C';
const restOfRow = '\x1b[K';
const restOfScreen = '\x1b[J';
/** From the first column of a row on; the second half begins in the second one. */
const fromThisRow = `\x1b[2K\x1b[C${restOfScreen}\r`;

export class Painter {
  readonly #output: TerminalOutput;
  /** The live region as it was last written, and the size that it was made for. */
  #rows: readonly string[] = [];
  #size: Size;
  /** The row of the region in which the cursor is, and the caret that is shown there. */
  #at = 0;
  #caret: Caret;
  #isCursorShown = true;
  /** Cells of the history that are on the terminal. */
  #printed = 0;
  #begun: Begun | undefined;
  #isHeld = false;
  #restsAt = Number.NEGATIVE_INFINITY;
  /** The last pictures with the cursor's row: a terminal may have had its size since any of them. Newest last. */
  #recent: readonly Picture[] = [];
  readonly #wrapsAgain: boolean;
  readonly #now: () => number;
  /** What the terminal shows of the region is not what was written. */
  #isStale = false;
  #hasWideLetters = false;
  /** The row above the region is a blank one that was left there. */
  #isBlankAbove = false;

  /**
   * @param wrapsAgain the terminal wraps what it shows again when it becomes narrower.
   * @param now milliseconds of a monotonic clock.
   */
  constructor(output: TerminalOutput, wrapsAgain: boolean, now: () => number) {
    this.#output = output;
    this.#now = now;
    this.#wrapsAgain = wrapsAgain;
    this.#size = output.size;
  }

  /** The terminal has another size: nothing is painted until it has had this one for a while, at `restsAt`. */
  resized(restsAt: number): void {
    this.#restsAt = restsAt;
    this.#begun = undefined;
  }

  /** Prints what is new in the history, and shows `live` (rows as laid out) below it. */
  paint({ printed, cursor, size }: Omit<Frame, 'live' | 'regions'>, live: readonly string[]): void {
    if (this.#isHeld) return;
    this.#output.refresh();
    const now = this.#output.size;
    // Made for another size, or for one of many: a picture follows when the terminal is at rest.
    if (live.length > 0 && (!isSameSize(size, now) || this.#now() < this.#restsAt)) return;
    this.#isStale ||= !isSameSize(size, this.#size);
    if (this.#isStale) this.#begun = undefined;
    const cells = printed.slice(this.#printed);
    const added = addedBy(cells, this.#begun);
    this.#isBlankAbove = cells.length === 0 && (this.#isBlankAbove || this.#first() > 0);
    const trimmed = live.map((row) => row.trimEnd());
    const { rows, caret } = fitted(trimmed, cursor, Math.max(1, size.rows - 1), this.#isBlankAbove);
    const isWhole =
      this.#isStale || !isRowOnly(added, this.#begun) || rows.length === 0 || this.#rows.length === 0;
    const body = isWhole ? this.#whole(added, rows) : this.#continued(added) + this.#changes(rows);
    this.#begun = added.begun;
    this.#hasWideLetters ||= cells.some(({ lines }) => lines.some((line) => WIDE_LETTER.test(line)));
    this.#printed = printed.length;
    this.#rows = rows;
    this.#size = size;
    this.#isStale = false;
    if (body === '' && isSame(caret, this.#caret)) return;
    const hidden = this.#isCursorShown ? hideCursor : '';
    const placed = this.#placed(caret);
    // What continues a line stays above the row that was taken for the first one of the region.
    const picture = !isWhole && added.joined !== undefined ? WITHOUT_ROWS : { rows, at: this.#at };
    this.#recent = [...(isWhole ? [] : this.#recent.slice(1 - RECENT)), picture];
    this.#output.write(`${frameBegins}${hidden}${body}${placed}${frameEnds}`);
  }

  /** The next picture is written anew: something else may have written over this one. */
  repaint(): void {
    this.#isStale = true;
  }

  /** Takes the live region away; the cursor is where it began. */
  erase(): void {
    if (this.#isHeld) return;
    this.#output.refresh();
    this.#output.write(this.#top());
    this.#forget();
  }

  /** Leaves the region as it is, with the cursor in the row below it. */
  leave(): void {
    if (this.#isHeld) return;
    this.#output.write(`${this.#moved(Math.max(0, this.#rows.length - 1))}\n`);
    this.#forget();
  }

  /** Paints nothing until `release`: something else has the terminal, or the alternate screen is shown. */
  hold(): void {
    this.#isHeld = true;
  }

  /** The cursor is where it was; it may be shown, and the region is written anew. */
  release(): void {
    this.#isHeld = false;
    this.#isCursorShown = true;
    this.#isStale = true;
  }

  #forget(): void {
    this.#rows = [];
    this.#at = 0;
    this.#caret = undefined;
    this.#recent = [];
    this.#begun = undefined;
    this.#isBlankAbove = false;
  }

  #whole(added: Added, rows: readonly string[]): string {
    const top = this.#top();
    const begun = this.#continued(added);
    const back = begun === '' ? '' : this.#moved(0);
    const body = `${top}${begun}${back}${printedText(added)}${rows.join('\n')}`;
    this.#at = Math.max(0, rows.length - 1);
    return body;
  }

  /** Writes the rest of the line that was begun, in the row above the region. */
  #continued(added: Added): string {
    if (added.joined === undefined || this.#begun === undefined) return '';
    const end = added.begun !== undefined && added.lines.length === 0 ? ` ${restOfRow}` : '';
    return `${this.#moved(-1)}\r${continuation(added.joined, this.#begun)}${end}`;
  }

  /** To the first row of the region, which is cleared. */
  #top(): string {
    const more = this.#wrapped();
    const move = (more > 0 ? `\x1b[${more}A` : '') + this.#moved(this.#first());
    return this.#rows.length === 0 ? move : `${move}\r${fromThisRow}`;
  }

  /** The first row of the region that is surely below what was printed. */
  #first(): number {
    const isWrappedAnew =
      this.#wrapsAgain && this.#hasWideLetters && this.#output.size.columns !== this.#size.columns;
    return isWrappedAnew && this.#rows[0] === '' ? 1 : 0;
  }

  /** Rows above the cursor that are there because the terminal has become narrower. */
  #wrapped(): number {
    const { columns } = this.#output.size;
    if (!this.#wrapsAgain || columns >= this.#size.columns || this.#recent.length === 0) return 0;
    // Not the last size, it seems.
    if (this.#now() < this.#restsAt) return 0;
    return Math.min(...this.#recent.map(({ rows, at }) => rowsMore(rows.slice(0, at), columns)));
  }

  /** Rewrites the rows that differ. */
  #changes(rows: readonly string[]): string {
    const before = this.#rows;
    const isShorter = rows.length < before.length;
    const changed = rows.flatMap((row, at) => (row === before[at] ? [] : [at]));
    if (changed.length === 0 && !isShorter) return '';
    let body = '';
    for (const at of changed) body += `${this.#moved(at)}\r${rowChange(before[at] ?? '', rows[at] ?? '')}`;
    // There is always a row above this one.
    if (isShorter) body += `${this.#moved(rows.length)}\r${restOfScreen}`;
    return unwrapped(body);
  }

  /** Puts the cursor at the caret, or where it waits. */
  #placed(caret: Caret): string {
    this.#caret = caret;
    this.#isCursorShown = caret !== undefined;
    const move = `${this.#moved(caret?.y ?? Math.max(0, this.#rows.length - 1))}\r`;
    if (caret === undefined) return move;
    return `${move}${caret.x > 0 ? `\x1b[${caret.x}C` : ''}${showCursor}`;
  }

  /** To another row of the region. */
  #moved(row: number): string {
    const down = row - this.#at;
    this.#at = row;
    return down < 0 ? `\x1b[${-down}A` : '\n'.repeat(down);
  }
}

function addedBy(cells: readonly PrintedCell[], begun: Begun | undefined): Added {
  if (cells.length === 0) return { joined: undefined, lines: [], begun };
  const lines: string[] = [];
  /** What is written into the row of the line that was begun; its blank is taken away at least. */
  let joined = begun === undefined ? undefined : '';
  let end = begun;
  for (const { lines: own, flow } of cells) {
    const continues = flow?.joined !== undefined && end !== undefined && mayContinue(flow, end);
    if (continues && lines.length > 0) lines.push(`${lines.pop()}${flow.joined}`);
    else if (continues) joined += flow.joined ?? '';
    lines.push(...own.slice(continues ? 1 : 0).map((line) => line.trimEnd()));
    const width = cellWidth(lines.at(-1) ?? joined ?? '') + (lines.length === 0 ? (begun?.cells ?? 0) : 0);
    end =
      flow?.isOpen === true && width % flow.columns > 0 ? { cells: width, columns: flow.columns } : undefined;
  }
  return { joined, lines, begun: end };
}

/** A line that the terminal has wrapped is continued only where a row ends. */
function mayContinue({ columns, joined = '' }: Flow, begun: Begun): boolean {
  return begun.columns === columns && (begun.cells < columns || endsRow(joined, begun));
}

function endsRow(joined: string, { cells, columns }: Begun): boolean {
  return opening(joined).blanks >= columns - (cells % columns);
}

/**
 * Behind the end of the row. Where the next one follows, by way of the last column: the text of a line that was wrapped
 * anew may end anywhere, but a blank in the last column overwrites none of it, and what comes next is in another row.
 */
function continuation(joined: string, begun: Begun): string {
  const { cells, columns } = begun;
  if (!endsRow(joined, begun)) return `${cells > 0 ? `\x1b[${cells}C` : ''}${restOfRow}${joined}`;
  const { codes, blanks, text } = opening(joined);
  return `${lastColumn} ${codes}${' '.repeat(blanks - (columns - (cells % columns)))}${text}`;
}

/** Nothing but the row that was begun grows, and may grow further. */
function isRowOnly({ lines, joined, begun }: Added, before: Begun | undefined): boolean {
  if (lines.length > 0) return false;
  if (joined === undefined) return true;
  const rowOf = (line: Begun): number => Math.floor(line.cells / line.columns);
  return begun !== undefined && before !== undefined && rowOf(begun) === rowOf(before);
}

function printedText({ lines, begun }: Added): string {
  return lines
    .map((line, index) => `${line}${begun !== undefined && index === lines.length - 1 ? ' ' : ''}\n`)
    .join('');
}

/** At most so many rows; those next to the caret, or the last ones. Without its own blank where there is one above. */
function fitted(
  rows: readonly string[],
  caret: Caret,
  most: number,
  isBlankAbove: boolean,
): { rows: readonly string[]; caret: Caret } {
  if (rows.length === 0) return { rows, caret: undefined };
  const own = isBlankAbove && rows[0] === '' ? 1 : 0;
  const from = rows.length - own <= most ? own : Math.min(rows.length - most, caret?.y ?? rows.length);
  const shown = rows.slice(from, from + most);
  return { rows: shown, caret: caret === undefined ? undefined : { x: caret.x, y: caret.y - from } };
}

/** What is written into a row ends where the terminal does, so that the cursor stays in this row. */
function unwrapped(text: string): string {
  return text === '' ? '' : `${wrapOff}${text}${wrapOn}`;
}

/** How many rows more these take in a terminal of so many columns. */
function rowsMore(rows: readonly string[], columns: number): number {
  return rows.reduce((sum, row) => sum + Math.max(0, Math.ceil(cellWidth(row) / columns) - 1), 0);
}

function isSameSize(one: Size, other: Size): boolean {
  return one.columns === other.columns && one.rows === other.rows;
}

function isSame(one: Caret, other: Caret): boolean {
  return one?.x === other?.x && one?.y === other?.y;
}
