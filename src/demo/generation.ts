/**
 * Turns a scripted answer into the pieces that a server would send within its limits.
 *
 * What is kept is a prefix of what the turn says. A call that the limit cuts is lost silently, as in most of the
 * server's parsers.
 */
import type { ChatRequest } from './chat-request.ts';
import { callTokens, thinkingTokens, tokenize } from './render.ts';
import type { ScriptedCall, Turn } from './script.ts';
import { numberOption, serverContext } from './window.ts';

export type Piece =
  | { readonly kind: 'thinking' | 'content'; readonly text: string }
  | { readonly kind: 'call'; readonly call: ScriptedCall };

export interface Generation {
  readonly pieces: readonly Piece[];
  /** Undefined: the repeat guard ended the stream, so there is no done chunk. */
  readonly doneReason: string | undefined;
  readonly evalCount: number;
  /** The tokens generated, as the next prompt would render them. */
  readonly tokens: readonly string[];
}

/** After this many chunks of equal text, trimmed, the server ends the stream without a done chunk. */
const REPEAT_LIMIT = 30;
/** The tokens around thinking. */
const THINK_MARKS = 2;

/**
 * The most tokens that may be generated: `num_predict`, at most ten windows, and with `shift: false` what is left of the
 * window. Infinity for `num_predict: 0` on the rendered path, where the server drops the number.
 */
export function tokenLimit(
  request: ChatRequest,
  numCtx: number,
  promptLength: number,
  rendered: boolean,
): number {
  const asked = numberOption(request, 'num_predict') ?? -1;
  if (asked === 0 && rendered) return Number.POSITIVE_INFINITY;
  const most = numCtx * 10;
  const bounded = asked <= 0 ? most : Math.min(asked, most);
  return request.shift ? bounded : Math.min(bounded, serverContext(numCtx) - promptLength);
}

function allPieces(turn: Turn, thinks: boolean): Piece[] {
  const thinking = thinks ? tokenize(turn.thinking ?? '') : [];
  const content = turn.chunks ?? tokenize(turn.content ?? '');
  return [
    ...thinking.map((text): Piece => ({ kind: 'thinking', text })),
    ...content.map((text): Piece => ({ kind: 'content', text })),
    ...(turn.toolCalls ?? []).map((call): Piece => ({ kind: 'call', call })),
  ];
}

/** Cuts a text piece to `most` tokens; undefined if nothing is left of it. */
function cutPiece(piece: Piece, most: number): Piece | undefined {
  if (piece.kind === 'call' || most <= 0) return undefined;
  return { ...piece, text: tokenize(piece.text).slice(0, most).join('') };
}

/** Where the repeat guard stops; undefined if it does not. */
function repeatEnd(pieces: readonly Piece[]): number | undefined {
  let last: string | undefined;
  let repeats = 0;
  for (const [index, piece] of pieces.entries()) {
    const text = piece.kind === 'call' ? undefined : piece.text.trim();
    repeats = text !== undefined && text === last ? repeats + 1 : 0;
    last = text;
    if (repeats > REPEAT_LIMIT) return index;
  }
  return undefined;
}

function joined(pieces: readonly Piece[], kind: 'thinking' | 'content'): string {
  return pieces.map((piece) => (piece.kind === kind ? piece.text : '')).join('');
}

/** What a turn becomes. `limit` is in tokens (see tokenLimit); `rendered` is the path with the repeat guard. */
export function generate(turn: Turn, limit: number, thinks: boolean, rendered: boolean): Generation {
  const pieces: Piece[] = [];
  let used = thinks && turn.thinking ? THINK_MARKS : 0;
  let cut = false;
  for (const piece of allPieces(turn, thinks)) {
    const size = piece.kind === 'call' ? callTokens(piece.call).length : tokenize(piece.text).length;
    const rest = used + size <= limit ? piece : cutPiece(piece, limit - used);
    if (rest) pieces.push(rest);
    used = Math.min(used + size, limit);
    if (rest !== piece) {
      cut = true;
      break;
    }
  }
  // The end of the answer is a token too: if it does not fit, the limit was hit.
  if (used >= limit) cut = true;
  const repeated = rendered ? repeatEnd(pieces) : undefined;
  if (repeated !== undefined) pieces.length = repeated;
  const tokens = [
    ...thinkingTokens(joined(pieces, 'thinking')),
    ...tokenize(joined(pieces, 'content')),
    ...pieces.flatMap((piece) => (piece.kind === 'call' ? callTokens(piece.call) : [])),
    '<|im_end|>',
  ];
  return {
    pieces,
    doneReason: repeated !== undefined ? undefined : cut ? 'length' : (turn.doneReason ?? 'stop'),
    evalCount: cut ? limit : (turn.evalCount ?? tokens.length),
    tokens,
  };
}
