/**
 * Makes the vectors match the chunks: those of deleted chunks are deleted, missing ones are embedded, files edited last first.
 *
 * Invariants: a chunk whose vector is listed or cached costs no embedding; progress is kept, so that an interrupt at any
 * point loses at most one batch; a text that the model cannot take is skipped.
 */
import type { EmbedProgress } from './embed-call.ts';
import type { VectorItem } from './vector-store.ts';
import type { Vectors } from './vectors.ts';

export interface ChunkSource {
  /** The number of chunks. */
  readonly total: () => number;
  /** Listed ids whose chunks no longer exist. */
  readonly gone: () => readonly string[];
  /** Ids of chunks that are not listed, in the order in which they should be embedded. */
  readonly missing: () => readonly string[];
  /** What is embedded for a chunk; undefined: it no longer exists. */
  readonly textOf: (id: string) => string | undefined;
}

export interface SyncResult {
  readonly added: number;
  readonly deleted: number;
  /** Ids of chunks that the model could not take. */
  readonly refused: readonly string[];
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
  const gone = source.gone();
  await store.delete(gone, { signal });
  const missing = source.missing();
  // Another process may have emptied the index between the two counts.
  const has = Math.max(0, source.total() - missing.length);
  const total = has + missing.length;
  const refused: string[] = [];
  let [done, cached, added] = [0, 0, 0];
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
    refused.push(...step.filter((_, index) => results[index] === undefined).map(({ id }) => id));
  }
  return { added, deleted: gone.length, refused };
}
