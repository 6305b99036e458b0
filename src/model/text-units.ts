/**
 * Splits a stream of text into units of about a token each: a word, a number, a run of one mark or blank, a glyph.
 *
 * How the text is split into deltas makes no difference. A unit has a bounded length, so an endless one becomes
 * many. The unit at the end of the text is reported only once something follows it.
 */

export const DIGITS = 1;
export const LETTERS = 2;
export const BLANK = 3;
export const MARK = 4;
/** A character that is a word of its own, as in Chinese. */
export const GLYPH = 5;

/** In UTF-16 units. A number of 15 digits is exact in a double. */
const LONGEST: readonly number[] = [0, 15, 24, 16, 16, 1];

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

export interface Unit {
  kind: number;
  /** The same for equal units, and for all numbers. */
  symbol: number;
  /** Of a number. */
  value: number;
  /** Position in the text, and length, in UTF-16 units. */
  start: number;
  length: number;
  firstCode: number;
}

export class TextUnits {
  readonly #onUnit: (unit: Readonly<Unit>) => void;
  readonly #unit: Unit = { kind: 0, symbol: 0, value: 0, start: 0, length: 0, firstCode: 0 };

  /** @param onUnit gets the same object each time. */
  constructor(onUnit: (unit: Readonly<Unit>) => void) {
    this.#onUnit = onUnit;
  }

  add(text: string): void {
    const unit = this.#unit;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      const kind = kindOf(code);
      if (isOver(unit, kind, code)) this.#begin(kind, code);
      unit.length += 1;
      if (kind === DIGITS) unit.value = unit.value * 10 + (code - 48);
      else unit.symbol = Math.imul(unit.symbol ^ code, FNV_PRIME);
    }
  }

  #begin(kind: number, code: number): void {
    const unit = this.#unit;
    if (unit.length > 0) this.#onUnit(unit);
    unit.start += unit.length;
    unit.kind = kind;
    unit.symbol = FNV_OFFSET | 0;
    unit.value = 0;
    unit.length = 0;
    unit.firstCode = code;
  }
}

function isOver(unit: Unit, kind: number, code: number): boolean {
  if (kind !== unit.kind || unit.length >= (LONGEST[kind] ?? 1)) return true;
  return (kind === BLANK || kind === MARK) && code !== unit.firstCode;
}

function kindOf(code: number): number {
  if (code >= 48 && code <= 57) return DIGITS;
  if ((code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95) return LETTERS;
  if (code === 32 || (code >= 9 && code <= 13) || code === 0xa0) return BLANK;
  if (code < 128) return MARK;
  if (code >= 0x2e80) return GLYPH;
  // Dashes, quotes, arrows, boxes.
  return code >= 0x2000 ? MARK : LETTERS;
}
