/**
 * Cuts styled text into units that can be measured and moved: codes, spaces, runs of ASCII, single graphemes.
 *
 * Invariants: the units joined are the text; a row that ends inside a style closes it, and the next one opens it again;
 * nothing is scanned further than the caller asks. SGR and links (OSC 8) are the only escapes that a line may hold.
 */
import { cellWidth } from '../../text/cell-width.ts';

/** `code` takes no cell. `run` is printable ASCII without spaces, one cell per character; `grapheme` is one character to a reader. */
export interface Unit {
  readonly kind: 'code' | 'space' | 'run' | 'grapheme';
  readonly text: string;
  /** Cells. */
  readonly width: number;
}

// An ASCII character stays with a following non-ASCII one: they may be one grapheme.
const PIECE =
  /(\x1b\[[\d;]*m|\x1b\]8;;[^\x07\x1b]*\x07)|( +)|([!-~]+(?![^\0-\x7f])|[!-~])(?![^\0-\x7f])|[ -~]?[^ -~\x1b]+|./gsu;

let segmenter: Intl.Segmenter | undefined;

export function* unitsOf(text: string): Generator<Unit, void, undefined> {
  for (const [piece, code, spaces, run] of text.matchAll(PIECE)) {
    if (code !== undefined) yield { kind: 'code', text: code, width: 0 };
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
  1: '\x1b[22m',
  2: '\x1b[22m',
  3: '\x1b[23m',
  4: '\x1b[24m',
  7: '\x1b[27m',
  9: '\x1b[29m',
  31: '\x1b[39m',
  32: '\x1b[39m',
  35: '\x1b[39m',
  36: '\x1b[39m',
};
const TINT_END = '\x1b[49m';
const LINK_END = '\x1b]8;;\x07';

/** What ends a style or a link; undefined: it is such an end itself. */
function endOf(code: string): string | undefined {
  if (code.startsWith('\x1b]')) return code === LINK_END ? undefined : LINK_END;
  return code.startsWith('\x1b[48;') ? TINT_END : CLOSED_BY[code.slice(2, -1)];
}

/** The styles and the link that are open at some point of a text. */
export class OpenStyles {
  #codes: string[] = [];

  /** Takes a code in the order of the text. */
  apply(code: string): void {
    if (endOf(code) === undefined) this.#codes = this.#codes.filter((open) => endOf(open) !== code);
    else this.#codes.push(code);
  }

  opening(): string {
    return this.#codes.join('');
  }

  closing(): string {
    return this.#codes
      .map((code) => endOf(code) ?? '')
      .reverse()
      .join('');
  }
}
