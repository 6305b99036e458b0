/**
 * What of the sampling each kind of server knows, and by which name: the configuration has Ollama's. What a server does not know is not
 * sent, since some refuse the whole request for it.
 */
import type { JsonObject } from '../../protocol.ts';

export interface SamplingForm {
  /** The server's name by Ollama's. What is not in it is unknown to the server. */
  readonly names: { readonly [ollamas: string]: string };
  /** The `top_k` that leaves all tokens to choose from, which is Ollama's 0. */
  readonly allTokens: 0 | -1;
}

/** OpenAI's own, which every server has. */
const OPENAI = {
  temperature: 'temperature',
  top_p: 'top_p',
  presence_penalty: 'presence_penalty',
  frequency_penalty: 'frequency_penalty',
  seed: 'seed',
};

/** vLLM's names, which SGLang, MLX and most others have taken over. */
export const COMMON_SAMPLING: SamplingForm = {
  names: { ...OPENAI, top_k: 'top_k', min_p: 'min_p', repeat_penalty: 'repetition_penalty' },
  allTokens: 0,
};

export const VLLM_SAMPLING: SamplingForm = { ...COMMON_SAMPLING, allTokens: -1 };

export const LM_STUDIO_SAMPLING: SamplingForm = {
  names: { ...OPENAI, top_k: 'top_k', repeat_penalty: 'repeat_penalty' },
  allTokens: 0,
};

/** It knows all of Ollama's. */
export const LLAMA_CPP_SAMPLING: SamplingForm = {
  names: {
    ...LM_STUDIO_SAMPLING.names,
    min_p: 'min_p',
    typical_p: 'typical_p',
    repeat_last_n: 'repeat_last_n',
  },
  allTokens: 0,
};

/** The fields of a body. What is undefined is left to the model. */
export function samplingFields(sampling: JsonObject, { names, allTokens }: SamplingForm): JsonObject {
  const known = Object.entries(sampling).filter(
    ([name, value]) => Object.hasOwn(names, name) && value !== undefined,
  );
  return Object.fromEntries(
    known.map(([name, value]) => [names[name], name === 'top_k' && value === 0 ? allTokens : value]),
  );
}
