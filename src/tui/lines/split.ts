/**
 * Divides the source of an answer, while it is still being written, into pieces that no longer change.
 *
 * Invariants: the pieces depend on the source alone, not on how it arrived; a piece is a block (once a later one has
 * begun), a list item (once the next one has begun), or some lines of a code fence, so that the open rest stays short;
 * only whole lines decide. Pieces are cut from the source by position.
 */
import type { Tokens } from 'marked';
import { type Fence, fenceChunk, openFence } from './fence.ts';
import { blockTokens, endsBlank, hasGap } from './markdown.ts';

/** `hasGap`: a blank line precedes it. */
export type Piece =
  | { readonly kind: 'block'; readonly source: string; readonly hasGap: boolean }
  | {
      readonly kind: 'item';
      readonly source: string;
      readonly number: number | undefined;
      readonly hasGap: boolean;
    }
  | {
      readonly kind: 'code';
      readonly lines: readonly string[];
      /** The lines before, which say whether a comment or string continues. */
      readonly context: readonly string[];
      readonly language: string;
      readonly hasGap: boolean;
    };

/** What is known at the start of the remaining source. */
interface SplitState {
  readonly isFirst: boolean;
  readonly hadBlank: boolean;
  readonly fence: Fence | undefined;
  /** In a list; the number of its next item if it is ordered. */
  readonly list: { readonly next: number | undefined } | undefined;
  /** Characters of the block that the lexer has seen without finding its end. */
  readonly checked: number;
}

export const START: SplitState = {
  isFirst: true,
  hadBlank: false,
  fence: undefined,
  list: undefined,
  checked: 0,
};

export interface Split {
  readonly pieces: readonly Piece[];
  readonly state: SplitState;
  /** Characters of the source that the pieces took. */
  readonly consumed: number;
  /** Characters that the lexer was given. */
  readonly lexed: number;
}

/** @param isEnd the source ends here, so that all of it is final. */
export function split(source: string, from: SplitState, isEnd: boolean): Split {
  const splitter = new Splitter(source, from, isEnd);
  splitter.run();
  const { pieces, state, at, lexed } = splitter;
  return { pieces, state, consumed: at, lexed };
}

/** The lexer is asked after every line up to here, then whenever the block has grown by an eighth. */
const EAGER_LIMIT = 1_024;

const BLANK_LINES = /(?:[ \t]*\n)+/y;

class Splitter {
  readonly pieces: Piece[] = [];
  readonly #source: string;
  readonly #isEnd: boolean;
  /** What may be looked at: whole lines, or all but the last blanks, which the lexer changes. */
  readonly #end: number;
  state: SplitState;
  at = 0;
  lexed = 0;

  constructor(source: string, state: SplitState, isEnd: boolean) {
    this.#source = source;
    this.#isEnd = isEnd;
    this.#end = isEnd ? endOfText(source) : source.lastIndexOf('\n') + 1;
    this.state = state;
  }

  run(): void {
    while (this.at < this.#end && this.#step());
  }

  /** False when nothing more is final. */
  #step(): boolean {
    if (this.state.fence !== undefined) return this.#code(this.state.fence);
    BLANK_LINES.lastIndex = this.at;
    const blank = BLANK_LINES.exec(this.#source);
    if (blank !== null) {
      this.at += blank[0].length;
      this.state = { ...this.state, hadBlank: true };
    }
    const text = this.#source.slice(this.at, this.#end);
    if (text.trim() === '') {
      if (this.#isEnd) this.at = this.#end;
      return false;
    }
    const fence = openFence(text);
    if (fence === undefined) return this.#block(text);
    this.at += fence.length;
    const state = { ...this.state, list: undefined, fence: { ...fence, hasGap: this.#gap('code') } };
    this.state = { ...state, isFirst: false, hadBlank: false };
    return true;
  }

  #code(fence: Fence): boolean {
    const chunk = fenceChunk(this.#source.slice(this.at, this.#end), fence, this.#isEnd);
    if (chunk === undefined) return false;
    const { lines, length, isClosed } = chunk;
    const { context, language, hasGap } = fence;
    if (lines.length > 0) this.pieces.push({ kind: 'code', lines, context, language, hasGap });
    this.at += length;
    const next = { ...fence, context: lines, hasGap: hasGap && lines.length === 0 };
    // A list right after code is still set apart from it.
    this.state = { ...this.state, hadBlank: isClosed, fence: isClosed ? undefined : next };
    return true;
  }

  /**
   * Takes the first block, or the items of a list that are final. What the lexer makes of a block may change with what
   * follows, so it is asked at the same places whether the text comes at once or in pieces: not after the first line and
   * not after blank ones, which end nothing by themselves.
   */
  #block(text: string): boolean {
    let { checked } = this.state;
    for (;;) {
      const least = checked < EAGER_LIMIT ? checked + 1 : Math.ceil(checked * 1.125);
      const lineEnd = text.indexOf('\n', least - 1);
      if (lineEnd < 0) break;
      const isOpen = checked === 0 || endsWithBlankLine(text, lineEnd);
      checked = lineEnd + 1;
      if (!isOpen && this.#takeFirst(text.slice(0, checked), false)) return true;
    }
    this.state = { ...this.state, checked };
    return this.#isEnd && this.#takeFirst(text, true);
  }

  #takeFirst(text: string, isEnd: boolean): boolean {
    this.lexed += text.length;
    const before = this.at;
    const [first, ...others] = blockTokens(text) ?? [];
    const isOpen = !isEnd && others.every(({ type }) => type === 'space');
    if (first === undefined || !text.startsWith(first.raw)) {
      // What the lexer changed or cannot read cannot be cut by position: it is one piece, at the end.
      if (isEnd) this.#take(text, 'text');
    } else if (first.type === 'list') {
      this.#list(first, isOpen);
    } else if (!isOpen) {
      this.#take(first.raw, first.type);
    }
    return this.at > before;
  }

  /** Takes the items that are final; a list that cannot be divided into items is one block. */
  #list(list: Tokens.List, isLast: boolean): void {
    const isOneText =
      list.items
        .map(({ raw }) => raw)
        .join('')
        .trimEnd() === list.raw.trimEnd();
    if (!isOneText) {
      if (!isLast) this.#take(list.raw, 'list');
      return;
    }
    let number = list.ordered ? Number(list.start) : undefined;
    if (this.state.list !== undefined) number = this.state.list.next;
    for (const { raw } of isLast ? list.items.slice(0, -1) : list.items) {
      const hasGap = this.state.list === undefined ? this.#gap('list') : this.state.hadBlank;
      this.pieces.push({ kind: 'item', source: raw, number, hasGap });
      if (number !== undefined) number += 1;
      this.#advance(raw, { next: number });
    }
    if (!isLast) this.state = { ...this.state, list: undefined };
  }

  #take(source: string, type: string): void {
    this.pieces.push({ kind: 'block', source, hasGap: this.#gap(type) });
    this.#advance(source, undefined);
  }

  #advance(raw: string, list: SplitState['list']): void {
    this.at += raw.length;
    this.state = { isFirst: false, hadBlank: endsBlank(raw), fence: undefined, list, checked: 0 };
  }

  #gap(type: string): boolean {
    return !this.state.isFirst && hasGap(type, this.state.hadBlank, { isNested: false });
  }
}

function endOfText(source: string): number {
  let end = source.length;
  while (source[end - 1] === ' ' || source[end - 1] === '\t') end -= 1;
  return end;
}

/** Whether the line that ends here is blank. */
function endsWithBlankLine(text: string, lineEnd: number): boolean {
  return text.slice(text.lastIndexOf('\n', lineEnd - 1) + 1, lineEnd).trim() === '';
}
