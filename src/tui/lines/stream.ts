/**
 * Markdown that is being written: lines of what is finished, once.
 *
 * Invariants: the lines are the same however the text was cut into deltas; a delta costs the length of the unfinished
 * rest, not of the answer; lines leave two cells for a message's indentation (message.ts). What `flow` gives of a block
 * that is still being written is the start of the same lines, and is not given again when the block has ended.
 */
import type { MarkedToken, Tokens } from 'marked';
import { cellWidth } from '../../text/cell-width.ts';
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import { blockLines, codeLines, itemLines, lex, markdownLines } from './markdown.ts';
import { indented } from './prose.ts';
import { settledSource } from './settled.ts';
import { type Piece, START, split } from './split.ts';
import type { LineContext } from './style.ts';
import { linesAfter, type Place, type Taken, untilLastBlank, visible, withoutEndBlanks } from './taken.ts';
import { firstCells, fits } from './width.ts';

/** Cells that message.ts puts before every line. */
const MESSAGE_INDENT = 2;
const CODE_INDENT = '  ';
/** So much room is left for a word that may go on. */
const LONG_WORD = 16;
/** A longer unfinished block is shown when it has ended. */
const FLOW_LIMIT = 16 * 1024;

const NOTHING: Taken = { lines: [], joined: undefined, isOpen: false };

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
  /** The visible text of the rest, or of its start, that `flow` has given. */
  #given = '';
  /** What `flow` was last asked about: nothing else has come of it. */
  #flowedAt = '';

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
  takeLines(ctx: LineContext): readonly string[] {
    return this.take(ctx).lines;
  }

  /** The same, as it continues what was given of it by `flow`. */
  take(ctx: LineContext): Taken {
    const pieces = this.#pieces;
    this.#pieces = [];
    return this.#notYetGiven(piecesLines(pieces, indented(ctx, MESSAGE_INDENT)), ctx);
  }

  /**
   * What of the rest can be shown already. To be called after `take`.
   * @param isStill nothing has come for a while: the last word is shown too.
   */
  flow(ctx: LineContext, isStill = false): Taken {
    const seen = `${this.#taken.length + this.#rest.length} ${ctx.width} ${isStill}`;
    if (seen === this.#flowedAt) return NOTHING;
    this.#flowedAt = seen;
    const { source, isOpen } = this.#settled(ctx.width);
    const room = indented(ctx, MESSAGE_INDENT);
    const lines = piecesLines(split(source, this.#state, true).pieces, room);
    const last = lines.findLastIndex((line) => visible(line) !== '');
    if (last < 0) return NOTHING;
    if (isOpen) lines[last] = openPart(lines[last] ?? '', room, /\s$/.test(source), isStill);
    // The blank lines before what cannot be shown yet come with it.
    lines.splice(1 + lines.findLastIndex((line, at) => at <= last && visible(line) !== ''));
    const text = visible(lines.join(''));
    const given = this.#given;
    if (text.length <= given.length || !text.startsWith(given)) return NOTHING;
    const taken = linesAfter(lines, given.length, placeIn(ctx));
    this.#given = text;
    return { ...taken, isOpen };
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
    stream.#given = this.#given;
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

  #settled(width: number): ReturnType<typeof settledSource> {
    const source = this.#rest;
    if (source.length > FLOW_LIMIT) return { source: '', isOpen: false };
    // Blocks are found in the source as it came, and shown without what a terminal must not get.
    const isClean = sanitizeForTerminal(source) === source;
    if (this.#state.fence !== undefined) {
      const end = source.lastIndexOf('\n') + 1;
      // The colours of a line of code are known at its end; one that fills a row may have none for minutes.
      const isLong = isClean && !fits(source.slice(end), width);
      return { source: isLong ? source : source.slice(0, end), isOpen: isLong };
    }
    return isClean ? settledSource(source) : { source: '', isOpen: false };
  }

  /** Of final lines what `flow` has not given; if it gave something else, they are given whole from there on. */
  #notYetGiven(lines: readonly string[], ctx: LineContext): Taken {
    const given = this.#given;
    if (given === '' || lines.length === 0) return { ...NOTHING, lines };
    const text = visible(lines.join(''));
    const same = commonLength(text, given);
    const isRight = same === Math.min(text.length, given.length);
    this.#given = isRight ? given.slice(same) : '';
    // What follows was given too, and with it the blank lines in between.
    if (this.#given !== '') return NOTHING;
    const { lines: left, joined } = linesAfter(lines, same, placeIn(ctx));
    return { lines: left, joined: isRight ? joined : undefined, isOpen: false };
  }
}

function placeIn({ width }: LineContext): Place {
  return { columns: width, indent: MESSAGE_INDENT };
}

/**
 * What can be printed of a line that will go on: words while it is one row; of more rows those that are full, because a
 * line that the terminal has wrapped can be continued safely only where a row ends (painter.ts).
 */
function openPart(
  line: string,
  { width, hang }: LineContext,
  hasWholeWords: boolean,
  isStill: boolean,
): string {
  if (fits(line, width - 1))
    return hasWholeWords || (isStill && fits(line, width - LONG_WORD)) ? line : untilLastBlank(line);
  if (hang === undefined) return '';
  const columns = width + MESSAGE_INDENT;
  const rows = Math.floor((cellWidth(line) + MESSAGE_INDENT) / columns);
  return withoutEndBlanks(firstCells(line, rows * columns - MESSAGE_INDENT));
}

/** A whole answer at once; the lines are those of a stream. */
export function answerLines(text: string, ctx: LineContext): string[] {
  const stream = new MarkdownStream();
  stream.push(text);
  stream.finish();
  return [...stream.takeLines(ctx)];
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
