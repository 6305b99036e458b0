/**
 * How many cells of the terminal a text takes: the only place that knows. The build gives it to Ink in place of
 * string-width, so that what is laid out, what is painted and where the cursor goes agree.
 *
 * Terminals differ: some add up characters, some measure what a reader takes for one, each by the tables of its year.
 * What differs is in `CellWidths`, learnt from the terminal before the first picture (`tui/term/start-queries.ts`).
 * Invariant: escape sequences and control characters take none.
 */
import { eastAsianWidth } from 'get-east-asian-width';
import { isNarrow } from './segmenter.ts';

/** Cells that are added to the character before, or taken by the whole. */
export interface CellWidths {
  /** The second consonant of a conjunct (क्ष). */
  readonly conjunct: number;
  /** A vowel sign beside its consonant (का). */
  readonly spacingMark: number;
  /** The Thai and Lao vowel AM (กำ). */
  readonly vowelAm: number;
  /** A voicing mark of half width (ｶﾞ). */
  readonly halfMark: number;
  /** A character that is a picture by its selector (❤️), and a keycap (1️⃣). */
  readonly selected: number;
  /** Another character with such a selector (a + U+FE0F). */
  readonly selectedLetter: number;
  readonly keycap: number;
  readonly flag: number;
  /** Pictures joined to one, and a picture with a skin colour, are as wide as one. */
  readonly joinsPictures: boolean;
  readonly joinsSkins: boolean;
  /** Pictures up to this version of Unicode take two cells. */
  readonly pictures: number;
  /** Characters that are narrow in some fonts and wide in East Asian ones (…). */
  readonly ambiguous: number;
}

/** Of a terminal that has not answered: of whole characters, by the newest tables. */
export const DEFAULT_WIDTHS: CellWidths = {
  conjunct: 0,
  spacingMark: 1,
  vowelAm: 0,
  halfMark: 1,
  selected: 2,
  selectedLetter: 1,
  keycap: 2,
  flag: 2,
  joinsPictures: true,
  joinsSkins: true,
  pictures: Number.POSITIVE_INFINITY,
  ambiguous: 1,
};

/** Pictures that are younger than Unicode 10, by the version that brought them; in hexadecimal, first and last. */
const YOUNG_PICTURES: readonly (readonly [version: number, ranges: string])[] = [
  [
    11,
    '1f6f9 1f94d-1f94f 1f96c-1f970 1f973-1f976 1f97a 1f97c-1f97f 1f998-1f9a2 1f9b0-1f9b9 1f9c1-1f9c2 1f9e7-1f9ff',
  ],
  [
    12,
    '1f6d5 1f6fa 1f7e0-1f7eb 1f90d-1f90f 1f93f 1f971 1f97b 1f9a5-1f9aa 1f9ae-1f9af 1f9ba-1f9bf 1f9c3-1f9ca 1f9cd-1f9cf 1fa70-1fa73 1fa78-1fa7a 1fa80-1fa82 1fa90-1fa95',
  ],
  [
    13,
    '1f6d6-1f6d7 1f6fb-1f6fc 1f90c 1f972 1f977-1f978 1f9a3-1f9a4 1f9ab-1f9ad 1f9cb 1fa74 1fa83-1fa86 1fa96-1faa8 1fab0-1fab6 1fac0-1fac2 1fad0-1fad6',
  ],
  [
    14,
    '1f6dd-1f6df 1f7f0 1f979 1f9cc 1fa7b-1fa7c 1faa9-1faac 1fab7-1faba 1fac3-1fac5 1fad7-1fad9 1fae0-1fae7 1faf0-1faf6',
  ],
  [
    15,
    '1f6dc 1fa75-1fa77 1fa87-1fa88 1faad-1faaf 1fabb-1fabd 1fabf 1face-1facf 1fada-1fadb 1fae8 1faf7-1faf8',
  ],
  [16, '1fa89 1fa8f 1fabe 1fac6 1fadc 1fadf 1fae9'],
  [17, '1f6d8 1fa8a 1fa8e 1fac8 1facd 1faea 1faef'],
];

/** The oldest ones are of this version, as far as terminals differ: with it pictures became wide. */
const FIRST_VERSION = 9;

const SEQUENCE = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)/g;
const SELECTOR = '\ufe0f';
const JOINER = '\u200d';
const KEYCAP = '\u20e3';
const KNOWN_LIMIT = 4_000;

/** Compiled when they are first needed, which is seldom: each takes a millisecond. */
const PATTERNS = {
  /** What takes no cell after another character. */
  nothing:
    '[\\p{Default_Ignorable_Code_Point}\\p{Control}\\p{Nonspacing_Mark}\\p{Enclosing_Mark}\\p{Surrogate}\\p{Zl}\\p{Zp}]',
  spacingMark: '\\p{Spacing_Mark}',
  picture: '(?![\\u3000-\\u33ff\\u{1f200}-\\u{1f265}])[\\p{Extended_Pictographic}\\p{Emoji_Modifier}]',
};
const compiled = new Map<string, RegExp>();

let widths = DEFAULT_WIDTHS;
let segmenter: Intl.Segmenter | undefined;
let versions: ReadonlyMap<number, number> | undefined;
const known = new Map<string, number>();

/** What was learnt of the terminal; before anything is measured for it. */
export function setCellWidths(learnt: CellWidths): void {
  widths = learnt;
  known.clear();
}

export function cellWidth(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  const shown = text.includes('\x1b') ? text.replace(SEQUENCE, '') : text;
  if (widths.ambiguous === 1 && isNarrow(shown)) return shown.length;
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  let cells = 0;
  for (const { segment } of segmenter.segment(shown)) cells += graphemeWidth(segment);
  return cells;
}

/** Cells of one grapheme. */
function graphemeWidth(grapheme: string): number {
  const before = known.get(grapheme);
  if (before !== undefined) return before;
  const cells = measured(grapheme);
  if (known.size >= KNOWN_LIMIT) known.clear();
  known.set(grapheme, cells);
  return cells;
}

function measured(grapheme: string): number {
  if (grapheme.endsWith(KEYCAP)) return widths.keycap;
  let cells = 0;
  let last = '';
  let isJoined = false;
  for (const char of grapheme) {
    if (char === SELECTOR && last !== '') cells = withSelector(cells, last);
    if (char === JOINER) isJoined = true;
    if (matches('nothing', char)) continue;
    cells = last === '' ? ownWidth(char) : withNext(cells, char, isJoined);
    last = char;
    isJoined = false;
  }
  return cells;
}

function withSelector(cells: number, last: string): number {
  if (ownWidth(last) > 1) return cells;
  if (!matches('picture', last)) return cells - 1 + widths.selectedLetter;
  return widths.joinsPictures ? Math.max(cells, widths.selected) : cells - 1 + widths.selected;
}

/** The cells of a grapheme with one more of its characters. */
function withNext(cells: number, char: string, isJoined: boolean): number {
  const code = char.codePointAt(0) ?? 0;
  if (code >= 0x1f3fb && code <= 0x1f3ff) return widths.joinsSkins ? cells : cells + ownWidth(char);
  if (code >= 0x1f1e6 && code <= 0x1f1ff) return widths.flag;
  if (matches('picture', char)) {
    const own = ownWidth(char);
    return widths.joinsPictures && isJoined ? Math.max(cells, own) : cells + own;
  }
  if (code === 0xff9e || code === 0xff9f) return cells + widths.halfMark;
  if (code === 0xe33 || code === 0xeb3) return cells + widths.vowelAm;
  if (matches('spacingMark', char)) return cells + widths.spacingMark;
  if (isInSyllable(code)) return cells;
  return cells + (ownWidth(char) === 2 ? 2 : widths.conjunct);
}

/** A vowel or final consonant of Korean, which completes the syllable before it. */
function isInSyllable(code: number): boolean {
  return (code >= 0x1160 && code <= 0x11ff) || (code >= 0xd7b0 && code <= 0xd7fb);
}

function ownWidth(char: string): number {
  const code = char.codePointAt(0) ?? 0;
  if (eastAsianWidth(code, { ambiguousAsWide: widths.ambiguous === 2 }) < 2) return 1;
  return versionOf(code) > widths.pictures && matches('picture', char) ? 1 : 2;
}

function versionOf(code: number): number {
  if (code < 0x1f6d0) return FIRST_VERSION;
  versions ??= new Map(
    YOUNG_PICTURES.flatMap(([version, ranges]) => ranges.split(' ').flatMap(codesOf(version))),
  );
  return versions.get(code) ?? FIRST_VERSION;
}

function codesOf(version: number): (range: string) => [code: number, version: number][] {
  return (range) => {
    const [first = 0, last = first] = range.split('-').map((text) => Number.parseInt(text, 16));
    return Array.from({ length: last - first + 1 }, (_, index) => [first + index, version]);
  };
}

function matches(name: keyof typeof PATTERNS, char: string): boolean {
  const pattern = compiled.get(name) ?? new RegExp(PATTERNS[name], 'u');
  compiled.set(name, pattern);
  return pattern.test(char);
}
