/** Events of requests to the model: what it is doing, what that cost, and what fills its window. */

/**
 * Why the model has not answered yet, or what it is doing. `queued`: the server works on other requests first. `hook`: it waits for a hook
 * of the user's, whose moment is the detail.
 */
export type ModelPhase =
  | 'waiting'
  | 'loading'
  | 'queued'
  | 'reading'
  | 'thinking'
  | 'writing'
  | 'compacting'
  | 'hook';

/** Tokens as the server counted them. `cached` is 0 for Ollama, which does not report reuse. */
export interface TokenUsage {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  /** Part of `outputTokens`; 0 if the server does not count it separately (Ollama does not). */
  readonly reasoningOutputTokens: number;
}

/** Milliseconds: to load the model, to read the new part of the prompt, to write the answer. */
export interface RequestTiming {
  readonly loadMs: number;
  readonly readMs: number;
  readonly writeMs: number;
}

export type RequestEvent =
  /**
   * `detail`: the purpose of an answer that is not shown (`writing calc.py`); for `loading`, the model. `newTokens`: an
   * estimate of what the server has to read; `remainingMs`: how long that will still take; `before`: how many requests of this user
   * are before it, if it is known.
   */
  | {
      readonly type: 'model_phase';
      readonly phase: ModelPhase;
      readonly detail?: string;
      /** Of the answer, that came since the last report and are not shown. */
      readonly pieces?: number;
      readonly newTokens?: number;
      /** How many of them the server has read; absent: it does not say. */
      readonly readTokens?: number;
      readonly remainingMs?: number;
      readonly before?: number;
    }
  /** The sum of the session, and how much of the window the last request used. */
  | {
      readonly type: 'token_count';
      readonly total: TokenUsage;
      readonly last: TokenUsage;
      readonly numCtx: number;
      /** False: `last` is what the server measured. */
      readonly estimated: boolean;
      /** The speed of the last answer, if the server reports it. */
      readonly tokensPerSecond?: number;
      /** What the last request took, if the server reports it. */
      readonly timing?: RequestTiming;
    }
  /** The model thought for too long, or repeated itself: the answer is asked for again without thinking. Tokens, estimated. */
  | { readonly type: 'thinking_stopped'; readonly tokens: number; readonly isRepeated?: true }
  /** A failed request is being retried; `isModelFault`: there was an answer, but a useless one. */
  | {
      readonly type: 'retry';
      readonly attempt: number;
      readonly max: number;
      readonly reason: string;
      readonly isModelFault?: true;
    };

/**
 * What fills the window: `talk` are the user's messages and the answers, `notes` the lines that oagent itself says to the model,
 * `memories` also skills.
 */
export type WindowSource =
  | 'system'
  | 'tools'
  | 'agents_md'
  | 'environment'
  | 'memories'
  | 'code'
  | 'summary'
  | 'talk'
  | 'outputs'
  | 'notes';

/** Tokens. */
export interface WindowUse {
  /** Of the window. */
  readonly size: number;
  readonly used: number;
  /** The part of `used` that the server has counted: the last prompt and its answer. Absent: all is an estimate. */
  readonly counted?: number;
  /** In the order in which they are sent; those without any are left out. Estimates, whose sum is `used`. */
  readonly parts: readonly { readonly source: WindowSource; readonly tokens: number }[];
}
