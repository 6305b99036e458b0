/**
 * POST /api/chat: the server's checks in its order, then the load, the window, and the model's turn.
 *
 * A refused request does not consume a turn. Reported durations follow from the tokens that had to be read and
 * generated, at the speed of a small model on a CPU; nobody actually waits that long.
 */

import type { JsonObject } from '../protocol.ts';
import { errorMessage } from '../text/error-message.ts';
import { type ChatRequest, checkFormat, checkOptions, parseBody, readChatRequest } from './chat-request.ts';
import { type StreamForm, sendTurn } from './chat-stream.ts';
import { constrainedTurn } from './constrained.ts';
import { noThinkingSupport, noToolSupport, WireError } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { generate, tokenLimit } from './generation.ts';
import type { PromptCost } from './kv-cache.ts';
import { findModel, fullName, type ModelSpec } from './models.ts';
import type { RequestLog } from './request-log.ts';
import type { Runner, Runners } from './runners.ts';
import { type Script, turnFor } from './script.ts';
import { effectiveNumCtx, fitPrompt, serverContext } from './window.ts';
import { doneChunk, type Metrics, wireMessage } from './wire.ts';

export interface LoadRequest {
  readonly model: string;
  readonly numCtx: number;
}

export interface LoadFailure {
  readonly status: number;
  readonly error: string;
}

export interface ChatContext {
  readonly models: readonly ModelSpec[];
  readonly script: Script;
  readonly defaultNumCtx: number;
  readonly chunkDelayMs: number;
  readonly onLoad: (load: LoadRequest) => Promise<LoadFailure | undefined>;
  readonly runners: Runners;
  readonly log: RequestLog;
  /** Of the answers; absent: Ollama's. */
  readonly form?: ((cost: PromptCost) => StreamForm) | undefined;
  /** Turns consumed so far. */
  turns: number;
}

/** Nanoseconds. The server notices a finished load by polling every 250 ms. */
const LOAD_NS = 260_467_507;
const HOT_NS = 11_000_000;
const READ_NS_PER_TOKEN = 610_000;
const SAY_NS_PER_TOKEN = 5_548_000;
const OVERHEAD_NS = 2_053_769;
/** Tokens that a context shift leaves (`--keep 4`). */
const SHIFT_KEEP = 4;

function checkCapabilities(request: ChatRequest, model: ModelSpec): void {
  if (request.tools.length > 0 && !model.capabilities.includes('tools')) throw noToolSupport(fullName(model));
  if (request.think && !model.capabilities.includes('thinking')) throw noThinkingSupport(request.model);
}

function checkImages(request: ChatRequest, model: ModelSpec): void {
  if (model.capabilities.includes('vision')) return;
  if (request.messages.every((message) => message.images.length === 0)) return;
  const rendered = model.path === 'rendered';
  const code = rendered ? 400 : 500;
  const message = rendered
    ? 'Multimodal data provided, but model does not support multimodal requests.'
    : 'image input is not supported - hint: if this is unexpected, you may need to provide the mmproj';
  const type = rendered ? 'invalid_request_error' : 'server_error';
  throw new WireError(code, JSON.stringify({ error: { code, message, type } }));
}

function measure(cost: PromptCost, evalCount: number, reloaded: boolean): Metrics {
  const load = reloaded ? LOAD_NS : HOT_NS;
  const read = cost.rereadTokens * READ_NS_PER_TOKEN;
  const said = evalCount * SAY_NS_PER_TOKEN;
  return {
    total_duration: load + read + said + OVERHEAD_NS,
    load_duration: load,
    prompt_eval_count: cost.promptTokens,
    prompt_eval_duration: read,
    eval_count: evalCount,
    eval_duration: said,
  };
}

/** Lets the loaded model answer. */
async function answer(
  context: ChatContext,
  exchange: Exchange,
  request: ChatRequest,
  runner: Runner,
  reloaded: boolean,
): Promise<void> {
  const { model, numCtx, cache } = runner;
  checkImages(request, model);
  const prompt = fitPrompt(request, model, numCtx);
  const cost = cache.read(prompt);
  context.log.reachedModel(exchange.entry, cost);
  const scripted = turnFor(context.script, request, context.turns++);
  const turn = request.format === undefined ? scripted : constrainedTurn(scripted, model.path);
  const rendered = model.path === 'rendered';
  const limit = tokenLimit(request, numCtx, prompt.length, rendered);
  const thinks = request.think !== false && model.capabilities.includes('thinking');
  const generation = generate(turn, limit, thinks, rendered);
  await sendTurn(exchange, {
    request,
    path: model.path,
    turn,
    generation,
    metrics: measure(cost, generation.evalCount, reloaded),
    endless: limit === Number.POSITIVE_INFINITY,
    chunkDelayMs: context.chunkDelayMs,
    form: context.form?.(cost),
  });
  cache.append(generation.tokens);
  if (request.shift && prompt.length + generation.tokens.length > serverContext(numCtx))
    cache.shift(SHIFT_KEEP);
}

/** The runner that a request needs, loaded if necessary. Throws a WireError if the load fails. */
export async function runnerFor(
  context: ChatContext,
  exchange: Exchange,
  request: ChatRequest,
  model: ModelSpec,
  numCtx: number,
): ReturnType<Runners['ready']> {
  const ready = await context.runners.ready(request, model, numCtx, async () => {
    const failure = await exchange.until(context.onLoad({ model: model.name, numCtx }));
    if (failure) throw new WireError(failure.status, failure.error);
  });
  exchange.entry.reloaded = ready.reloaded;
  return ready;
}

/** Answers a request to /api/chat. Throws a WireError for what the server refuses. */
export async function handleChat(
  context: ChatContext,
  exchange: Exchange,
  raw: string,
  body: JsonObject = parseBody(raw),
): Promise<void> {
  const request = readChatRequest(body, raw);
  const model = findModel(context.models, request.model);
  const { runners } = context;
  const empty = request.messages.length === 0;
  if (empty && request.keepAliveMs === 0) {
    runners.unload(model);
    return exchange.json(doneChunk(request.model, wireMessage(''), 'unload'));
  }
  checkCapabilities(request, model);
  checkOptions(request.options);
  checkFormat(body.format);
  const numCtx = effectiveNumCtx(request, model, context.defaultNumCtx);
  const loaded = () => exchange.json(doneChunk(request.model, wireMessage(''), 'load'));
  if (empty && runners.isReady(request, model, numCtx)) {
    runners.touch(model, request.keepAliveMs);
    return loaded();
  }
  const release = await runners.acquire(model, exchange.signal);
  try {
    const { runner, reloaded } = await runnerFor(context, exchange, request, model, numCtx);
    if (empty) loaded();
    else await answer(context, exchange, request, runner, reloaded);
  } finally {
    runners.touch(model, request.keepAliveMs);
    release();
  }
}

/** Answers with what a handler threw, unless the client has gone. */
export async function answerError(exchange: Exchange, error: unknown): Promise<void> {
  if (exchange.signal.aborted) return;
  const status = error instanceof WireError ? error.status : 500;
  await exchange.error(status, errorMessage(error));
}
