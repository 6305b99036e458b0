/**
 * Which models the server has, and how it gets another one.
 *
 * Invariants: what the server does not tell is absent, never guessed; a pull ends only in success, an error or an abort
 * (a broken-off pull costs nothing: the server keeps what it has and goes on from there). There is no limit of silence:
 * checking the sum of a large model takes minutes without a word.
 * Does not: choose a model (choose.ts), delete one.
 */
import type { JsonObject, ModelInfo } from '../protocol.ts';
import type { OllamaClient } from './client.ts';
import { ModelError } from './errors.ts';
import { isObject } from './json-object.ts';

/** One line of a pull. Bytes; `digest` names the part that they are of. */
export interface PullProgress {
  readonly status: string;
  readonly digest: string | undefined;
  readonly total: number | undefined;
  readonly completed: number | undefined;
}

/**
 * Has the server get a model from its library.
 *
 * @throws ModelError with what to do; the signal's reason once it is aborted.
 */
export async function pullModel(
  client: Pick<OllamaClient, 'stream'>,
  name: string,
  onProgress: (progress: PullProgress) => void,
  signal: AbortSignal,
): Promise<void> {
  let status = '';
  for await (const line of await client.stream('/api/pull', { model: name, stream: true }, signal)) {
    if (typeof line.error === 'string') throw pullError(name, line.error);
    status = typeof line.status === 'string' ? line.status : '';
    onProgress({
      status,
      digest: typeof line.digest === 'string' ? line.digest : undefined,
      total: bytes(line.total),
      // A part of which nothing is there has no count: zeros are left out.
      completed: bytes(line.completed) ?? (bytes(line.total) === undefined ? undefined : 0),
    });
  }
  if (status !== 'success') {
    throw new ModelError(
      `the pull of ${name} broke off. Start it again: it goes on where it stopped`,
      'fail',
    );
  }
}

function pullError(name: string, text: string): ModelError {
  return /file does not exist|not found/i.test(text)
    ? new ModelError(
        `there is no model ${name} in Ollama's library: look at https://ollama.com/search`,
        'fail',
      )
    : new ModelError(`${name} could not be pulled: ${text}`, 'fail');
}

/** How many models are asked about at the same time, where the list does not tell all. */
const PARALLEL = 4;

/**
 * The installed models, in the server's order. A server that does not tell capabilities or windows in its list is asked
 * for each model that lacks them; one that cannot be read keeps what the list has.
 *
 * @throws ModelError
 */
export async function listModels(
  client: Pick<OllamaClient, 'get' | 'show'>,
  signal: AbortSignal,
): Promise<ModelInfo[]> {
  const [tags, running] = await Promise.all([
    client.get('/api/tags', signal),
    // A service: without it the list is still right.
    client.get('/api/ps', signal).catch((): JsonObject => ({})),
  ]);
  const windows = new Map(
    objects(running.models).map((entry) => [text(entry.name), bytes(entry.context_length)]),
  );
  const models = objects(tags.models).map((entry) => infoOf(entry, windows));
  const result: ModelInfo[] = [];
  for (let start = 0; start < models.length; start += PARALLEL) {
    const group = models.slice(start, start + PARALLEL);
    result.push(...(await Promise.all(group.map((model) => completed(client, model, signal)))));
  }
  return result;
}

async function completed(
  client: Pick<OllamaClient, 'show'>,
  { capabilities, ...model }: Listed,
  signal: AbortSignal,
): Promise<ModelInfo> {
  if (capabilities !== undefined && model.contextLength !== undefined) return { ...model, capabilities };
  const facts = await client.show(model.name, signal).catch(() => undefined);
  signal.throwIfAborted();
  const known = [
    ...(facts?.tools ? ['tools'] : []),
    ...(facts?.thinking ? ['thinking'] : []),
    ...(facts?.vision ? ['vision'] : []),
  ];
  const contextLength = model.contextLength ?? facts?.contextLength;
  return {
    ...model,
    capabilities: capabilities ?? known,
    ...(contextLength === undefined ? {} : { contextLength }),
  };
}

type Listed = Omit<ModelInfo, 'capabilities'> & { readonly capabilities: readonly string[] | undefined };

function infoOf(entry: JsonObject, windows: ReadonlyMap<string | undefined, number | undefined>): Listed {
  const details = isObject(entry.details) ? entry.details : {};
  const name = text(entry.name) ?? text(entry.model) ?? '';
  const optional = {
    size: bytes(entry.size),
    parameterSize: text(details.parameter_size),
    quantization: text(details.quantization_level),
    family: text(details.family),
    contextLength: bytes(details.context_length),
    loadedWindow: windows.get(name),
  };
  return {
    name,
    isRemote: text(entry.remote_host) !== undefined,
    capabilities: Array.isArray(entry.capabilities) ? entry.capabilities.filter(isString) : undefined,
    ...definedOf(optional),
  };
}

/** Without the keys that have no value. */
function definedOf<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function objects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function text(value: unknown): string | undefined {
  return isString(value) && value !== '' ? value : undefined;
}

function bytes(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined;
}
