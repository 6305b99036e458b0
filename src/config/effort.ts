/**
 * Maps `model_reasoning_effort` to Ollama's `think`. A model that cannot think must not be sent a truthy value at all;
 * the caller has to know.
 */
import type { ReasoningEffort } from './schema.ts';

/** All of them, lowest first. */
export const REASONING_EFFORTS = [
  'none',
  'minimal',
  'low',
  'medium',
  'high',
  'xhigh',
] as const satisfies readonly ReasoningEffort[];

/** Ollama's `think`: levels for models that have them, a switch for all others. */
type Think = boolean | 'low' | 'medium' | 'high' | 'max';

/**
 * The `think` value for an effort. `gptOss`: the model takes levels; any other gets a boolean.
 * @example effortToThink('xhigh', { gptOss: true }) // 'max'
 */
export function effortToThink(effort: ReasoningEffort, { gptOss }: { readonly gptOss: boolean }): Think {
  if (!gptOss) return effort !== 'none';
  switch (effort) {
    // It cannot be switched off.
    case 'none':
    case 'minimal':
    case 'low':
      return 'low';
    case 'xhigh':
      return 'max';
    default:
      return effort;
  }
}
