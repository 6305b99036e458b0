/**
 * The installed models as a list for the user. What the server does not report is absent, never guessed; a model that
 * cannot be asked is listed without its capabilities.
 */

import type { ModelInfo } from '../protocol/models.ts';
import { askModels } from './ask-models.ts';
import { capabilitiesOf, digestIn, type ModelFacts } from './capabilities.ts';
import { isObject } from './json-object.ts';
import type { ModelServer } from './server.ts';
import type { ModelEntry } from './wire.ts';

/** Somebody is waiting for the list. */
const LIMIT_MS = 2_000;

/**
 * @param profileOf the profile that a session with this model would have, if known.
 * @returns the models in the server's order.
 * @throws ModelError
 */
export async function listModels(
  client: Pick<ModelServer, 'tags' | 'running' | 'show'>,
  signal: AbortSignal,
  profileOf: (name: string, digest: string | undefined) => ModelInfo['profile'] = () => undefined,
): Promise<ModelInfo[]> {
  const [entries, running] = await Promise.all([
    client.tags(signal),
    // An extra: the list is right without it.
    client.running(signal).catch((): ModelEntry[] => []),
  ]);
  const windows = new Map(running.map((entry) => [text(entry.name), positive(entry.context_length)]));
  const answers = await askModels(client, entries.map(nameOf), signal, LIMIT_MS);
  return entries.map((entry, at) => {
    const name = nameOf(entry);
    const answer = answers[at];
    const facts = answer?.status === 'fulfilled' ? answer.value : undefined;
    return infoOf(entry, facts, {
      loadedWindow: windows.get(name),
      profile: profileOf(name, digestIn(entry)),
    });
  });
}

function infoOf(
  entry: ModelEntry,
  facts: ModelFacts | undefined,
  known: {
    readonly loadedWindow: number | undefined;
    readonly profile: ModelInfo['profile'] | undefined;
  },
): ModelInfo {
  const details = isObject(entry.details) ? entry.details : {};
  return {
    name: nameOf(entry),
    isRemote: text(entry.remote_host) !== undefined,
    capabilities: facts === undefined ? [] : capabilitiesOf(facts),
    ...definedOf({
      size: positive(entry.size),
      parameterSize: text(details.parameter_size),
      quantization: text(details.quantization_level),
      family: text(details.family),
      contextLength: positive(details.context_length) ?? facts?.contextLength,
      ...known,
    }),
  };
}

/** Without the keys that have no value. */
function definedOf<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

const nameOf = (entry: ModelEntry): string => text(entry.name) ?? text(entry.model) ?? '';

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined;
}
