/**
 * What a server does with a prompt that is longer than its window: drop messages, silently cut tokens, or refuse.
 * The longest prompt that fits has one token less than the window.
 */
import type { ChatRequest, RequestMessage } from './chat-request.ts';
import { exceedsContext, promptTooLong } from './errors.ts';
import type { ModelSpec } from './models.ts';
import { promptTokens } from './render.ts';

const MIN_NUM_CTX = 4;
const MIN_NUM_CTX_VISION = 2048;
const DEFAULT_NUM_KEEP = 4;

/** A number option of the request, or undefined. */
export function numberOption(request: ChatRequest, key: string): number | undefined {
  const value = request.options[key];
  return typeof value === 'number' ? value : undefined;
}

/** The window in effect: the request's, else the Modelfile's, else the server's default; at most the trained maximum. */
export function effectiveNumCtx(request: ChatRequest, model: ModelSpec, defaultNumCtx: number): number {
  const wanted = numberOption(request, 'num_ctx') ?? model.modelfileNumCtx ?? defaultNumCtx;
  const least = model.capabilities.includes('vision') ? MIN_NUM_CTX_VISION : MIN_NUM_CTX;
  return Math.min(Math.max(wanted, least), model.contextLength);
}

/** llama-server rounds its own window up to a multiple of 256, so the two limits agree only on such a multiple. */
export const serverContext = (numCtx: number): number => Math.ceil(numCtx / 256) * 256;

/** Keeps the first `num_keep` tokens and a tail, so that about half of the window stays free. */
function silentCut(tokens: readonly string[], numCtx: number, numKeep: number): string[] {
  const total = numCtx - Math.floor((numCtx - numKeep) / 2);
  return [...tokens.slice(0, numKeep), ...tokens.slice(tokens.length - (total - numKeep))];
}

/** Messages are dropped from the front, whatever they belong to, except system messages and the last one. */
function dropMessages(
  messages: readonly RequestMessage[],
  fits: (messages: readonly RequestMessage[]) => boolean,
): readonly RequestMessage[] {
  let kept = messages;
  for (let dropped = 0; dropped < messages.length; dropped += 1) {
    const systems = messages.slice(0, dropped).filter((message) => message.role === 'system');
    kept = [...systems, ...messages.slice(dropped)];
    if (fits(kept)) break;
  }
  return kept;
}

/** The tokens that reach the model. Throws the path's 400 if the prompt does not fit and must not be cut. */
export function fitPrompt(request: ChatRequest, model: ModelSpec, numCtx: number): string[] {
  const render = (messages: readonly RequestMessage[]) => promptTokens(request.tools, messages, model.path);
  const messages = request.truncate
    ? dropMessages(request.messages, (candidate) => render(candidate).length <= numCtx)
    : request.messages;
  const tokens = render(messages);
  const ollamaCuts = request.truncate && model.path === 'rendered';
  if (!ollamaCuts) {
    const nCtx = serverContext(numCtx);
    if (tokens.length >= nCtx) throw exceedsContext(tokens.length, nCtx);
    return tokens;
  }
  if (tokens.length < numCtx) return tokens;
  if (!request.shift) throw promptTooLong();
  return silentCut(tokens, numCtx, numberOption(request, 'num_keep') ?? DEFAULT_NUM_KEEP);
}
