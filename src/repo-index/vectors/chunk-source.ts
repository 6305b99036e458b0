/**
 * Compares the chunks of an index with the vectors of one model, and has the text that is embedded for a chunk.
 *
 * Invariants: files edited last come first; a text is read from the file as it is now, and only if the chunk is still in it.
 */
import { embeddedText, readSource, type SourceText, sha1, textOf } from '../reading/read-file.ts';
import { chunksByKey } from '../search/recall.ts';
import type { Store } from '../store/store.ts';
import { DELETING } from './vector-db.ts';
import type { ChunkSource } from './vector-sync.ts';

/** @param model the key of the embedding model in the vector cache, whose tables exist. */
export function chunkSource(root: string, store: Store, model: string): ChunkSource {
  // Chunks of one file are asked for one after the other.
  let last: { readonly path: string; readonly source: SourceText | undefined } | undefined;
  const sourceOf = (path: string): SourceText | undefined => {
    if (last?.path !== path) last = { path, source: readSource(root, path) };
    return last.source;
  };
  const keys = (text: string): string[] =>
    store
      .sql(text)
      .all(model)
      .map(({ key }) => String(key));
  return {
    total: () => store.counts().chunks,
    gone: () =>
      keys(
        `SELECT v.id AS key FROM vector_ids v WHERE v.model = ? AND v.state <> ${DELETING}
         AND NOT EXISTS (SELECT 1 FROM chunks c WHERE c.key = v.id)`,
      ),
    missing: () =>
      keys(
        `SELECT c.key FROM chunks c JOIN files f ON f.id = c.file
         WHERE NOT EXISTS (SELECT 1 FROM vector_ids v WHERE v.model = ? AND v.id = c.key AND v.state <> ${DELETING})
         ORDER BY f.mtime DESC, c.id`,
      ),
    textOf: (key) => {
      const chunk = chunksByKey(store, [key]).get(key);
      if (chunk === undefined) return undefined;
      const lines = sourceOf(chunk.path)?.lines;
      if (lines === undefined) return undefined;
      const text = textOf(chunk, lines);
      if (Buffer.compare(sha1(text), chunk.sha) !== 0) return undefined;
      return embeddedText(chunk.path, chunk.symbol, text);
    },
  };
}
