/**
 * Divides the source of an answer into pieces that do not change any more, while it is still being written.
 *
 * Owns: where a piece ends. Invariants: the pieces depend on the source alone, not on how it came; a piece is a block
 * (when a later one has begun), an item of a list (when the next one has begun), or some lines of a code fence, so that
 * what is open stays short; only whole lines decide. Pieces are cut out of the source by position.
 * Does not: render (markdown.ts), keep the source (stream.ts).
 */
import type { Tokens } from 'marked';
import { type Fence, fenceChunk, openFence } from './fence.ts';
import { blockTokens, endsBlank, hasGap } from './markdown.ts';

/** `hasGap`: a blank line stands before it. */
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
      /** The lines before, which say what a comment or a string goes on with. */
      readonly context: readonly string[];
      readonly language: string;
      readonly hasGap: boolean;
    };

/** What is known at the start of the source that is left. */
export interface SplitState {
  readonly isFirst: boolean;
  readonly hadBlank: boolean;
  readonly fence: Fence | undefined;
  /** In a list; the number of its next item if it is ordered. */
  readonly list: { readonly next: number | undefined } | undefined;
}

export const START: SplitState = { isFirst: true, hadBlank: false, fence: undefined, list: undefined };

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

const BLANK_LINES = /(?:[ \t]*\n)+/y;

class Splitter {
  readonly pieces: Piece[] = [];
  readonly #source: string;
  readonly #isEnd: boolean;
  /** What may be looked at: whole lines, or all. */
  readonly #end: number;
  state: SplitState;
  at = 0;
  lexed = 0;

  constructor(source: string, state: SplitState, isEnd: boolean) {
    this.#source = source;
    this.#isEnd = isEnd;
    this.#end = isEnd ? source.length : source.lastIndexOf('\n') + 1;
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
    if (fence === undefined) return this.#blocks(text);
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
    this.state = { ...this.state, fence: isClosed ? undefined : next };
    return true;
  }

  /** Takes the blocks up to the next code fence, but for the last one, which may go on. */
  #blocks(text: string): boolean {
    this.lexed += text.length;
    const start = this.at;
    const tokens = blockTokens(text);
    if (tokens === undefined) return this.#unreadable(text, 0);
    let offset = 0;
    for (const [index, token] of tokens.entries()) {
      const { raw } = token;
      if (!text.startsWith(raw, offset)) return this.#unreadable(text, offset);
      const isLast = !this.#isEnd && tokens.slice(index + 1).every(({ type }) => type === 'space');
      if (token.type === 'code' && openFence(text.slice(offset)) !== undefined)
        return this.at > start || offset > 0;
      if (token.type === 'list') {
        if (!this.#items(token, isLast) && isLast) return false;
      } else if (token.type === 'space') {
        this.state = { ...this.state, hadBlank: true };
        this.at += raw.length;
      } else if (isLast) {
        return false;
      } else {
        this.#take({ kind: 'block', source: raw, hasGap: this.#gap(token.type) }, undefined);
      }
      if (isLast) return false;
      offset += raw.length;
      this.at = start + offset;
    }
    return true;
  }

  /** The items that are final. False if the list cannot be told apart into items. */
  #items(list: Tokens.List, isLast: boolean): boolean {
    const isOneText =
      list.items
        .map(({ raw }) => raw)
        .join('')
        .trimEnd() === list.raw.trimEnd();
    if (!isOneText) {
      if (!isLast) this.#take({ kind: 'block', source: list.raw, hasGap: this.#gap('list') }, undefined);
      return false;
    }
    const first = list.ordered ? Number(list.start) : undefined;
    let number = this.state.list === undefined ? first : this.state.list.next;
    for (const item of isLast ? list.items.slice(0, -1) : list.items) {
      const hasGap = this.state.list === undefined ? this.#gap('list') : this.state.hadBlank;
      const next = number === undefined ? undefined : number + 1;
      this.#take({ kind: 'item', source: item.raw, number, hasGap }, { next });
      number = next;
    }
    if (!isLast) this.state = { ...this.state, list: undefined };
    return true;
  }

  #take(piece: Exclude<Piece, { kind: 'code' }>, list: SplitState['list']): void {
    this.pieces.push(piece);
    this.at += piece.source.length;
    this.state = { isFirst: false, hadBlank: endsBlank(piece.source), fence: undefined, list };
  }

  #gap(type: string): boolean {
    return !this.state.isFirst && hasGap(type, this.state.hadBlank, { isNested: false });
  }

  /** What the lexer changed cannot be cut by position: it is one piece, at the end. */
  #unreadable(text: string, offset: number): boolean {
    if (!this.#isEnd) return false;
    this.#take({ kind: 'block', source: text.slice(offset), hasGap: this.#gap('text') }, undefined);
    return true;
  }
}
