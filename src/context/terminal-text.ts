/**
 * What a terminal would show in the end of what a command has printed: a line that was redrawn counts once, in its last state, and
 * colours and other sequences are gone. Plain text passes unchanged, CRLF too.
 *
 * Invariants: where the text is cut into pieces does not matter; the result is never longer than the text; memory is bounded; the time
 * is linear. Only the last rows can still be written over, as on a screen; everything above has been given out.
 */

/** As high as the terminal that commands get. */
const ROWS = 24;
/** UTF-16 units after which a row is given out: what comes then counts as another. */
const MAX_ROW = 8_192;
const MAX_PARAMETERS = 64;

/** Everything that is not just the next characters of a row. U+FFFD stands for bytes that are not UTF-8. */
const SPECIAL = /[\x00-\x08\x0a\x0b\x0d-\x1f\x7f-\x9f\ufffd]/g;
const NOT_PLAIN = /[\x00-\x08\x0b\x0d-\x1f\x7f-\x9f\ufffd]/;
/** Also a line end: a string for the terminal that never ends must not swallow the lines after it. */
const STRING_END = /[\x07\n\x18\x1a\x1b\x9c]/g;
const STRING_START = /[\]P_^X]/;

/** One row, or a part of one that was too long. */
export interface PrintedRow {
  /** With its line end, if it has one. */
  readonly text: string;
  readonly isBinary: boolean;
}

type State = 'text' | 'escape' | 'csi' | 'string';

export class TerminalText {
  readonly #give: (row: PrintedRow) => void;
  #rows: Row[] = [new Row()];
  #row = 0;
  #column = 0;
  #saved = { row: 0, column: 0 };
  #state: State = 'text';
  #parameters = '';
  #isAfterReturn = false;
  /** The cursor has just been moved to the top left corner. */
  #isHome = false;

  /** @param give called with each row that can no longer change. */
  constructor(give: (row: PrintedRow) => void) {
    this.#give = give;
  }

  /** UTF-16 units that have not been given out. */
  get pending(): number {
    return this.#rows.reduce((sum, row) => sum + row.size, 0);
  }

  /** Removes the beginning of a sequence or line end, for the text that follows this one. */
  takeUnfinished(): string {
    const begun = { text: '', escape: '\x1b', csi: `\x1b[${this.#parameters}`, string: '\x1b]' };
    const unfinished = (this.#isAfterReturn ? '\r' : '') + begun[this.#state];
    this.#state = 'text';
    this.#isAfterReturn = false;
    return unfinished;
  }

  write(text: string): void {
    let at = this.#skipPlain(text);
    while (at < text.length) at = this.#step(text, at);
  }

  /** Gives out the rest. */
  end(): void {
    while (this.#rows.length - 1 > this.#row && this.#rows.at(-1)?.size === 0) this.#rows.pop();
    this.#giveAll();
  }

  /** Gives out most of a large plain text at once, as its lines would be one by one. Returns how much of it. */
  #skipPlain(text: string): number {
    if (text.length < MAX_ROW || this.#state !== 'text' || this.#isAfterReturn) return 0;
    if (!this.#isAtEnd() || this.#current.noise > 0 || NOT_PLAIN.test(text)) return 0;
    let end = text.length;
    for (let lines = 0; lines <= ROWS && end > 0; lines += 1) end = text.lastIndexOf('\n', end - 1);
    if (end <= 0) return 0;
    this.#giveAll();
    this.#give({ text: text.slice(0, end + 1), isBinary: false });
    return end + 1;
  }

  #step(text: string, at: number): number {
    if (this.#state === 'string') return this.#skipString(text, at);
    if (this.#state === 'text') {
      SPECIAL.lastIndex = at;
      const next = SPECIAL.exec(text)?.index ?? text.length;
      if (next > at) {
        this.#print(text.slice(at, next));
        return next;
      }
    }
    const char = text[at] ?? '';
    if (this.#state !== 'text' && char > '~') {
      // No part of a sequence: what follows is text again.
      this.#state = 'text';
      return at;
    }
    this.#take(char);
    return at + 1;
  }

  #skipString(text: string, at: number): number {
    STRING_END.lastIndex = at;
    const found = STRING_END.exec(text);
    if (found === null) return text.length;
    this.#state = 'text';
    return found[0] === '\n' || found[0] === '\x1b' ? found.index : found.index + 1;
  }

  #take(char: string): void {
    if (this.#state === 'text' || char < ' ') return this.#control(char);
    if (this.#state === 'csi') return this.#takeParameter(char);
    if (char >= ' ' && char <= '/') return;
    this.#state = 'text';
    if (char === '[') [this.#state, this.#parameters] = ['csi', ''];
    else if (STRING_START.test(char)) this.#state = 'string';
    else this.#escape(char);
  }

  #takeParameter(char: string): void {
    if (char >= '@') {
      this.#state = 'text';
      this.#sequence(char, this.#parameters);
    } else if (this.#parameters.length >= MAX_PARAMETERS) this.#state = 'text';
    else this.#parameters += char;
  }

  #control(char: string): void {
    this.#state = 'text';
    this.#isHome &&= char === '\x1b';
    const wasReturn = this.#isAfterReturn;
    this.#isAfterReturn = char === '\r';
    const row = this.#current;
    if (char === '\r') this.#column = 0;
    else if (char === '\n') this.#newLine(wasReturn);
    else if (char === '\b') this.#column = Math.max(0, this.#column - 1);
    else if (char === '\x1b') this.#state = 'escape';
    else if (char === '\0') this.#separate(row);
    else if (char === '\ufffd') {
      row.unreadable += 1;
      this.#print(char);
    } else row.controls += 1;
  }

  /** Names that end in NUL are read as lines; more of them in a row are nothing. */
  #separate(row: Row): void {
    row.nuls += 1;
    if (this.#isAtEnd() && row.length > 0 && !row.endsIn('\n')) this.#print('\n');
  }

  #newLine(isAfterReturn: boolean): void {
    if (this.#row < this.#rows.length - 1) this.#row += 1;
    else {
      if (isAfterReturn) this.#current.hasReturn = true;
      this.#rows.push(new Row());
      this.#row += 1;
      if (this.#rows.length > ROWS) this.#giveFirst();
    }
    this.#column = 0;
  }

  #print(text: string): void {
    this.#isHome = false;
    this.#isAfterReturn = false;
    for (let at = 0, end = 0; at < text.length; at = end) {
      const row = this.#current;
      if (this.#column > row.length) this.#column = row.pad();
      end = Math.min(text.length, at + MAX_ROW - row.size);
      // Both halves of a character go into the same row.
      if (text.charCodeAt(end - 1) >> 10 === 0x36) end -= 1;
      if (end > at) this.#column = row.put(this.#column, text.slice(at, end));
      if (end === at || row.size >= MAX_ROW) this.#giveAll();
    }
  }

  #escape(char: string): void {
    if (char === '7') this.#save();
    else if (char === '8') this.#restore();
    else if (char === 'M') this.#moveTo(this.#row - 1, this.#column);
    else if (char === 'c') this.#newScreen();
  }

  #sequence(final: string, parameters: string): void {
    const [first = 0, second = 0] = parameters.split(';').map((one) => Number.parseInt(one, 10) || 0);
    const count = Math.max(1, first);
    if (final === 'J') this.#eraseRows(first);
    this.#isHome = (final === 'H' || final === 'f') && count === 1 && second <= 1;
    const [row, column] = [this.#row, this.#column];
    if (final === 'A') this.#moveTo(row - count, column);
    else if (final === 'B') this.#moveTo(row + count, column);
    else if (final === 'C') this.#moveTo(row, column + count);
    else if (final === 'D') this.#moveTo(row, column - count);
    else if (final === 'E') this.#moveTo(row + count, 0);
    else if (final === 'F') this.#moveTo(row - count, 0);
    else if (final === 'G') this.#moveTo(row, count - 1);
    else if (final === 'H' || final === 'f') this.#moveTo(count - 1, Math.max(1, second) - 1);
    else if (final === 'K') this.#current.erase(this.#column, first);
    else if (final === 's') this.#save();
    else if (final === 'u') this.#restore();
  }

  /** There are no rows above or below those that have been written. */
  #moveTo(row: number, column: number): void {
    this.#isAfterReturn = false;
    this.#row = Math.min(Math.max(row, 0), this.#rows.length - 1);
    this.#column = Math.max(column, 0);
  }

  #eraseRows(how: number): void {
    if (how === 2 || (how === 0 && this.#isHome)) return this.#newScreen();
    if (how === 0) this.#rows.length = this.#row + 1;
    if (how === 1) for (const row of this.#rows.slice(0, this.#row)) row.erase(0, 2);
    if (how < 2) this.#current.erase(this.#column, how);
  }

  /** What a command has cleared stays, as above a terminal's screen: it must not hide what it has printed. */
  #newScreen(): void {
    if ((this.#rows.at(-1)?.size ?? 0) > 0) this.#rows.push(new Row());
    while (this.#rows.length > 1) this.#giveFirst();
    this.#clear();
  }

  #clear(): void {
    this.#rows = [new Row()];
    this.#moveTo(0, 0);
  }

  #save(): void {
    this.#saved = { row: this.#row, column: this.#column };
  }

  #restore(): void {
    this.#moveTo(this.#saved.row, this.#saved.column);
  }

  get #current(): Row {
    return this.#rows[this.#row] as Row;
  }

  #isAtEnd(): boolean {
    return this.#row === this.#rows.length - 1 && this.#column === this.#current.length;
  }

  #giveFirst(): void {
    const row = this.#rows.shift();
    this.#row = Math.max(0, this.#row - 1);
    this.#saved = { ...this.#saved, row: Math.max(0, this.#saved.row - 1) };
    if (row === undefined) return;
    this.#give({ text: `${row.text}${row.hasReturn ? '\r\n' : '\n'}`, isBinary: row.isBinary });
  }

  #giveAll(): void {
    while (this.#rows.length > 1) this.#giveFirst();
    const row = this.#current;
    if (row.size > 0 || row.isBinary) this.#give({ text: row.text, isBinary: row.isBinary });
    this.#clear();
  }
}

/** A row of the screen: a string as long as it only grows, characters as soon as one is written over. */
class Row {
  #plain = '';
  #cells: string[] | undefined;
  /** In characters. */
  length = 0;
  /** In UTF-16 units. */
  size = 0;
  /** Its line end is CRLF. */
  hasReturn = false;
  controls = 0;
  unreadable = 0;
  nuls = 0;
  #printed = 0;

  get text(): string {
    return this.#cells?.join('') ?? this.#plain;
  }

  get noise(): number {
    return this.controls + this.nuls + this.unreadable;
  }

  /** Nothing that was meant to be read: text in another encoding has no control characters, and a list has few NULs. */
  get isBinary(): boolean {
    const all = this.#printed + this.controls + this.nuls;
    const isMixed = this.unreadable > 0 && this.controls + this.nuls > 0;
    return (
      (this.nuls > 7 && this.nuls * 3 > all) ||
      (this.noise > 3 && (isMixed || this.controls > 3) && this.noise * 10 > all)
    );
  }

  endsIn(char: string): boolean {
    return this.#cells === undefined ? this.#plain.endsWith(char) : this.#cells.at(-1) === char;
  }

  /** Writes over what is there. Returns the column behind it. */
  put(column: number, text: string): number {
    if (column === this.length && this.#cells === undefined) {
      this.#plain += text;
      this.#grow(text.length, characters(text));
      return this.length;
    }
    const cells = this.#split();
    let at = column;
    for (const cell of text) {
      this.size += cell.length - (cells[at]?.length ?? 0);
      cells[at] = cell;
      at += 1;
      this.#printed += 1;
    }
    this.length = cells.length;
    return at;
  }

  /** One blank, however far the cursor has moved past the end: a sequence of five bytes could mean thousands. */
  pad(): number {
    return this.put(this.length, ' ');
  }

  /** @param how 0: from this column on; 1: up to it, where that is all there is; 2: all. */
  erase(column: number, how: number): void {
    const cells = this.#split();
    const isAll = how === 2 || (how === 1 && column + 1 >= cells.length);
    if (how === 1 && !isAll) return;
    for (const cell of cells.splice(isAll ? 0 : column)) this.size -= cell.length;
    this.length = cells.length;
  }

  #split(): string[] {
    this.#cells ??= [...this.#plain];
    return this.#cells;
  }

  #grow(size: number, length: number): void {
    this.size += size;
    this.length += length;
    this.#printed += length;
  }
}

function characters(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) >> 10 !== 0x37) count += 1;
  return count;
}
