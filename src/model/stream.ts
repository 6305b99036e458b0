/**
 * One answer to a chat, from the stream of chunks to a finished turn.
 *
 * Tool calls are taken from every chunk, including the last: Ollama's native path sends them only there. A turn is
 * returned only if a `done` chunk came. What the text holds of thinking is thinking (answer/reader.ts). Silence longer
 * than the idle limit is an error.
 */
import { type AnswerDelta, AnswerReader, type ReadAnswer, readContent } from './answer/reader.ts';
import { cutStream, ModelError } from './errors.ts';
import { isObject } from './json-object.ts';
import type { RawToolCall } from './repair.ts';
import { RUNAWAY, RunawayDetector } from './runaway.ts';
import { OLLAMA_WORDS, type ServerWords } from './server-words.ts';
import type { ChatChunk } from './wire.ts';

/** A finished turn. Counts are tokens, and 0 if the server did not report them. */
export interface ModelTurn {
  /** What was said, without the thinking in it. */
  readonly content: string;
  /** What the server calls so, then what stood in the text. */
  readonly thinking: string;
  /** What is known of the thinking that stood in the text; see answer/reader.ts. */
  readonly isDraft?: boolean;
  readonly isThoughtClosed?: boolean;
  readonly isCommentary?: boolean;
  readonly toolCalls: readonly RawToolCall[];
  readonly doneReason: string;
  /** The whole prompt, cached tokens included. */
  readonly promptTokens: number;
  /** Of these, the ones that the server had in its cache; absent: it does not say. */
  readonly cachedTokens?: number;
  /** Everything generated, thinking included. */
  readonly evalTokens: number;
  /** Above 250 ms: the server loaded the model for this request. */
  readonly loadMs: number;
  /** Reading the new part of the prompt, and generating; 0 if the server does not report it. */
  readonly promptEvalMs: number;
  readonly evalMs: number;
}

/** No token is longer, on average. */
const CHARACTERS = 32;
/** As the server itself says it. */
const ENDLESS = 'length';
/** More calls in one answer are not kept. */
const MOST_CALLS = 256;

/**
 * Reads a stream to its end, or until the model repeats itself; the caller must then end the request.
 *
 * @param mostTokens what the server was told to generate at most. One that ignores it is stopped at twice as much.
 * @throws ModelError when the stream ends without `done`; whatever `chunks` throws.
 */
export async function readTurn(
  chunks: AsyncIterable<ChatChunk>,
  onDelta: (delta: AnswerDelta) => void,
  onProgress: () => void,
  mostTokens = Number.POSITIVE_INFINITY,
  tools: readonly string[] = [],
): Promise<ModelTurn> {
  const reader = new AnswerReader(onDelta, tools);
  const content = new Said((piece) => reader.add(piece));
  const thinking = new Said((text) => onDelta({ type: 'thinking', text }));
  const toolCalls: RawToolCall[] = [];
  const mostPieces = mostTokens * 2 + 1_000;
  let pieces = 0;
  try {
    for await (const chunk of chunks) {
      onProgress();
      const message = isObject(chunk.message) ? chunk.message : {};
      thinking.add(message.thinking);
      content.add(message.content);
      if (Array.isArray(message.tool_calls)) {
        const left = MOST_CALLS - toolCalls.length;
        toolCalls.push(...message.tool_calls.slice(0, left).filter(isRawToolCall));
      }
      const isRunaway = thinking.isRunaway || content.isRunaway;
      // Ollama sends at least a token in each; the characters are for one that sends more.
      pieces += 1;
      const isEndless =
        pieces > mostPieces || thinking.text.length + content.text.length > mostPieces * CHARACTERS;
      if (!isRunaway && !isEndless && chunk.done !== true) continue;
      const cut = isRunaway ? RUNAWAY : ENDLESS;
      const end = isRunaway || isEndless ? { ...chunk, done_reason: cut } : chunk;
      // Of a runaway only the beginning is worth keeping.
      const read = content.isRunaway ? readContent(content.text) : reader.end();
      return { ...saidIn(read, thinking.text), toolCalls, ...endOf(end) };
    }
    throw cutStream();
  } finally {
    // What was held back because it could have been a mark is shown.
    reader.end();
  }
}

function saidIn(
  { text, thinking, ...facts }: ReadAnswer,
  thought: string,
): Omit<ModelTurn, 'toolCalls' | keyof EndFacts> {
  const both = [thought, thinking].filter((one) => one !== '').join('\n\n');
  return thinking === '' && !facts.isCommentary
    ? { content: text, thinking: thought }
    : { content: text, thinking: both, ...facts };
}

/** What a model says, up to where it starts to repeat itself. */
class Said {
  text = '';
  isRunaway = false;
  readonly #onPiece: (piece: string) => void;
  #detector: RunawayDetector | undefined;

  constructor(onPiece: (piece: string) => void) {
    this.#onPiece = onPiece;
  }

  add(piece: unknown): void {
    if (typeof piece !== 'string' || piece === '') return;
    this.#onPiece(piece);
    this.text += piece;
    this.#detector ??= new RunawayDetector();
    const good = this.#detector.add(piece);
    if (good === undefined) return;
    this.text = this.text.slice(0, good);
    this.isRunaway = true;
  }
}

type EndFacts = Omit<
  ModelTurn,
  'content' | 'thinking' | 'toolCalls' | 'isDraft' | 'isThoughtClosed' | 'isCommentary'
>;

function endOf(chunk: ChatChunk): EndFacts {
  return {
    doneReason: typeof chunk.done_reason === 'string' ? chunk.done_reason : '',
    promptTokens: count(chunk.prompt_eval_count),
    ...(typeof chunk.cached_count === 'number' && { cachedTokens: count(chunk.cached_count) }),
    evalTokens: count(chunk.eval_count),
    loadMs: count(chunk.load_duration) / 1e6,
    promptEvalMs: count(chunk.prompt_eval_duration) / 1e6,
    evalMs: count(chunk.eval_duration) / 1e6,
  };
}

/**
 * Ends a request when nothing has come for `idleMs`. `touch` restarts the wait, `end` ends the request now, and `signal`
 * also follows `outer`.
 * An abort for silence has a ModelError as its reason. It is worth another try only after the first chunk: before that,
 * reading the same prompt again would take as long.
 */
export function idleWatchdog(
  outer: AbortSignal,
  idleMs: number,
  words: ServerWords = OLLAMA_WORDS,
): {
  readonly signal: AbortSignal;
  readonly touch: () => void;
  readonly end: () => void;
  readonly stop: () => void;
} {
  const controller = new AbortController();
  const follow = (): void => controller.abort(outer.reason);
  if (outer.aborted) follow();
  else outer.addEventListener('abort', follow, { once: true });
  let hasBegun = false;
  const fire = (): void => {
    const seconds = Math.round(idleMs / 1000);
    controller.abort(
      new ModelError(
        `${words.name} has sent nothing for ${seconds} s. Check its log, or raise ${words.silence} if it needs longer`,
        hasBegun ? 'retry' : 'fail',
      ),
    );
  };
  const timer = setTimeout(fire, idleMs);
  return {
    signal: controller.signal,
    touch: () => {
      hasBegun = true;
      // Twice a token: a new timer each time is a fiftieth of what an answer costs.
      timer.refresh();
    },
    end: () => controller.abort(),
    stop: () => {
      clearTimeout(timer);
      outer.removeEventListener('abort', follow);
    },
  };
}

function isRawToolCall(value: unknown): value is RawToolCall {
  return isObject(value) && isObject(value.function);
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
