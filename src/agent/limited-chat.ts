/** A request whose answer is stopped when the model thinks for too long before it. */
import type { AnswerDelta } from '../model/answer/reader.ts';
import { RUNAWAY } from '../model/runaway.ts';
import type { ChatListener, ChatRequest, ChatSettings, ModelServer } from '../model/server.ts';
import type { ModelTurn } from '../model/stream.ts';
import { TokenCount } from '../model/thinking-cap.ts';

/** Our own `doneReason`: there is nothing but thinking, which was too long. */
const STOPPED = 'thinking_stopped';

export interface ThinkingLimit {
  /** Tokens; undefined: it is only counted. */
  readonly most: number | undefined;
  /** Of this model, as measured. */
  readonly bytesPerToken: number;
}

/** An answer, with the tokens of its thinking. */
export type ThoughtTurn = ModelTurn & { readonly thoughtTokens: number };

/**
 * One streamed request, as the client sends it. When the thinking is longer than the limit before anything was said, the request is
 * ended, and the turn holds what was thought.
 *
 * @throws as the client does.
 */
export async function limitedChat(
  client: Pick<ModelServer, 'chat'>,
  [settings, request, listener, signal]: [ChatSettings, ChatRequest, ChatListener, AbortSignal],
  { most = Number.POSITIVE_INFINITY, bytesPerToken }: ThinkingLimit,
): Promise<ThoughtTurn> {
  const thought = new Thought(bytesPerToken);
  const stop = new AbortController();
  const onDelta = (delta: AnswerDelta): void => {
    listener.onDelta(delta);
    // What is on its way when it is stopped does not count.
    if (stop.signal.aborted) return;
    thought.hear(delta);
    if (thought.tokens > most && !thought.hasSpoken) stop.abort();
  };
  const either = AbortSignal.any([signal, stop.signal]);
  try {
    const turn = await client.chat(settings, request, { ...listener, onDelta }, either);
    return { ...turn, thoughtTokens: atMost(thought.tokens, turn.evalTokens) };
  } catch (error) {
    signal.throwIfAborted();
    if (!stop.signal.aborted) throw error;
    return { ...NOTHING, thinking: thought.text, evalTokens: thought.tokens, thoughtTokens: thought.tokens };
  }
}

/** Whether all that there is of an answer is thinking that was stopped. */
export function isStoppedThinking({ doneReason, content, thinking, toolCalls }: ModelTurn): boolean {
  if (doneReason === STOPPED) return true;
  // A model that repeats itself while it thinks.
  return doneReason === RUNAWAY && content.trim() === '' && thinking.trim() !== '' && toolCalls.length === 0;
}

/** What the server does not report of a request that was ended. */
const NOTHING = {
  content: '',
  toolCalls: [],
  doneReason: STOPPED,
  promptTokens: 0,
  loadMs: 0,
  promptEvalMs: 0,
  evalMs: 0,
} as const;

/** The server's count is of thinking and answer together; 0: it does not report one. */
function atMost(tokens: number, evalTokens: number): number {
  return evalTokens > 0 ? Math.min(tokens, evalTokens) : tokens;
}

class Thought {
  text = '';
  /** Something was said that was not taken back since. */
  hasSpoken = false;
  readonly #count: TokenCount;

  constructor(bytesPerToken: number) {
    this.#count = new TokenCount(bytesPerToken);
  }

  get tokens(): number {
    return this.#count.tokens;
  }

  hear({ type, text }: AnswerDelta): void {
    if (type === 'text') {
      // Empty: it may be a call.
      this.hasSpoken ||= text === '' || text.trim() !== '';
      return;
    }
    if (type === 'rethought') this.hasSpoken = false;
    this.text += text;
    this.#count.add(text);
  }
}
