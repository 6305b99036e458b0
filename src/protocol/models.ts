/**
 * The part of the seam that is about models: which there are, and getting another one.
 *
 * Does not: hold logic.
 */

/**
 * An installed model; what the server does not tell is absent. `size`: bytes on disk; `parameterSize`, `quantization`,
 * `family`: the server's words (`8.2B`, `Q4_K_M`, `qwen3`); `capabilities`: `tools`, `thinking`, `vision`, `embedding` …;
 * `contextLength`: the largest window it was made for, `loadedWindow`: the one it is in memory with; `profile`: how a
 * session has it work, if that was measured or configured.
 */
export interface ModelInfo {
  readonly name: string;
  readonly size?: number;
  readonly parameterSize?: string;
  readonly quantization?: string;
  readonly family?: string;
  readonly capabilities: readonly string[];
  readonly contextLength?: number;
  /** It runs in the cloud. */
  readonly isRemote: boolean;
  readonly loadedWindow?: number;
  readonly profile?: 'native' | 'led';
}

export type ModelOp =
  /** Answered by `models`. */
  | { readonly type: 'list_models' }
  | { readonly type: 'pull_model'; readonly name: string }
  /** What was loaded is kept by the server; the next pull goes on from there. */
  | { readonly type: 'cancel_pull'; readonly name: string };

export type ModelEvent =
  /** `error`: they could not be read. */
  | { readonly type: 'models'; readonly models: readonly ModelInfo[]; readonly error?: string }
  /** In the middle of a turn: the model is led from now on. */
  | { readonly type: 'model_led' }
  /** Bytes, over all parts of the model that have been seen so far. */
  | {
      readonly type: 'pull_progress';
      readonly name: string;
      readonly status: string;
      readonly completed?: number;
      readonly total?: number;
    }
  /** Closes every pull; `error` is absent if the model is there. */
  | { readonly type: 'pull_ended'; readonly name: string; readonly error?: string };
