/** LM Studio. Its own API says what OpenAI's does not: the window, and whether a model is loaded. */
import type { JsonObject } from '../../protocol.ts';
import { isObject } from '../json-object.ts';
import { type Kind, positive, type ServedModel, text } from './kind.ts';
import { LM_STUDIO_SAMPLING } from './sampling.ts';

const MODELS = '/api/v0/models';

export function lmStudio(): Kind {
  const models: Kind['models'] = async (ask) => modelsIn(await ask(MODELS));
  return {
    name: 'LM Studio',
    abilities: ['its window', 'schemas'],
    models,
    sampling: LM_STUDIO_SAMPLING,
    extras: () => ({}),
    phase: async (ask, model) => {
      const own = (await models(ask)).find(({ id }) => id === model);
      return own && { phase: own.isLoaded ? 'reading' : 'loading' };
    },
  };
}

/** Whether an answer of its path is that of LM Studio, which answers unknown paths with success too. */
export function isLmStudio(answer: JsonObject | undefined): boolean {
  return Array.isArray(answer?.data) && answer.data.every(isListed);
}

function isListed(entry: unknown): boolean {
  return isObject(entry) && typeof entry.state === 'string';
}

function modelsIn({ data }: JsonObject): ServedModel[] {
  return (Array.isArray(data) ? data : []).filter(isObject).map((entry) => {
    const { id, type, arch, quantization, state, loaded_context_length, max_context_length } = entry;
    return {
      id: String(id ?? ''),
      isLoaded: state === 'loaded',
      // Of a model that is not loaded nobody knows the window that it will get.
      window: positive(loaded_context_length),
      modelMax: positive(max_context_length),
      sees: type === 'vlm',
      embeds: type === 'embeddings',
      digest: digestOf(entry),
      quantization: text(quantization),
      family: text(arch),
    };
  });
}

/** It does not tell one; the name, the file's kind and its quantization are as near as can be. */
function digestOf({ id, publisher, compatibility_type, quantization }: JsonObject): string {
  return [publisher, id, compatibility_type, quantization].map((part) => text(part) ?? '').join('/');
}
