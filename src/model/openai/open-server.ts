/**
 * Finds out what kind of server answers at an address, by the paths that only one of them has, and opens it.
 *
 * A server that says nothing of a path that it does not know has another kind; one that is away, wants a key or is loading its
 * model is an error, so that nothing wrong is concluded from it.
 */
import type { JsonObject } from '../../protocol.ts';
import { ANSWER_TIMEOUT_MS, OllamaClient } from '../client.ts';
import { ModelError } from '../errors.ts';
import type { ModelServer } from '../server.ts';
import { OLLAMA_WORDS } from '../server-words.ts';
import { type Contact, type Endpoint, withoutCredentials } from '../transport.ts';
import { anyServer } from './any-server.ts';
import { type Ask, asking, askText, orNothing } from './ask.ts';
import { OpenAiClient } from './client.ts';
import type { Kind } from './kind.ts';
import { isLlamaCpp, llamaCpp } from './llama-cpp.ts';
import { isLmStudio, lmStudio } from './lm-studio.ts';
import { isOwnedBy, vllm } from './vllm.ts';

/** Ollama's own words at its root. */
const OLLAMA = /^Ollama is running/;

/** `home` and `idleTimeoutMs` as OllamaClient has them. @throws ModelError; the reason of the signal */
export async function openServer(
  given: Endpoint,
  { idleTimeoutMs, home }: { readonly idleTimeoutMs: number; readonly home?: string | undefined },
  signal: AbortSignal,
): Promise<ModelServer> {
  const endpoint = withoutCredentials(given);
  const contact: Contact = { hasAnswered: false };
  const limitMs = Math.min(idleTimeoutMs, ANSWER_TIMEOUT_MS);
  const root = await orNothing(askText(endpoint, contact, limitMs, signal, '/'));
  if (root !== undefined && OLLAMA.test(root.text)) {
    const { name, start, get, log, slowLoad, memory } = OLLAMA_WORDS;
    const words = endpoint.words && { ...endpoint.words, name, start, get, log, slowLoad, memory };
    return new OllamaClient({ ...endpoint, words }, idleTimeoutMs, home);
  }
  const kind = await kindOf(asking(endpoint, contact, limitMs, signal));
  if (endpoint.api?.wire === 'responses') throw wrongWire(endpoint, kind);
  const words = endpoint.words && { ...endpoint.words, name: kind.name };
  return new OpenAiClient({ ...endpoint, words }, kind, contact, idleTimeoutMs);
}

async function kindOf(ask: Ask): Promise<Kind> {
  const props = await known(ask('/props'));
  if (isLlamaCpp(props)) return llamaCpp(props);
  if (isLmStudio(await known(ask('/api/v0/models')))) return lmStudio();
  const models = await ask('/v1/models');
  return isOwnedBy(models, 'vllm') ? vllm(await known(ask('/version'))) : anyServer(models);
}

/** Undefined: the path is unknown, or what is there is a page for people. */
async function known(answer: Promise<JsonObject>): Promise<JsonObject | undefined> {
  try {
    return await orNothing(answer);
  } catch (error) {
    if (error instanceof ModelError && error.isNotJson) return undefined;
    throw error;
  }
}

function wrongWire({ api, host }: Endpoint, { name }: Kind): ModelError {
  return new ModelError(
    `[model_providers.${api?.provider}] has wire_api = "responses", and what answers at ${host} is ${name}, ` +
      'with which oagent only speaks the chat API. Set wire_api = "chat"',
    'fail',
  );
}
