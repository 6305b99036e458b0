/** Makes the vectors of memories that have none. */
import type { Embedded } from '../../repo-index/vectors/vector-side.ts';
import { withVectorCache } from './vector-cache.ts';

/** Between two writes: little is lost if the session ends. */
const STEP = 16;

/**
 * @param texts of all memories: of others no vector is kept.
 * @param embed undefined: no vectors are made.
 * @returns whether all that can have one has one.
 * @throws what `embed` throws; an error of SQLite.
 */
export async function makeVectors(
  home: string,
  texts: readonly string[],
  embed: (texts: readonly string[]) => Promise<Embedded | undefined>,
): Promise<boolean> {
  const model = (await embed([]))?.model;
  if (model === undefined) return false;
  const missing = withVectorCache(home, model, (cache) => {
    cache.keepOnly(texts);
    return [...new Set(texts)].filter((text) => cache.vector(text) === undefined);
  });
  for (let start = 0; start < missing.length; start += STEP) {
    const step = missing.slice(start, start + STEP);
    const made = await embed(step);
    // Another model has taken its place: these go with the next attempt.
    if (made?.model.key !== model.key) return false;
    withVectorCache(home, model, (cache) => cache.put(step, made.vectors));
  }
  return true;
}
