/**
 * Notices a model that repeats a line or a phrase without end, unchanged or with a number that counts.
 *
 * The text is a sequence of units (text-units.ts). A stretch that equals the one a period earlier, numbers aside, is
 * a repetition; it is a runaway if it is longer than such text ever is in honest files. Measured over 53,000 files
 * (code, data, logs, licences, source maps, snapshots): prose whose numbers grow steadily repeats for 119 tokens at
 * most, code that repeats with unchanged numbers for 300 (7 files of assembly and test data for thousands), marks
 * alone for 1,600 characters, data (base64, zeros) for 10,800. Lines of code and tables with growing numbers are not
 * a runaway at any length: files are full of them.
 *
 * Linear in the text, with bounded memory. How the text is split into deltas makes no difference.
 */
import { BLANK, DIGITS, GLYPH, LETTERS, MARK, TextUnits, type Unit } from './text-units.ts';

/** Our own `doneReason`: the model repeated itself without end. The turn holds what came before that. */
export const RUNAWAY = 'runaway';

/** Units that are remembered. */
const MEMORY = 8192;
/** The longest period, in units: a page of text. */
const LONGEST_PERIOD = 2048;
/** This many equal units in a row start a closer look. */
const SEED = 8;
const SEEDS = 1 << 14;
const MAX_TRACKS = 8;
const HASH_BASE = 0x01000193;
const HASH_OUT = power(HASH_BASE, SEED);

/** Tokens of prose, and of lines with words; characters of marks, and of anything else. */
const PROSE_TOKENS = 200;
const LINE_TOKENS = 360;
const MARK_CHARS = 2048;
const DATA_CHARS = 16_384;
const LEAST_PROSE_COPIES = 3;
/** A debugger’s log of a loop has eight. */
const LEAST_LINE_COPIES = 10;
const MARK_PERIOD = 4;

/** Marks of code and tables that prose does not use. */
const CODE_MARKS = new Set([...'{}[]<>=;|&$%@~^'].map((mark) => mark.charCodeAt(0)));
/** Arrows, boxes, and other symbols begin here. */
const FIRST_SYMBOL = 0x2100;
const LONGEST_WORD = 24;

type Sort = 'prose' | 'lines' | 'marks' | 'data';

/** Where a repetition begins. */
interface Begin {
  index: number;
  offset: number;
  tokens: number;
}

interface Track {
  readonly period: number;
  /** From here on, all numbers grow by the same amount from copy to copy. */
  readonly steady: Begin;
  /** From here on, they stay the same. */
  readonly exact: Begin;
  sort: Sort | undefined;
}

export class RunawayDetector {
  readonly #units = new TextUnits((unit) => this.#take(unit));
  readonly #symbols = new Int32Array(MEMORY);
  readonly #values = new Float64Array(MEMORY);
  readonly #offsets = new Float64Array(MEMORY);
  readonly #tokens = new Float64Array(MEMORY);
  readonly #kinds = new Uint8Array(MEMORY);
  readonly #lengths = new Uint8Array(MEMORY);
  readonly #isCode = new Uint8Array(MEMORY);
  /** Where SEED units with this hash last ended; 0: nowhere. */
  readonly #seeds = new Int32Array(SEEDS);
  #count = 0;
  #tokenCount = 0;
  #hash = 0;
  #tracks: Track[] = [];
  #found: number | undefined;

  /** @returns how much of the text, from its start, is worth keeping; undefined while all of it is. */
  add(text: string): number | undefined {
    if (this.#found === undefined) this.#units.add(text);
    return this.#found;
  }

  #take(unit: Readonly<Unit>): void {
    const index = this.#count;
    const at = index % MEMORY;
    const leaving = index >= SEED ? (this.#symbols[(index - SEED) % MEMORY] ?? 0) : 0;
    this.#symbols[at] = unit.symbol;
    this.#values[at] = unit.value;
    this.#offsets[at] = unit.start;
    this.#tokens[at] = this.#tokenCount;
    this.#kinds[at] = unit.kind;
    this.#lengths[at] = unit.length;
    this.#isCode[at] =
      unit.kind === MARK && (CODE_MARKS.has(unit.firstCode) || unit.firstCode >= FIRST_SYMBOL) ? 1 : 0;
    if (unit.kind !== BLANK) this.#tokenCount += 1;
    this.#hash = (Math.imul(this.#hash, HASH_BASE) + unit.symbol - Math.imul(leaving, HASH_OUT)) | 0;
    this.#count = index + 1;
    const end = unit.start + unit.length;
    this.#tracks = this.#tracks.filter((track) => this.#continues(track, index, end));
    this.#seed(index);
    if (this.#found !== undefined) return;
    const over = this.#tracks.find((track) => this.#isRunaway(track, end));
    if (over !== undefined) this.#found = this.#beginOf(over).offset;
  }

  /** False once the unit differs from the one a period earlier. */
  #continues({ period, steady, exact }: Track, index: number, end: number): boolean {
    const before = index - period;
    if (!this.#isSame(index, before)) return false;
    const step = this.#value(index) - this.#value(before);
    if (step !== 0) this.#restart(exact, end);
    if (before >= steady.index && step !== this.#value(before) - this.#value(before - period)) {
      this.#restart(steady, end);
    }
    return true;
  }

  #restart(begin: Begin, end: number): void {
    begin.index = this.#count;
    begin.offset = end;
    begin.tokens = this.#tokenCount;
  }

  /** Starts to track a repetition if the last units have been seen before. */
  #seed(index: number): void {
    if (index < SEED) return;
    const slot = (this.#hash ^ (this.#hash >>> 15)) & (SEEDS - 1);
    const last = this.#seeds[slot] ?? 0;
    this.#seeds[slot] = index;
    const period = index - last;
    if (last === 0 || period > LONGEST_PERIOD || this.#tracks.length >= MAX_TRACKS) return;
    if (this.#tracks.some((track) => track.period === period)) return;
    let first = index + 1;
    while (first > period && index - first < 4 * SEED && this.#isSame(first - 1, first - 1 - period))
      first -= 1;
    if (index - first + 1 < SEED) return;
    const exact = this.#firstEqual(first, index, period);
    this.#tracks.push({ period, steady: this.#beginAt(first), exact, sort: undefined });
  }

  #firstEqual(first: number, index: number, period: number): Begin {
    for (let at = index; at >= first; at -= 1) {
      if (this.#value(at) !== this.#value(at - period)) return this.#beginAt(at + 1);
    }
    return this.#beginAt(first);
  }

  #beginAt(index: number): Begin {
    const at = index % MEMORY;
    const isAhead = index >= this.#count;
    const last = (this.#count - 1) % MEMORY;
    const end = (this.#offsets[last] ?? 0) + (this.#lengths[last] ?? 0);
    return {
      index,
      offset: isAhead ? end : (this.#offsets[at] ?? 0),
      tokens: isAhead ? this.#tokenCount : (this.#tokens[at] ?? 0),
    };
  }

  #isRunaway(track: Track, end: number): boolean {
    const { period, steady, exact } = track;
    if (this.#tokenCount - steady.tokens < PROSE_TOKENS && end - exact.offset < MARK_CHARS) return false;
    track.sort ??= this.#sortOf(period);
    const exactCopies = (this.#count - exact.index) / period;
    switch (track.sort) {
      case 'prose':
        return (
          this.#tokenCount - steady.tokens >= PROSE_TOKENS &&
          (this.#count - steady.index) / period >= LEAST_PROSE_COPIES
        );
      case 'lines':
        return this.#tokenCount - exact.tokens >= LINE_TOKENS && exactCopies >= LEAST_LINE_COPIES;
      case 'marks':
        return end - exact.offset >= MARK_CHARS;
      case 'data':
        return end - exact.offset >= DATA_CHARS && exactCopies >= LEAST_LINE_COPIES;
      default:
        return track.sort satisfies never;
    }
  }

  #beginOf({ sort, steady, exact }: Track): Begin {
    return sort === 'prose' ? steady : exact;
  }

  /** What the last `period` units are. */
  #sortOf(period: number): Sort {
    const { words, names, glyphs, numbers, blanks, marks, isProse } = this.#countsOf(period);
    const all = words + glyphs;
    if (isProse && all >= 3 && names + marks <= all && 2 * blanks >= words) return 'prose';
    if (all >= 1 && 3 * blanks >= words) return 'lines';
    return all + names + numbers === 0 && period <= MARK_PERIOD ? 'marks' : 'data';
  }

  #countsOf(period: number) {
    const counts = { words: 0, names: 0, glyphs: 0, numbers: 0, blanks: 0, marks: 0, isProse: true };
    for (let index = this.#count - period; index < this.#count; index += 1) {
      const kind = this.#kinds[index % MEMORY];
      if (kind === BLANK) counts.blanks += 1;
      if (kind === GLYPH) counts.glyphs += 1;
      if (kind === DIGITS) counts.numbers += 1;
      if (kind === LETTERS) counts[this.#isWord(index, period) ? 'words' : 'names'] += 1;
      if (kind === MARK) counts.marks += 1;
      if (this.#isCode[index % MEMORY] === 1) counts.isProse = false;
      // `x1`, `R2`: names, which count up in code.
      if (kind === DIGITS && this.#hasBeside(index, period, LETTERS)) counts.isProse = false;
    }
    return counts;
  }

  #hasBeside(index: number, period: number, kind: number): boolean {
    return this.#kinds[(index - 1) % MEMORY] === kind || this.#kinds[(index - period + 1) % MEMORY] === kind;
  }

  #isWord(index: number, period: number): boolean {
    const length = this.#lengths[index % MEMORY] ?? 0;
    return length >= 2 && length < LONGEST_WORD && !this.#hasBeside(index, period, DIGITS);
  }

  #isSame(a: number, b: number): boolean {
    return (
      this.#symbols[a % MEMORY] === this.#symbols[b % MEMORY] &&
      this.#kinds[a % MEMORY] === this.#kinds[b % MEMORY]
    );
  }

  #value(index: number): number {
    return this.#values[index % MEMORY] ?? 0;
  }
}

function power(base: number, exponent: number): number {
  let result = 1;
  for (let count = 0; count < exponent; count += 1) result = Math.imul(result, base);
  return result;
}
