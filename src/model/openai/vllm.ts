/** vLLM, and SGLang, which lists its models in the same form. */
import type { JsonObject } from '../../protocol.ts';
import { isObject } from '../json-object.ts';
import type { Ask } from './ask.ts';
import { isAnswerBegun, thinkingArguments, type WireBody } from './chat-body.ts';
import { type Kind, positive, type ServedModel, text } from './kind.ts';
import { VLLM_SAMPLING } from './sampling.ts';

/** @param version the answer of `/version`, if there is one. */
export function vllm(version: JsonObject | undefined): Kind {
  return {
    name: 'vLLM',
    version: text(version?.version),
    abilities: ['its window', 'exact counts before a request', 'schemas'],
    models: async (ask) => listedModels(await ask('/v1/models')),
    sampling: VLLM_SAMPLING,
    extras: (settings, request) => {
      const chosen = thinkingArguments(settings, request);
      return {
        ...(chosen !== undefined && { chat_template_kwargs: chosen }),
        // A call in an answer within a schema would be one that the schema forbids.
        ...(request.format !== undefined && request.tools.length > 0 && { tool_choice: 'none' }),
        ...(isAnswerBegun(request) && { continue_final_message: true, add_generation_prompt: false }),
      };
    },
    count,
  };
}

/** What any server of this API lists, with the window where vLLM and SGLang tell it. */
export function listedModels({ data }: JsonObject): ServedModel[] {
  return (Array.isArray(data) ? data : []).filter(isObject).map(({ id, root, max_model_len }) => ({
    id: String(id ?? ''),
    isLoaded: true,
    window: positive(max_model_len),
    modelMax: positive(max_model_len),
    digest: text(root) ?? text(id),
  }));
}

/** Whether its models are those of a server that names itself so. */
export function isOwnedBy({ data }: JsonObject, owner: string): boolean {
  return Array.isArray(data) && data.some((entry) => isObject(entry) && entry.owned_by === owner);
}

async function count(
  ask: Ask,
  { model, messages, tools, chat_template_kwargs }: WireBody,
): Promise<number | undefined> {
  const body = { model, messages, tools, chat_template_kwargs, add_generation_prompt: true };
  return positive((await ask('/tokenize', { body })).count);
}
