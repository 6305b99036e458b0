/**
 * What a model can do, read from /api/show, and the order in which installed models are tried.
 *
 * Only /api/show decides what a model can do. The capabilities in /api/tags are incomplete (Ollama 0.33 lists an
 * imported GGUF that calls tools as `completion`), so they only affect the order. A missing field means "no" or
 * "unknown"; nothing is guessed from a model's name.
 */
import { isObject } from './json-object.ts';
import type { LoadedModel } from './window.ts';
import type { ModelEntry, ShowReply } from './wire.ts';

export interface ModelFacts {
  readonly tools: boolean;
  readonly thinking: boolean;
  readonly vision: boolean;
  /** It produces vectors. */
  readonly embedding: boolean;
  /** The maximum that the model was trained for, in tokens. */
  readonly contextLength: number | undefined;
  /** `PARAMETER num_ctx` of its Modelfile. */
  readonly modelfileNumCtx: number | undefined;
  /** What turns messages into a prompt: Ollama's Go code, or the runner's Jinja template. */
  readonly path: 'rendered' | 'native';
  /** Its `think` takes a level instead of true or false. */
  readonly thinkLevels: boolean;
  /** Another `think` changes the prompt from its beginning, so that all of it is read again; otherwise only its end. */
  readonly thinkInHead?: boolean;
  /** The window that the server gives it, in tokens, if it cannot be asked for one; absent: it can. */
  readonly serverWindow?: number | 'unknown';
  /** The server that runs it, if that is not the one that was asked. */
  readonly remoteHost?: string | undefined;
}

/** An installed model, from /api/tags. */
export interface InstalledModel {
  readonly name: string;
  /** Changes with the weights and the template; undefined if the server does not report it. */
  readonly digest: string | undefined;
  /** The list says that it calls tools. If the list does not, it still may. */
  readonly listsTools: boolean;
  readonly isRemote: boolean;
  /** Billions of parameters; 0 if unknown. */
  readonly parameters: number;
  readonly modifiedAt: string;
}

/** Reads an answer of /api/show. */
export function factsFromShow(show: ShowReply): ModelFacts {
  // A server too old to list capabilities: assume these. If the model lacks them, the first request is refused.
  const capabilities = Array.isArray(show.capabilities) ? show.capabilities : ['tools', 'embedding'];
  const info = isObject(show.model_info) ? show.model_info : {};
  const architecture = typeof info['general.architecture'] === 'string' ? info['general.architecture'] : '';
  const parameters = typeof show.parameters === 'string' ? show.parameters : '';
  const modelfile = typeof show.modelfile === 'string' ? show.modelfile : '';
  const template = typeof show.template === 'string' ? show.template : '';
  const thinkLevels = /^gpt-?oss$/.test(architecture);
  return {
    tools: capabilities.includes('tools'),
    thinking: capabilities.includes('thinking'),
    vision: capabilities.includes('vision'),
    embedding: capabilities.includes('embedding'),
    contextLength: positive(info[`${architecture}.context_length`]),
    modelfileNumCtx: positive(Number(/^num_ctx\s+"?(\d+)/m.exec(parameters)?.[1])),
    path: /^(?:RENDERER|PARSER)\s/m.test(modelfile) || !template.includes('{%') ? 'rendered' : 'native',
    thinkLevels,
    thinkInHead: thinkLevels || isThinkInHead(template, modelfile),
    remoteHost:
      typeof show.remote_host === 'string' && show.remote_host !== '' ? show.remote_host : undefined,
  };
}

/** Renderers that write the effort into the system message. */
const HEAD_RENDERERS = /^RENDERER\s+qwen3\.8/m;
/** What a template knows of `think`: Ollama's variables in Go, those that it gives to Jinja. */
const THINK_VARIABLE = /\.(?:Think|IsThinkSet|ThinkLevel)\b|\b(?:enable_thinking|reasoning_effort)\b/;
/** Where a template begins to go through the messages. */
const MESSAGES_LOOP = /\brange\b[^}]{0,80}\.Messages\b|\bfor\b[^%]{0,80}\bin\s+\w*messages\b/;

/** Whether `think` shows before the first message. */
function isThinkInHead(template: string, modelfile: string): boolean {
  if (HEAD_RENDERERS.test(modelfile)) return true;
  const variable = template.search(THINK_VARIABLE);
  const loop = template.search(MESSAGES_LOOP);
  return variable >= 0 && loop >= 0 && variable < loop;
}

/** As /api/show names them. */
export function capabilitiesOf(facts: ModelFacts): string[] {
  return (['tools', 'thinking', 'vision', 'embedding'] as const).filter((name) => facts[name]);
}

/** Reads an entry of /api/tags. */
export function installedModel(entry: ModelEntry): InstalledModel {
  const details = isObject(entry.details) ? entry.details : {};
  return {
    name: String(entry.name ?? entry.model ?? ''),
    digest: digestIn(entry),
    listsTools: Array.isArray(entry.capabilities) && entry.capabilities.includes('tools'),
    isRemote: typeof entry.remote_host === 'string' && entry.remote_host !== '',
    parameters: billions(details.parameter_size),
    modifiedAt: typeof entry.modified_at === 'string' ? entry.modified_at : '',
  };
}

/**
 * Model families trained to work as coding agents, best first. The order is our own judgement; it only matters when the
 * user names no model.
 */
const FAMILIES = [
  'qwen3-coder',
  'devstral',
  'gpt-oss',
  'qwen3',
  'glm',
  'nemotron',
  'gemma4',
  'ministral',
  'qwen2.5-coder',
];

/**
 * Sorts installed models by how well they suit an agent: local before remote, then by family, larger first, newest
 * first, by name.
 */
export function rankModels(models: readonly InstalledModel[]): InstalledModel[] {
  const key = (model: InstalledModel): [number, number, number] => [
    model.isRemote ? 1 : 0,
    familyRank(model.name),
    -model.parameters,
  ];
  return models.toSorted((a, b) => {
    const [ka, kb] = [key(a), key(b)];
    for (const [index, value] of ka.entries()) {
      const difference = value - (kb[index] ?? 0);
      if (difference !== 0) return difference;
    }
    return b.modifiedAt.localeCompare(a.modifiedAt) || a.name.localeCompare(b.name);
  });
}

/** The digest in an entry of /api/tags, as `ollama list` prints it in full. */
export function digestIn(entry: ModelEntry): string | undefined {
  return typeof entry.digest === 'string' ? entry.digest.replace('sha256:', '') || undefined : undefined;
}

/** How a model is loaded, by the entries of /api/ps; undefined: it is not. */
export function loadedIn(entries: readonly ModelEntry[], model: string): LoadedModel | undefined {
  const entry = entries.find(({ name, model: other }) => sameModel(String(name ?? other), model));
  return typeof entry?.context_length === 'number'
    ? {
        numCtx: entry.context_length,
        size: positive(entry.size) ?? 0,
        sizeVram: positive(entry.size_vram) ?? 0,
      }
    : undefined;
}

/** `qwen3` is `qwen3:latest`; case does not matter, as on the server. */
export function sameModel(a: string, b: string): boolean {
  return canonicalName(a) === canonicalName(b);
}

/** The name with its tag, in lower case. */
export function canonicalName(name: string): string {
  const last = name.slice(name.lastIndexOf('/') + 1);
  return (last.includes(':') ? name : `${name}:latest`).toLowerCase();
}

function familyRank(name: string): number {
  const base = name.slice(name.lastIndexOf('/') + 1).toLowerCase();
  const rank = FAMILIES.findIndex((family) => base.startsWith(family));
  return rank < 0 ? FAMILIES.length : rank;
}

function billions(size: unknown): number {
  const match = typeof size === 'string' ? /^([\d.]+)\s*([KMBT])?/i.exec(size) : null;
  if (!match) return 0;
  const divisor = { K: 1e6, M: 1e3, B: 1, T: 1e-3 }[(match[2] ?? 'B').toUpperCase()] ?? 1;
  return Number(match[1]) / divisor;
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined;
}
