/**
 * The models that a scripted server has, and the documents of /api/tags and /api/show about them.
 *
 * Does not: know which are loaded (runners.ts).
 */
import { createHash } from 'node:crypto';
import type { JsonObject } from '../protocol.ts';
import { modelNotFound, modelRequired } from './errors.ts';
import { timestamp } from './wire.ts';

/** Who renders the prompt and parses calls: Ollama (`rendered`) or llama-server with the model's Jinja (`native`). */
export type ModelPath = 'rendered' | 'native';

export interface ModelSpec {
  /** `name[:tag]`, the tag `latest` if absent. */
  readonly name: string;
  readonly path: ModelPath;
  readonly capabilities: readonly string[];
  /** Those in /api/tags, where they differ: Ollama 0.33 lists `completion` alone for most imported models. */
  readonly listedCapabilities?: readonly string[];
  /** The training maximum, in tokens. */
  readonly contextLength: number;
  readonly modelfileNumCtx?: number;
  readonly parameterSize?: string;
  /** RFC 3339. */
  readonly modifiedAt?: string;
  /** Bytes. */
  readonly size?: number;
  /** Bytes of it in VRAM once loaded, at most; all of it by default. */
  readonly sizeVram?: number;
  /** Bytes that each token of the window adds to `size` once loaded. Default 0. */
  readonly tokenBytes?: number;
  readonly architecture?: string;
  /** Of its vectors; default 768 for a model that embeds. */
  readonly embeddingLength?: number;
}

/** The name with its tag, `latest` if it has none. */
export const withTag = (name: string): string => (/:[^/]*$/.test(name) ? name : `${name}:latest`);

/** The model of that name: case-insensitive, `:latest` implied. Throws the server's 400 or 404. */
export function findModel(models: readonly ModelSpec[], name: string, shown = name): ModelSpec {
  if (name === '') throw modelRequired();
  const wanted = withTag(name).toLowerCase();
  const model = models.find((candidate) => withTag(candidate.name).toLowerCase() === wanted);
  if (!model) throw modelNotFound(shown);
  return model;
}

/** `name:tag`, as /api/tags and /api/ps list it. */
export const listedName = (model: ModelSpec): string => withTag(model.name);

/** With registry and namespace, as some errors have it. */
export function fullName(model: ModelSpec): string {
  const name = listedName(model);
  const slashes = name.split('/').length - 1;
  if (slashes === 0) return `registry.ollama.ai/library/${name}`;
  return slashes === 1 ? `registry.ollama.ai/${name}` : name;
}

export const sizeOf = (model: ModelSpec): number => model.size ?? 4_700_000_000;

export const digestOf = (model: ModelSpec): string =>
  createHash('sha256').update(listedName(model)).digest('hex');

/** Dimensions of a model's vectors. One that chats has those of its hidden state. */
export const embeddingLength = (model: ModelSpec): number =>
  model.embeddingLength ?? (model.capabilities.includes('embedding') ? 768 : 4096);

const architectureOf = (model: ModelSpec): string => model.architecture ?? 'qwen3';
const modifiedAt = (model: ModelSpec): string => model.modifiedAt ?? '2026-11-21T01:25:11.000978676Z';

export function detailsOf(model: ModelSpec): JsonObject {
  const family = architectureOf(model);
  return {
    parent_model: '',
    format: 'gguf',
    family,
    families: [family],
    parameter_size: model.parameterSize ?? '8.2B',
    quantization_level: 'Q4_K_M',
  };
}

/** One entry of /api/tags; only here the details have the context length. */
export function tagEntry(model: ModelSpec): JsonObject {
  return {
    name: listedName(model),
    model: listedName(model),
    modified_at: modifiedAt(model),
    size: sizeOf(model),
    digest: digestOf(model),
    details: {
      ...detailsOf(model),
      context_length: model.contextLength,
      embedding_length: embeddingLength(model),
    },
    capabilities: model.listedCapabilities ?? model.capabilities,
  };
}

/** One entry of /api/ps. `expiresInMs` counts from now. */
export function psEntry(model: ModelSpec, contextLength: number, expiresInMs: number): JsonObject {
  const size = sizeOf(model) + (model.tokenBytes ?? 0) * contextLength;
  return {
    name: listedName(model),
    model: listedName(model),
    size,
    digest: digestOf(model),
    details: detailsOf(model),
    expires_at: timestamp(expiresInMs),
    size_vram: Math.min(size, model.sizeVram ?? size),
    context_length: contextLength,
  };
}

const JINJA =
  '{%- for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}';

/** The answer of /api/show. The path shows: RENDERER and PARSER lines, or a Jinja template. */
export function showDocument(model: ModelSpec): JsonObject {
  const architecture = architectureOf(model);
  const rendered = model.path === 'rendered';
  const template = rendered ? '{{ .Prompt }}' : JINJA;
  const parameters: [string, string][] = [['temperature', '0.6']];
  if (model.modelfileNumCtx !== undefined) parameters.push(['num_ctx', String(model.modelfileNumCtx)]);
  const modelfile = [
    '# Modelfile generated by "ollama show"',
    '# To build a new Modelfile based on this, replace FROM with:',
    `# FROM ${listedName(model)}`,
    '',
    `FROM /root/.ollama/models/blobs/sha256-${digestOf(model)}`,
    `TEMPLATE """${template}"""`,
    ...(rendered ? ['RENDERER qwen3-coder', 'PARSER qwen3-coder'] : []),
    ...parameters.map(([key, value]) => `PARAMETER ${key} ${value}`),
    '',
  ];
  return {
    modelfile: modelfile.join('\n'),
    parameters: parameters.map(([key, value]) => `${key.padEnd(30)} ${value}`).join('\n'),
    template,
    details: detailsOf(model),
    model_info: {
      'general.architecture': architecture,
      'general.file_type': 15,
      'general.parameter_count': 8_190_735_360,
      [`${architecture}.context_length`]: model.contextLength,
      [`${architecture}.embedding_length`]: embeddingLength(model),
      'tokenizer.ggml.tokens': null,
    },
    capabilities: model.capabilities,
    modified_at: modifiedAt(model),
  };
}
