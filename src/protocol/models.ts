/** Operations and events of the models that the server has. */

/**
 * An installed model; what the server does not report is absent. `size`: bytes on disk; `parameterSize`,
 * `quantization`, `family`: the server's words (`8.2B`, `Q4_K_M`, `qwen3`); `capabilities`: `tools`, `thinking`,
 * `vision`, `embedding` …; `contextLength`: the largest window that it was made for; `loadedWindow`: the window that it
 * is loaded with; `profile`: how sessions use it, if that was measured or configured.
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
  /** The server keeps what it has; the next pull continues from there. */
  | { readonly type: 'cancel_pull'; readonly name: string };

export type ModelEvent =
  /** `error`: they could not be read. */
  | { readonly type: 'models'; readonly models: readonly ModelInfo[]; readonly error?: string }
  /** During a turn: the model is led from now on. */
  | { readonly type: 'model_led' }
  /** Bytes, of all parts of the model that are known so far. */
  | {
      readonly type: 'pull_progress';
      readonly name: string;
      readonly status: string;
      readonly completed?: number;
      readonly total?: number;
    }
  /** Closes every pull; `error` is absent if the model is there. */
  | { readonly type: 'pull_ended'; readonly name: string; readonly error?: string };
