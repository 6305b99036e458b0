/**
 * One /api/chat request: from the stream of chunks to a finished turn.
 *
 * Invariants: tool calls are taken from any chunk, also the last (Ollama's native path sends them only there); a
 * turn is returned only if a `done` chunk came; silence longer than the idle limit is an error, and the limit is
 * the only clock here. Does not: repair calls (repair.ts), judge whether the turn is empty, or retry.
 */
import type { JsonObject } from '../protocol.ts';
import { ModelError, streamError } from './errors.ts';
import { isObject } from './json-object.ts';
import type { RawToolCall } from './repair.ts';

/** What came in, as soon as it came. */
export type ModelDelta = { readonly type: 'thinking' | 'text'; readonly text: string };

/** A finished turn, as the server sent it. Counts are tokens. */
export interface ModelTurn {
  readonly content: string;
  readonly thinking: string;
  readonly toolCalls: readonly RawToolCall[];
  readonly doneReason: string;
  /** The whole prompt, cached or not. */
  readonly promptTokens: number;
  /** What was generated, thinking included. */
  readonly evalTokens: number;
  /** Above 250 ms: the server loaded the model for this request. */
  readonly loadMs: number;
  /** Reading what was new of the prompt, and generating; 0 where the server does not tell. */
  readonly promptEvalMs: number;
  readonly evalMs: number;
}

/**
 * Reads a stream to its end.
 *
 * @throws ModelError when the stream ends without `done`, carries an error line, or stays silent.
 */
export async function readTurn(
  chunks: AsyncIterable<JsonObject>,
  onDelta: (delta: ModelDelta) => void,
  onProgress: () => void,
): Promise<ModelTurn> {
  let content = '';
  let thinking = '';
  const toolCalls: RawToolCall[] = [];
  for await (const chunk of chunks) {
    onProgress();
    if (typeof chunk.error === 'string') throw streamError(chunk.error);
    const message = isObject(chunk.message) ? chunk.message : {};
    if (typeof message.thinking === 'string' && message.thinking !== '') {
      thinking += message.thinking;
      onDelta({ type: 'thinking', text: message.thinking });
    }
    if (typeof message.content === 'string' && message.content !== '') {
      content += message.content;
      onDelta({ type: 'text', text: message.content });
    }
    if (Array.isArray(message.tool_calls)) toolCalls.push(...message.tool_calls.filter(isRawToolCall));
    if (chunk.done === true) {
      return {
        content,
        thinking,
        toolCalls,
        doneReason: typeof chunk.done_reason === 'string' ? chunk.done_reason : '',
        promptTokens: count(chunk.prompt_eval_count),
        evalTokens: count(chunk.eval_count),
        loadMs: count(chunk.load_duration) / 1e6,
        promptEvalMs: count(chunk.prompt_eval_duration) / 1e6,
        evalMs: count(chunk.eval_duration) / 1e6,
      };
    }
  }
  throw new ModelError('the model stopped in mid-answer: the stream ended without its last chunk', 'retry');
}

/**
 * Ends a request when nothing has come for `idleMs`. `touch` starts the wait anew; `signal` also follows `outer`.
 * The reason of an abort by silence is a ModelError; after any chunk it is worth another try, before the first it
 * is not, because reading the same prompt again would take as long.
 */
export function idleWatchdog(
  outer: AbortSignal,
  idleMs: number,
): { readonly signal: AbortSignal; readonly touch: () => void; readonly stop: () => void } {
  const controller = new AbortController();
  const follow = (): void => controller.abort(outer.reason);
  if (outer.aborted) follow();
  else outer.addEventListener('abort', follow, { once: true });
  let hasBegun = false;
  const fire = (): void => {
    const seconds = Math.round(idleMs / 1000);
    controller.abort(
      new ModelError(
        `Ollama has sent nothing for ${seconds} s. Look at its log; raise \`ollama.idle_timeout_ms\` if it needs longer`,
        hasBegun ? 'retry' : 'fail',
      ),
    );
  };
  let timer = setTimeout(fire, idleMs);
  return {
    signal: controller.signal,
    touch: () => {
      hasBegun = true;
      clearTimeout(timer);
      timer = setTimeout(fire, idleMs);
    },
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
