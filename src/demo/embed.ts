/**
 * POST /api/embed: vectors made from the words of a text, so that texts with words in common are close.
 *
 * A word, and each part of it that camelCase or snake_case makes, adds to a few places that its hash chooses, with
 * signs; the sum is scaled to length 1. The same text, model and dimensions give the same numbers on every machine.
 * A text is cut to the model's context, or refused, as the server does.
 */
import { type ChatContext, runnerFor } from './chat.ts';
import { parseBody, readChatRequest } from './chat-request.ts';
import { inputTooLong, invalidInput, modelNotFoundToEmbed, noEmbeddings, WireError } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { embeddingLength, findModel, type ModelSpec } from './models.ts';
import { tokenize } from './render.ts';
import { effectiveNumCtx } from './window.ts';

const WORD = /[\p{L}\p{N}_]+/gu;
const PART = /\p{Lu}?\p{Ll}+|\p{Lu}+(?!\p{Ll})|\p{N}+/gu;
/** Places that one word adds to. */
const SPREAD = 4;
/** A part of a word counts less than the whole. */
const PART_WEIGHT = 0.7;
const READ_NS_PER_TOKEN = 20_000;

/** The vector of a text, with length 1; the same one for all texts without words. */
export function wordVector(text: string, dimensions: number): number[] {
  const vector = new Float64Array(dimensions);
  for (const [word] of text.matchAll(WORD)) {
    addWord(vector, word.toLowerCase(), 1);
    for (const [part] of word.matchAll(PART)) {
      if (part.length < word.length) addWord(vector, part.toLowerCase(), PART_WEIGHT);
    }
  }
  let sum = 0;
  for (const value of vector) sum += value * value;
  if (sum === 0) {
    vector[0] = 1;
    sum = 1;
  }
  const scale = 1 / Math.sqrt(sum);
  return Array.from(vector, (value) => Math.fround(value * scale));
}

function addWord(vector: Float64Array, word: string, weight: number): void {
  let hash = 2166136261;
  for (let i = 0; i < word.length; i += 1) hash = Math.imul(hash ^ word.charCodeAt(i), 16777619) >>> 0;
  for (let place = 0; place < SPREAD; place += 1) {
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d + 2 * place) >>> 0;
    hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39) >>> 0;
    const at = hash % vector.length;
    vector[at] = (vector[at] ?? 0) + (hash & 0x10000 ? weight : -weight);
  }
}

function inputsOf(input: unknown): string[] {
  if (input === undefined || input === null) return [];
  const list = Array.isArray(input) ? input : [input];
  if (list.some((text) => typeof text !== 'string')) throw invalidInput();
  return list as string[];
}

function find(models: readonly ModelSpec[], name: string): ModelSpec {
  try {
    return findModel(models, name);
  } catch (error) {
    throw error instanceof WireError && error.status === 404 ? modelNotFoundToEmbed(name) : error;
  }
}

/** Throws a WireError for what the server refuses. */
export async function handleEmbed(context: ChatContext, exchange: Exchange, raw: string): Promise<void> {
  const body = parseBody(raw);
  const request = readChatRequest({ ...body, messages: [] }, raw);
  const model = find(context.models, request.model);
  const inputs = inputsOf(body.input);
  const numCtx = effectiveNumCtx(request, model, context.defaultNumCtx);
  const { runners } = context;
  const release = await runners.acquire(model, exchange.signal);
  try {
    await runnerFor(context, exchange, request, model, numCtx);
    if (!model.capabilities.includes('embedding') && inputs.length > 0) throw noEmbeddings();
    const wanted = typeof body.dimensions === 'number' && body.dimensions > 0 ? body.dimensions : Infinity;
    const dimensions = Math.min(embeddingLength(model), wanted);
    let read = 0;
    const embeddings = inputs.map((text) => {
      const tokens = tokenize(text);
      if (!request.truncate && tokens.length > numCtx) throw inputTooLong();
      const kept = tokens.slice(0, numCtx);
      read += kept.length;
      return wordVector(kept.length === tokens.length ? text : kept.join(''), dimensions);
    });
    exchange.json({
      model: request.model,
      embeddings,
      total_duration: read * READ_NS_PER_TOKEN + 2_053_769,
      load_duration: 1_023_451,
      prompt_eval_count: read === 0 ? undefined : read,
    });
  } finally {
    runners.touch(model, request.keepAliveMs);
    release();
  }
}
