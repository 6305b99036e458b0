/**
 * The settings of one model: what the command line says, then the model's own table (`[models."NAME"]`), then what holds for all
 * models.
 */
import type { LoadedConfig } from '../config/load.ts';
import { isGiven } from '../config/origins.ts';
import type { Config, ReasoningEffort } from '../config/schema.ts';
import type { ToolSet } from '../config/tool-sets.ts';
import { sameModel } from '../model/capabilities.ts';
import type { JsonObject } from '../protocol.ts';

type ModelTable = Config['models'][string];

export interface ModelSettings {
  /** Tokens; undefined: what fits. */
  readonly contextWindow: number | undefined;
  readonly effort: ReasoningEffort;
  /** Tokens of thinking; 0: none; undefined: as measured. */
  readonly maxThinking: number | undefined;
  /** Ollama's options; those that are undefined are the model's own. */
  readonly sampling: JsonObject;
  readonly tools: ToolSet;
}

type Settings = Pick<LoadedConfig, 'config' | 'origins'>;

export function modelSettingsOf({ config, origins }: Settings, name: string | undefined): ModelSettings {
  const table = tableOf(config, name);
  const {
    context_window: _window,
    reasoning_effort: _effort,
    reasoning_max_tokens: _thinking,
    profile: _profile,
    tools,
    ...sampling
  } = table;
  const settle = <T>(key: string, all: T, own: T): T => settled(origins, key, all, own);
  const { temperature, top_p } = config.ollama;
  return {
    contextWindow: contextWindowOf({ config, origins }, name),
    effort: effortOf({ config, origins }, name) ?? 'medium',
    maxThinking: maxThinkingOf({ config, origins }, name),
    sampling: {
      ...sampling,
      temperature: settle('ollama.temperature', temperature, sampling.temperature),
      top_p: settle('ollama.top_p', top_p, sampling.top_p),
    },
    tools: tools ?? 'full',
  };
}

/** Undefined: nobody has chosen one. */
export function effortOf(loaded: Settings, name: string | undefined): ReasoningEffort | undefined {
  if (maxThinkingOf(loaded, name) === 0) return 'none';
  const { config, origins } = loaded;
  const own = tableOf(config, name).reasoning_effort;
  return settled(origins, 'model_reasoning_effort', config.model_reasoning_effort, own);
}

/** Tokens; undefined: as measured. */
function maxThinkingOf({ config, origins }: Settings, name: string | undefined): number | undefined {
  const own = tableOf(config, name).reasoning_max_tokens;
  return settled(origins, 'model_reasoning_max_tokens', config.model_reasoning_max_tokens, own);
}

/** Tokens; undefined: what fits. */
export function contextWindowOf(
  {
    config,
    origins,
  }: Pick<LoadedConfig, 'origins'> & { readonly config: Pick<Config, 'models' | 'model_context_window'> },
  name: string | undefined,
): number | undefined {
  const own = tableOf(config, name).context_window;
  return settled(origins, 'model_context_window', config.model_context_window, own);
}

function settled<T>(origins: LoadedConfig['origins'], key: string, all: T, own: T): T {
  return own === undefined || (all !== undefined && isGiven(origins.get(key))) ? all : own;
}

/** The table of a model, by the name that `ollama list` has, with or without `:latest`; empty: it has none. */
export function tableOf({ models }: Pick<Config, 'models'>, name: string | undefined): ModelTable {
  if (name === undefined) return {};
  // The exact name first: a file may hold `qwen3` and `qwen3:latest`.
  if (Object.hasOwn(models, name)) return models[name] ?? {};
  return Object.entries(models).find(([key]) => sameModel(key, name))?.[1] ?? {};
}
