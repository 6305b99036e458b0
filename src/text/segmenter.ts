/**
 * Replaces `Intl.Segmenter` in the build: the same graphemes, without ICU for text that does not need it.
 *
 * Making the first segmenter costs 6 ms and segmenting a microsecond a character; most of what a terminal shows is
 * ASCII, box lines and a few signs, each of which is one grapheme. Invariant: for every text the segments are those of
 * `Intl.Segmenter` for graphemes.
 */

/** Ranges of characters that are one grapheme and one cell each, whichever of them is next to another. */
const NARROW =
  '\\x20-\\x7e\\xa0-\\xac\\xae-\\u02ff\\u2010-\\u2027\\u2030-\\u203b\\u203d-\\u2048\\u204a-\\u205e\\u2190-\\u2319\\u23ce\\u2400-\\u2426\\u2500-\\u25fc\\u26a0\\u270c-\\u2727\\u2800-\\u28ff';
const SINGLE_ONLY = new RegExp(`^[\\t\\n\\x1b${NARROW}]*$`);
const NARROW_ONLY = new RegExp(`^[${NARROW}]*$`);

/** Whether every UTF-16 unit of the text takes exactly one cell. False says nothing. */
export function isNarrow(text: string): boolean {
  return NARROW_ONLY.test(text);
}

// Destructured: the build puts this class wherever it reads `Intl.Segmenter`.
const { Segmenter } = Intl;
let whole: Intl.Segmenter | undefined;

/** `Intl.Segmenter` with granularity `grapheme`, the only one used. */
export class GraphemeSegmenter {
  segment(text: string): Intl.Segments {
    if (SINGLE_ONLY.test(text)) return new SingleSegments(text);
    whole ??= new Segmenter(undefined, { granularity: 'grapheme' });
    return whole.segment(text);
  }
}

class SingleSegments implements Intl.Segments {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  containing(at = 0): Intl.SegmentData {
    // As the original does; its type omits that there is none beyond the ends.
    return (at >= 0 && at < this.#text.length ? this.#at(Math.trunc(at)) : undefined) as Intl.SegmentData;
  }

  *[Symbol.iterator](): Generator<Intl.SegmentData, undefined> {
    for (let at = 0; at < this.#text.length; at += 1) yield this.#at(at);
  }

  #at(index: number): Intl.SegmentData {
    return { segment: this.#text.charAt(index), index, input: this.#text };
  }
}
