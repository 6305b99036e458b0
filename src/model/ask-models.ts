/**
 * Asks what several models can do, a few at a time. A model that cannot be asked, or is silent, does not hold up the
 * others.
 */
import { timeLimit } from '../system/within.ts';
import type { ModelFacts } from './capabilities.ts';
import { ModelError } from './errors.ts';
import type { ModelServer } from './server.ts';
import { OLLAMA_WORDS } from './server-words.ts';

const PARALLEL = 4;

type Asked = Pick<ModelServer, 'show' | 'name'>;

/** The answer takes milliseconds, or seconds from a cold disk or for a model in the cloud. */
const LIMIT_MS = 5_000;

/**
 * @param limitMs for each model.
 * @returns the answers in the order of the names.
 * @throws the signal's reason once it is aborted.
 */
export async function askModels(
  client: Asked,
  names: readonly string[],
  signal: AbortSignal,
  limitMs = LIMIT_MS,
): Promise<PromiseSettledResult<ModelFacts>[]> {
  const answers: PromiseSettledResult<ModelFacts>[] = [];
  const waiting = names.entries();
  const work = async (): Promise<void> => {
    for (const [at, name] of waiting) {
      [answers[at]] = (await Promise.allSettled([askOne(client, name, signal, limitMs)])) as [
        PromiseSettledResult<ModelFacts>,
      ];
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, names.length) }, work));
  signal.throwIfAborted();
  return answers;
}

async function askOne(
  client: Asked,
  name: string,
  signal: AbortSignal,
  limitMs: number,
): Promise<ModelFacts> {
  const limit = timeLimit(limitMs, signal);
  try {
    return await client.show(name, limit);
  } catch (error) {
    if (!limit.aborted || signal.aborted) throw error;
    throw new ModelError(
      `${client.name ?? OLLAMA_WORDS.name} did not say within ${limitMs / 1000} s what ${name} can do`,
      'retry',
    );
  }
}
