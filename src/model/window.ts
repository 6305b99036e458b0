/**
 * How large the context window is, decided once a session.
 *
 * Invariants: the same number goes out with every request, since another one makes Ollama reload the model and
 * forget its cache; it is a multiple of 256, to which the runner rounds anyway, so that both sides count alike.
 * Does not: ask the server (capabilities.ts) or count tokens.
 */

/** The runner allocates in steps of this many tokens. */
const STEP = 256;

/** What a model gets when neither the user nor its Modelfile says: enough for work, bearable in memory. */
const DEFAULT_WINDOW = 32_768;

export interface WindowChoice {
  readonly numCtx: number;
  /** Tokens that an answer may have at most: sent as `num_predict`, kept free of the prompt. */
  readonly numPredict: number;
  readonly source: 'config' | 'modelfile' | 'default';
}

/**
 * config > Modelfile > min(the model's maximum, 32,768); never above the model's maximum, because the server
 * would cut it there without a word.
 *
 * @param limits tokens; `modelMax` is undefined where the server does not tell.
 */
export function chooseWindow(limits: {
  readonly configured?: number | undefined;
  readonly modelfile?: number | undefined;
  readonly modelMax?: number | undefined;
}): WindowChoice {
  const source = limits.configured ? 'config' : limits.modelfile ? 'modelfile' : 'default';
  const wanted = limits.configured || limits.modelfile || DEFAULT_WINDOW;
  const allowed = Math.min(wanted, limits.modelMax ?? wanted);
  const numCtx = Math.max(STEP, Math.floor(allowed / STEP) * STEP);
  return { numCtx, numPredict: Math.min(8192, Math.floor(numCtx / 4)), source };
}
