/**
 * The stream of a chat in OpenAI's form as the chunks of Ollama's, so that one reader makes a turn of both.
 *
 * Calls come whole, in the last chunk. A stream is complete once it has given a reason for its end or said `[DONE]`; one that
 * ends without either has no last chunk, which the reader takes for a cut. Whatever else comes is left out.
 */
import type { JsonObject } from '../../protocol.ts';
import { EventReader } from '../../text/sse.ts';
import { type ModelError, notJson, tooLongAnswer } from '../errors.ts';
import { isObject, parseJson } from '../json-object.ts';
import type { PromptProgress } from '../server.ts';
import type { ChatChunk } from '../wire.ts';
import { CallParts } from './call-parts.ts';
import { positive, text } from './kind.ts';

interface ChunkListener {
  /** Each object of the stream. */
  readonly onObject?: (value: JsonObject) => void;
  readonly onProgress?: (progress: PromptProgress) => void;
  /** A piece of a call has come. */
  readonly onCallPiece?: () => void;
  /** The error that a server's text means. */
  readonly errorOf: (text: string) => ModelError;
  /** What is wrong with an answer that ended for this reason; absent or undefined: nothing. */
  readonly onEnd?: (reason: string) => ModelError | undefined;
  /** A text of the server as it may be shown; absent: as it is. */
  readonly clean?: (text: string) => string;
}

/** A message of a stream is a piece of an answer; a whole answer has a whole call in it. */
const MESSAGE_LIMIT = 16 * 2 ** 20;
/** A whole answer, with the JSON around its pieces. */
const ANSWER_LIMIT = 256 * 2 ** 20;
const PATH = '/v1/chat/completions';
const DONE = '[DONE]';
/** LM Studio names the events that are errors. */
const NAMES = ['', 'message', 'error'];

/** @throws ModelError for an error in the stream, or for what no server would send; whatever `pieces` throws. */
export async function* chunksOf(
  pieces: AsyncIterable<Buffer>,
  listener: ChunkListener,
): AsyncGenerator<ChatChunk> {
  const answer = new Answer(listener);
  const messages: string[] = [];
  let tooLong = false;
  const onTooLong = (): void => {
    tooLong = true;
  };
  const onMessage = (data: string): void => void messages.push(data);
  const events = new EventReader({ onMessage, onTooLong }, MESSAGE_LIMIT, NAMES);
  const whole = new WholeAnswer();
  let total = 0;
  for await (const piece of pieces) {
    total += piece.length;
    events.push(piece);
    if (tooLong) throw tooLongAnswer(PATH, 'a message', MESSAGE_LIMIT);
    if (total > ANSWER_LIMIT) throw tooLongAnswer(PATH, 'an answer', ANSWER_LIMIT);
    whole.add(piece, messages.length > 0);
    for (const message of messages.splice(0)) {
      yield* answer.take(message);
      if (answer.isDone) return;
    }
  }
  // What is no answer, a page of a proxy for example, is an error there.
  if (whole.text !== '') yield* answer.take(whole.text);
  if (answer.hasEnded) yield answer.last();
}

/** How a line of events begins; a comment has nothing before the colon. */
const IN_EVENTS = /^(?:data|event|id|retry)?:/;

/** The answer of a server that does not stream, or that refuses with the status of success: one object, and no events. */
class WholeAnswer {
  #pieces: Buffer[] | undefined = [];

  add(piece: Buffer, hasEvents: boolean): void {
    if (hasEvents) this.#pieces = undefined;
    this.#pieces?.push(piece);
  }

  /** Empty: it came in events. */
  get text(): string {
    const all = Buffer.concat(this.#pieces ?? [])
      .toString('utf8')
      .trim();
    return IN_EVENTS.test(all) ? '' : all;
  }
}

class Answer {
  readonly #listener: ChunkListener;
  readonly #calls = new CallParts();
  #reason: string | undefined;
  #usage: JsonObject = {};
  #timings: JsonObject = {};
  isDone = false;

  constructor(listener: ChunkListener) {
    this.#listener = listener;
  }

  /** A reason for the end has come, with everything before it. */
  get hasEnded(): boolean {
    return this.#reason !== undefined && !this.isDone;
  }

  *take(message: string): Generator<ChatChunk> {
    if (message.trim() === DONE) {
      yield this.last();
      return;
    }
    const value = parseJson(message);
    if (!isObject(value)) throw notJson(this.#listener.clean?.(message) ?? message, PATH);
    this.#listener.onObject?.(value);
    const error = errorIn(value);
    if (error !== undefined) throw this.#listener.errorOf(error);
    if (isObject(value.usage)) this.#usage = value.usage;
    if (isObject(value.timings)) this.#timings = value.timings;
    if (isObject(value.prompt_progress)) this.#progress(value.prompt_progress);
    const choice = Array.isArray(value.choices) ? value.choices.find(isObject) : undefined;
    if (choice === undefined) return;
    const said = isObject(choice.delta) ? choice.delta : isObject(choice.message) ? choice.message : {};
    const hasCall = this.#calls.add(said.tool_calls);
    if (hasCall) this.#listener.onCallPiece?.();
    const content = joinedText(said.content);
    const thinking = said.reasoning_content ?? said.reasoning;
    // A piece of a call is one of the answer, too: the reader counts them.
    if (hasCall || text(content) !== undefined || text(thinking) !== undefined)
      yield { message: { content, thinking }, done: false };
    this.#reason = text(choice.finish_reason) ?? this.#reason;
  }

  /** With the calls and the counts. @throws ModelError for an answer that is not whole */
  last(): ChatChunk {
    this.isDone = true;
    const reason = reasonOf(this.#reason);
    const broken = this.#listener.onEnd?.(reason);
    if (broken !== undefined) throw broken;
    const { prompt_ms, predicted_ms, predicted_n, prompt_n } = this.#timings;
    const cached = cachedIn(this.#usage, this.#timings);
    const promptTokens = positive(this.#usage.prompt_tokens) ?? (positive(prompt_n) ?? 0) + (cached ?? 0);
    return {
      message: { content: '', tool_calls: this.#calls.whole(reason === 'length') },
      done: true,
      done_reason: reason,
      prompt_eval_count: promptTokens,
      eval_count: positive(this.#usage.completion_tokens) ?? positive(predicted_n) ?? 0,
      prompt_eval_duration: (positive(prompt_ms) ?? 0) * 1e6,
      eval_duration: (positive(predicted_ms) ?? 0) * 1e6,
      ...(cached !== undefined && { cached_count: cached }),
    };
  }

  #progress({ total, cache, processed, time_ms: ms }: JsonObject): void {
    const [all, known, read] = [total, cache, processed].map((value) => positive(value) ?? 0);
    const newTokens = (all ?? 0) - (known ?? 0);
    const readTokens = Math.max(0, (read ?? 0) - (known ?? 0));
    this.#listener.onProgress?.({ newTokens, readTokens, ms: positive(ms) ?? 0 });
  }
}

/** Some servers send the text in parts, as messages may have it. */
function joinedText(content: unknown): unknown {
  if (!Array.isArray(content)) return content;
  return content.map((part) => (isObject(part) ? (text(part.text) ?? '') : '')).join('');
}

/** Ollama's word. A call is no reason of its own there. */
function reasonOf(reason: string | undefined): string {
  return reason === undefined || reason === 'tool_calls' || reason === 'function_call' ? 'stop' : reason;
}

/** Undefined: the server does not say. */
function cachedIn({ prompt_tokens_details: details }: JsonObject, timings: JsonObject): number | undefined {
  const told = timings.cache_n ?? (isObject(details) ? details.cached_tokens : undefined);
  return typeof told === 'number' && told >= 0 ? told : undefined;
}

function errorIn({ error, object, message }: JsonObject): string | undefined {
  if (typeof error === 'string') return error;
  if (isObject(error)) return text(error.message) ?? JSON.stringify(error);
  return object === 'error' ? (text(message) ?? object) : undefined;
}
