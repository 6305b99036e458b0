/**
 * Breaks text into rows, between words where it can.
 *
 * Invariants: no row is wider than asked for, except for a URL that is to stay whole and a character wider than the
 * row; nothing visible is lost; each row closes its styles. Wide characters (Chinese, Japanese) may be parted
 * anywhere except before closing and after opening punctuation.
 */
import { cellWidth } from '../../text/cell-width.ts';
import { OpenStyles, type Unit, unitsOf } from './units.ts';

export interface WrapOptions {
  /** Prefixes of the first row and of the others; part of the width. */
  readonly first?: string;
  readonly rest?: string;
  /** A URL longer than a row stays in one piece, so that the terminal recognises it. */
  readonly keepUrls?: boolean;
}

const NOT_FIRST = /^[、。，．！？；：）」』】〕》〉’”…ー]/u;
const NOT_LAST = /[（「『【〔《〈‘“]$/u;
const URL_START = /^\W*https?:\/\//;

/** The rows of a text, at least one. Line breaks stay. */
export function wrap(text: string, width: number, options: WrapOptions = {}): string[] {
  return wrapLines(text, width, options).flat();
}

/** The rows of each line of a text. */
export function wrapLines(text: string, width: number, options: WrapOptions = {}): string[][] {
  const wrapper = new Wrapper(width, options);
  return text.split('\n').map((line) => wrapper.line(line));
}

/** Rows of exactly what the line contains, spaces included, cut where the row ends: for code in a narrow place. */
export function breakRows(line: string, width: number, rest = ''): string[] {
  if (cellWidth(line) <= width) return [line];
  const rows: string[] = [];
  const styles = new OpenStyles();
  let row = '';
  let room = Math.max(1, width);
  for (const unit of unitsOf(line)) {
    if (unit.kind === 'code') styles.apply(unit.text);
    for (const part of unit.kind === 'run' || unit.kind === 'space' ? unit.text : [unit.text]) {
      const cells = unit.kind === 'grapheme' || unit.kind === 'code' ? unit.width : 1;
      if (cells > room && row !== '') {
        rows.push(row + styles.closing());
        row = rest + styles.opening();
        room = Math.max(1, width - cellWidth(rest));
      }
      row += part;
      room -= cells;
    }
  }
  return [...rows, row];
}

class Wrapper {
  #rows: string[] = [];
  readonly #width: number;
  readonly #rest: string;
  readonly #keepUrls: boolean;
  /** Open at the end of the row. */
  readonly #styles = new OpenStyles();
  #prefix: string;
  #row = '';
  #room = 0;
  #isEmpty = true;
  #gap = '';
  #gapWidth = 0;
  #gapCodes = '';
  #word: Unit[] = [];
  #wordWidth = 0;

  constructor(width: number, { first = '', rest = first, keepUrls = false }: WrapOptions) {
    this.#width = width;
    this.#prefix = first;
    this.#rest = rest;
    this.#keepUrls = keepUrls;
  }

  line(text: string): string[] {
    this.#rows = [];
    this.#begin();
    for (const unit of unitsOf(text)) {
      if (unit.kind === 'space') {
        this.#flush();
        this.#gap += unit.text;
        this.#gapWidth += unit.width;
      } else if (unit.kind === 'code' && this.#word.length === 0) {
        this.#gap += unit.text;
        this.#gapCodes += unit.text;
      } else {
        if ((isWide(unit) || isWide(this.#lastOfWord())) && this.#mayPart(unit)) this.#flush();
        this.#word.push(unit);
        this.#wordWidth += unit.width;
      }
    }
    this.#flush();
    this.#row += this.#gapCodes;
    this.#applyCodes(this.#gapCodes);
    this.#dropGap();
    this.#end();
    return this.#rows;
  }

  #lastOfWord(): Unit | undefined {
    return this.#word.findLast(({ kind }) => kind !== 'code');
  }

  #mayPart(next: Unit): boolean {
    if (next.kind === 'code' || next.width === 0 || NOT_FIRST.test(next.text)) return false;
    const last = this.#lastOfWord();
    return last !== undefined && !NOT_LAST.test(last.text);
  }

  #begin(): void {
    this.#row = this.#prefix + this.#styles.opening();
    this.#room = Math.max(1, this.#width - cellWidth(this.#prefix));
    this.#isEmpty = true;
    this.#prefix = this.#rest;
  }

  #end(): void {
    this.#rows.push(this.#row + this.#styles.closing());
  }

  #dropGap(): void {
    this.#gap = '';
    this.#gapWidth = 0;
    this.#gapCodes = '';
  }

  #applyCodes(codes: string): void {
    for (const code of codes.match(/\x1b\[[\d;]*m|\x1b\]8;;[^\x07\x1b]*\x07/g) ?? [])
      this.#styles.apply(code);
  }

  /** Puts the gap and the word after it into the row, or into the next one. */
  #flush(): void {
    if (this.#word.length === 0) return;
    if (this.#isEmpty) this.#shortenGap();
    const isTooLong = this.#gapWidth + this.#wordWidth > this.#room;
    if (isTooLong && !this.#isEmpty) {
      this.#end();
      this.#begin();
      this.#gap = this.#gapCodes;
      this.#gapWidth = 0;
    }
    this.#row += this.#gap;
    this.#room -= this.#gapWidth;
    this.#applyCodes(this.#gapCodes);
    this.#dropGap();
    const word = this.#word;
    const isWhole = this.#wordWidth <= this.#room || (this.#keepUrls && isUrl(word));
    this.#word = [];
    this.#wordWidth = 0;
    for (const unit of word) this.#put(unit, isWhole);
  }

  /** A deep indentation leaves half of the row to the text, and space for a wide character. */
  #shortenGap(): void {
    const most = Math.max(0, Math.floor(this.#room / 2) - 1);
    if (this.#gapWidth <= most) return;
    this.#gap = ' '.repeat(most) + this.#gapCodes;
    this.#gapWidth = most;
  }

  #put(unit: Unit, isWhole: boolean): void {
    let { text, width } = unit;
    while (!isWhole && width > this.#room) {
      const taken = unit.kind === 'run' ? this.#room : 0;
      this.#row += text.slice(0, taken);
      if (taken === 0 && this.#isEmpty) break;
      text = text.slice(taken);
      width -= taken;
      this.#end();
      this.#begin();
    }
    this.#row += text;
    this.#room -= width;
    if (width > 0) this.#isEmpty = false;
    if (unit.kind === 'code') this.#styles.apply(text);
  }
}

function isWide(unit: Unit | undefined): boolean {
  return unit?.kind === 'grapheme' && unit.width > 1;
}

function isUrl(word: readonly Unit[]): boolean {
  return URL_START.test(
    word
      .slice(0, 8)
      .filter(({ kind }) => kind !== 'code')
      .map(({ text }) => text.slice(0, 16))
      .join(''),
  );
}
