/**
 * Brings the vectors up to the chunks: what is no longer there is deleted, what is new is embedded, newest-edited first.
 *
 * Invariants: a chunk whose vector is listed or cached costs no embedding; progress is kept, so that an interrupt at any
 * point loses at most one batch; a text that the model cannot take is passed over, and tried again only in the next run.
 * Does not: know where chunks come from, or when to run (the index's service).
 */
import type { EmbedProgress } from './embed-types.ts';
import type { VectorItem } from './vector-store.ts';
import type { Vectors } from './vectors.ts';

export interface ChunkSource {
  /** Ids of all chunks that there are, in the order in which they are wanted. */
  readonly ids: () => Iterable<string>;
  /** What is embedded for a chunk; undefined: it has gone meanwhile. */
  readonly textOf: (id: string) => string | undefined;
}

export interface SyncResult {
  readonly added: number;
  readonly deleted: number;
  /** Chunks that the model could not take. */
  readonly refused: number;
}

/** Texts between two writes to the store. */
const STEP = 64;

/**
 * @param onProgress of the whole run, in chunks.
 * @throws EmbedError; the signal's reason.
 */
export async function syncVectors(
  { store, embedder }: Pick<Vectors, 'store' | 'embedder'>,
  source: ChunkSource,
  signal: AbortSignal,
  onProgress: (progress: EmbedProgress) => void = () => undefined,
): Promise<SyncResult> {
  const wanted = new Set(source.ids());
  const listed = new Set(store.ids());
  const gone = [...listed].filter((id) => !wanted.has(id));
  await store.delete(gone, { signal });
  const missing = [...wanted].filter((id) => !listed.has(id));
  const has = wanted.size - missing.length;
  let [done, cached, added, refused] = [0, 0, 0, 0];
  for (let start = 0; start < missing.length; start += STEP) {
    signal.throwIfAborted();
    const step = missing.slice(start, start + STEP).flatMap((id) => {
      const text = source.textOf(id);
      return text === undefined ? [] : [{ id, text }];
    });
    let last: EmbedProgress | undefined;
    const texts = step.map(({ text }) => text);
    const results = await embedder.embed(texts, signal, (progress) => {
      last = progress;
      const total = wanted.size;
      onProgress({
        ...progress,
        done: has + done + progress.done,
        total,
        cached: has + cached + progress.cached,
      });
    });
    const items = results.flatMap((result, index): VectorItem[] => {
      const id = step[index]?.id;
      return result === undefined || id === undefined ? [] : [{ id, ...result }];
    });
    await store.upsert(items, { signal });
    done += Math.min(STEP, missing.length - start);
    cached += last?.cached ?? 0;
    added += items.length;
    refused += step.length - items.length;
  }
  return { added, deleted: gone.length, refused };
}
