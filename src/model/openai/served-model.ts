/** A model of such a server in the forms in which the session knows Ollama's. */
import type { ModelFacts } from '../capabilities.ts';
import type { ModelEntry } from '../wire.ts';
import type { ServedModel } from './kind.ts';

export function factsOf({ window, modelMax, tools, sees, embeds, thinking }: ServedModel): ModelFacts {
  return {
    tools: embeds !== true && tools !== false,
    thinking: thinking !== undefined,
    vision: sees === true,
    embedding: embeds === true,
    contextLength: modelMax ?? window,
    modelfileNumCtx: undefined,
    path: 'native',
    thinkLevels: thinking === 'levels',
    serverWindow: window ?? 'unknown',
  };
}

export function entryOf({
  id,
  digest,
  size,
  parameters,
  quantization,
  family,
  window,
  modelMax,
  embeds,
}: ServedModel): ModelEntry {
  return {
    name: id,
    model: id,
    digest,
    size,
    capabilities: embeds === true ? ['embedding'] : ['completion', 'tools'],
    context_length: window,
    details: {
      parameter_size: parameters === undefined ? undefined : `${Number(parameters.toPrecision(2))}B`,
      quantization_level: quantization,
      family,
      context_length: modelMax ?? window,
    } as ModelEntry['details'],
  };
}
