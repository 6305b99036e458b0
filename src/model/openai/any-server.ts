/** A server that speaks OpenAI's chat API and is none of those that are known: MLX, SGLang, a proxy. */
import type { JsonObject } from '../../protocol.ts';
import type { Kind } from './kind.ts';
import { COMMON_SAMPLING, VLLM_SAMPLING } from './sampling.ts';
import { isOwnedBy, listedModels } from './vllm.ts';

/** @param models the answer of `/v1/models`. */
export function anyServer(models: JsonObject): Kind {
  const isSglang = isOwnedBy(models, 'sglang');
  return {
    name: isSglang ? 'SGLang' : 'OpenAI-compatible server',
    abilities: [],
    models: async (ask) => listedModels(await ask('/v1/models')),
    sampling: isSglang ? VLLM_SAMPLING : COMMON_SAMPLING,
    extras: () => ({}),
  };
}
