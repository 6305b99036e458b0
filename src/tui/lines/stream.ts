/**
 * Markdown that is being written: lines of what is finished, once, and a picture of the rest.
 *
 * Invariants: the lines are the same however the text was cut into deltas; a delta costs the length of the unfinished
 * rest, not of the answer; lines leave two cells for a message's indentation (message.ts).
 */
import type { MarkedToken, Tokens } from 'marked';
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import { blockLines, codeLines, itemLines, lex, markdownLines } from './markdown.ts';
import { indented } from './prose.ts';
import { type Piece, START, split } from './split.ts';
import type { LineContext } from './style.ts';
import { breakRows, wrap } from './wrap.ts';

/** Cells that message.ts puts before every line. */
const MESSAGE_INDENT = 2;
const CODE_INDENT = '  ';
/** Of a longer unfinished block the end is shown, as plain text. */
const TAIL_LIMIT = 16 * 1024;
const TAIL_PLAIN = 4 * 1024;

export class MarkdownStream {
  /** The source without what was taken. */
  #rest = '';
  #taken = '';
  #state = START;
  #pieces: Piece[] = [];
  /** A carriage return at the end of a delta may be half of a line break. */
  #endsWithReturn = false;
  #isFinished = false;
  #lexed = 0;

  /** Characters that the lexer was given so far, for what it costs. */
  get lexedLength(): number {
    return this.#lexed;
  }

  push(delta: string): void {
    const text = (this.#endsWithReturn ? '\r' : '') + delta;
    this.#endsWithReturn = text.endsWith('\r');
    const added = normalized(this.#endsWithReturn ? text.slice(0, -1) : text);
    this.#rest += added;
    if (added.includes('\n')) this.#advance(false);
  }

  /** Nothing follows: the rest is final. */
  finish(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    if (this.#endsWithReturn) this.#rest += '\n';
    this.#advance(true);
  }

  /** The lines of what has become final since the last call. */
  takeLines(ctx: LineContext): string[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return piecesLines(pieces, indented(ctx, MESSAGE_INDENT));
  }

  /** The last rows of what is not final yet, none too wide. */
  tailLines(ctx: LineContext, maxRows: number): string[] {
    if (this.#rest.trim() === '' || maxRows <= 0) return [];
    const room = indented(ctx, MESSAGE_INDENT);
    const rows = this.#openLines(room).flatMap((line) => breakRows(line, room.width - 1));
    return rows.slice(-maxRows);
  }

  /**
   * What is left to show if the whole text turns out to be `whole`: a stream with the part of it that has not been
   * taken. Undefined if nothing differs from what was pushed.
   */
  restOf(whole: string): { readonly stream: MarkdownStream } | undefined {
    const text = normalized(whole);
    const pushed = this.#taken + this.#rest + (this.#endsWithReturn ? '\n' : '');
    if (text === pushed) return undefined;
    const stream = new MarkdownStream();
    stream.#state = { ...this.#state, checked: 0 };
    stream.#pieces = this.#pieces;
    const same = commonLength(text, this.#taken);
    if (same === this.#taken.length) {
      stream.#taken = this.#taken;
      stream.push(text.slice(same));
      return { stream };
    }
    // Something that was shown was wrong: it is printed again from the first line that differs.
    stream.#state = { ...START, isFirst: false, hadBlank: true };
    const isShown = this.#taken.includes(text.trim());
    if (!isShown) stream.push(text.slice(text.lastIndexOf('\n', same - 1) + 1));
    return { stream };
  }

  #advance(isEnd: boolean): void {
    const { pieces, state, consumed, lexed } = split(this.#rest, this.#state, isEnd);
    this.#lexed += lexed;
    this.#pieces.push(...pieces);
    this.#state = state;
    this.#taken += this.#rest.slice(0, consumed);
    this.#rest = this.#rest.slice(consumed);
  }

  #openLines(ctx: LineContext): string[] {
    if (this.#rest.length > TAIL_LIMIT) {
      const text = sanitizeForTerminal(this.#rest.slice(-TAIL_PLAIN));
      return wrap(text, ctx.width - 1);
    }
    return piecesLines(split(this.#rest, this.#state, true).pieces, ctx);
  }
}

/** A whole answer at once; the lines are those of a stream. */
export function answerLines(text: string, ctx: LineContext): string[] {
  const stream = new MarkdownStream();
  stream.push(text);
  stream.finish();
  return stream.takeLines(ctx);
}

function normalized(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}

function commonLength(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let same = 0;
  while (same < most && a.charCodeAt(same) === b.charCodeAt(same)) same += 1;
  return same;
}

function piecesLines(pieces: readonly Piece[], ctx: LineContext): string[] {
  return pieces.flatMap((piece) => {
    const lines = pieceLines(piece, ctx);
    return piece.hasGap && lines.length > 0 ? ['', ...lines] : lines;
  });
}

function pieceLines(piece: Piece, ctx: LineContext): string[] {
  switch (piece.kind) {
    case 'block':
      return markdownLines(piece.source, ctx);
    case 'item': {
      const tokens = lex(piece.source) as MarkedToken[];
      const list = tokens.find((token): token is Tokens.List => token.type === 'list');
      const item = list?.items[0];
      return item === undefined || list?.items.length !== 1
        ? tokens.flatMap((token) => blockLines(token, ctx))
        : itemLines(item, piece.number, ctx);
    }
    case 'code': {
      const all = [...piece.context, ...piece.lines].map((line) => sanitizeForTerminal(line));
      const lines = codeLines(all, piece.language, ctx).slice(piece.context.length);
      return lines.map((line) => (line === '' ? '' : CODE_INDENT + line));
    }
    default:
      return piece satisfies never;
  }
}
