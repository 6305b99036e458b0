/**
 * Cuts styled text into units that can be measured and moved: codes, spaces, runs of ASCII, single graphemes.
 *
 * Invariants: the units joined are the text; a row that ends inside a style closes it, and the next one opens it again;
 * nothing is scanned further than the caller asks. SGR is the only escape that a line may hold.
 */
import { cellWidth } from '../../text/cell-width.ts';

/** `run` is printable ASCII without spaces, one cell per character; `grapheme` is one character to a reader. */
export interface Unit {
  readonly kind: 'sgr' | 'space' | 'run' | 'grapheme';
  readonly text: string;
  /** Cells. */
  readonly width: number;
}

// An ASCII character stays with a following non-ASCII one: they may be one grapheme.
const PIECE = /(\x1b\[[\d;]*m)|( +)|([!-~]+(?![^\0-\x7f])|[!-~])(?![^\0-\x7f])|[ -~]?[^ -~\x1b]+|./gsu;

let segmenter: Intl.Segmenter | undefined;

export function* unitsOf(text: string): Generator<Unit, void, undefined> {
  for (const [piece, code, spaces, run] of text.matchAll(PIECE)) {
    if (code !== undefined) yield { kind: 'sgr', text: code, width: 0 };
    else if (spaces !== undefined) yield { kind: 'space', text: spaces, width: spaces.length };
    else if (run !== undefined) yield { kind: 'run', text: run, width: run.length };
    else yield* graphemesOf(piece);
  }
}

function* graphemesOf(text: string): Generator<Unit, void, undefined> {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  for (const { segment } of segmenter.segment(text)) {
    yield { kind: 'grapheme', text: segment, width: cellWidth(segment) };
  }
}

/** What closes each attribute that style.ts opens. */
const CLOSED_BY: { readonly [code: string]: string } = {
  1: '22',
  2: '22',
  3: '23',
  4: '24',
  7: '27',
  9: '29',
  31: '39',
  32: '39',
  35: '39',
  36: '39',
};

/** The styles that are open at some point of a text. */
export class OpenStyles {
  #codes: string[] = [];

  /** Takes a code in the order of the text. */
  apply(sgr: string): void {
    const code = sgr.slice(2, -1);
    if (CLOSED_BY[code] === undefined) this.#codes = this.#codes.filter((open) => CLOSED_BY[open] !== code);
    else this.#codes.push(code);
  }

  opening(): string {
    return this.#codes.map((code) => `\x1b[${code}m`).join('');
  }

  closing(): string {
    return this.#codes
      .map((code) => `\x1b[${CLOSED_BY[code]}m`)
      .reverse()
      .join('');
  }
}
