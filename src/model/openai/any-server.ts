/** A server that speaks OpenAI's chat API and is none of those that are known: MLX, SGLang, a proxy. */
import type { JsonObject } from '../../protocol.ts';
import type { Kind } from './kind.ts';
import { isOwnedBy, listedModels } from './vllm.ts';

/** @param models the answer of `/v1/models`. */
export function anyServer(models: JsonObject): Kind {
  return {
    name: isOwnedBy(models, 'sglang') ? 'SGLang' : 'OpenAI-compatible server',
    abilities: [],
    models: async (ask) => listedModels(await ask('/v1/models')),
    extras: () => ({}),
  };
}
