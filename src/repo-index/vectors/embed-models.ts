/**
 * The embedding models that oagent knows how to ask: what goes in front of a query and of a document, and which of the
 * installed ones is used.
 *
 * Invariants: never pulls a model; the key of a model changes with its weights, so that vectors of different weights are
 * never compared; one that is not on the list is asked without prefixes.
 */
import { askModels } from '../../model/ask-models.ts';
import { digestIn, type ModelFacts, sameModel } from '../../model/capabilities.ts';
import type { ModelServer } from '../../model/server.ts';
import type { ModelEntry } from '../../model/wire.ts';

export interface EmbedModel {
  /** As the server lists it. */
  readonly name: string;
  /** Of the vector cache: the name and the digest of its weights. */
  readonly key: string;
  readonly queryPrefix: string;
  readonly documentPrefix: string;
  /** Tokens that it reads of a text. */
  readonly window: number;
  /** The cosine from which a chunk is about a question even if they share no word; undefined: it was not measured. */
  readonly floor?: number | undefined;
  /** The same for memories; undefined: it was not measured. */
  readonly memoryFloors?: MemoryFloors | undefined;
}

/** Cosines between an English message and a memory, measured with `test/bench/memory-recall.ts`. */
export interface MemoryFloors {
  /** From here on a question is about a memory even if they share no word. */
  readonly question: number;
  /** And any other message. */
  readonly other: number;
  /** Below it a message that is no question is not about a memory, even if they share words. */
  readonly words: number;
}

/** A question's vector, of length 1, and the model that made it. */
export interface QuestionVector {
  readonly model: EmbedModel;
  readonly vector: Float32Array;
}

/** The smallest window of the usual models. */
const SMALLEST_WINDOW = 512;

interface KnownModel {
  readonly name: string;
  readonly queryPrefix: string;
  readonly documentPrefix: string;
  readonly floor?: number;
  readonly memoryFloors?: MemoryFloors;
}

const QWEN_TASK = 'Given a question or task about a codebase, retrieve the code that it is about';

/** In order of preference. A wrong or missing prefix costs quality without any error. */
const KNOWN: readonly [KnownModel, ...KnownModel[]] = [
  {
    name: 'embeddinggemma',
    queryPrefix: 'task: code retrieval | query: ',
    documentPrefix: 'title: none | text: ',
  },
  { name: 'qwen3-embedding', queryPrefix: `Instruct: ${QWEN_TASK}\nQuery:`, documentPrefix: '' },
  { name: 'nomic-embed-text', queryPrefix: 'search_query: ', documentPrefix: 'search_document: ' },
  {
    name: 'mxbai-embed-large',
    queryPrefix: 'Represent this sentence for searching relevant passages: ',
    documentPrefix: '',
  },
  { name: 'bge-m3', queryPrefix: '', documentPrefix: '' },
  {
    name: 'all-minilm',
    queryPrefix: '',
    documentPrefix: '',
    floor: 0.32,
    memoryFloors: { question: 0.36, other: 0.5, words: 0.29 },
  },
];

/** Only Ollama can be told to get one. @param name as ModelServer has it. */
function adviceOf({ name }: Pick<ModelServer, 'name'>, model: string): string {
  return name === undefined
    ? `\`ollama pull ${model}\``
    : `give one to ${name}, and name it in index.embed_model`;
}

export type EmbedModelChoice = { readonly model: EmbedModel } | { readonly unavailable: string };

/**
 * @param wanted `[index] embed_model`; undefined takes the first of the list that is installed.
 * @throws ModelError if the server does not answer.
 */
export async function chooseEmbedModel(
  client: Pick<ModelServer, 'tags' | 'show' | 'name'>,
  wanted: string | undefined,
  signal: AbortSignal,
): Promise<EmbedModelChoice> {
  const installed = await client.tags(signal);
  if (wanted !== undefined) {
    const found = installed.find((entry) => sameModel(nameOf(entry), wanted));
    if (found === undefined) {
      return {
        unavailable: `the embedding model ${wanted} (index.embed_model) is not installed: ${adviceOf(client, wanted)}`,
      };
    }
    return { model: modelOf(found, await client.show(nameOf(found), signal)) };
  }
  // Any size of these families.
  const candidates = KNOWN.flatMap(({ name }) =>
    installed.filter((entry) => familyOf(nameOf(entry)) === name),
  );
  const answers = await askModels(client, candidates.map(nameOf), signal);
  for (const [at, entry] of candidates.entries()) {
    const answer = answers[at];
    if (answer?.status === 'fulfilled' && answer.value.embedding)
      return { model: modelOf(entry, answer.value) };
  }
  for (const answer of answers) if (answer.status === 'rejected') throw answer.reason;
  return { unavailable: `no embedding model is installed: ${adviceOf(client, KNOWN[0].name)}` };
}

/** Whether the server has exactly these weights under that name; false where it does not answer. */
export async function isInstalled(
  client: Pick<ModelServer, 'tags' | 'show'>,
  model: EmbedModel,
  signal: AbortSignal,
): Promise<boolean> {
  const choice = await chooseEmbedModel(client, model.name, signal).catch(() => undefined);
  return choice !== undefined && 'model' in choice && choice.model.key === model.key;
}

/** Names of the models in memory, as /api/ps lists them. @throws ModelError */
export async function loadedModels(
  client: Pick<ModelServer, 'running'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  return (await client.running(signal)).map(nameOf);
}

function modelOf(entry: ModelEntry, { contextLength }: ModelFacts): EmbedModel {
  const name = nameOf(entry);
  const known = KNOWN.find((candidate) => candidate.name === familyOf(name));
  const digest = digestIn(entry)?.slice(0, 12);
  return {
    name,
    key: digest === undefined ? name : `${name}@${digest}`,
    queryPrefix: known?.queryPrefix ?? '',
    documentPrefix: known?.documentPrefix ?? '',
    window: contextLength ?? SMALLEST_WINDOW,
    floor: known?.floor,
    memoryFloors: known?.memoryFloors,
  };
}

const nameOf = (entry: ModelEntry): string => String(entry.name ?? entry.model ?? '');

/** `hub/user/NAME:tag` belongs to the family `name`. */
const familyOf = (name: string): string =>
  name
    .slice(name.lastIndexOf('/') + 1)
    .replace(/:.*$/, '')
    .toLowerCase();
