/**
 * Candidates for an answer: keyword hits of the index, and files that past commits about the question changed.
 *
 * Invariants: every list is best first and bounded; scores are comparable within one list only.
 */
import { CHUNK_COLUMNS, type ChunkRow, chunkRow } from '../store/rows.ts';
import type { Store } from '../store/store.ts';

const MOST_CHUNKS = 200;
const MOST_COMMITS = 80;
/** The weights of a word in the path, in the symbol and in the text. Measured; the optimum is flat. */
const COLUMN_WEIGHTS = '2.5, 3.0, 1.0';

export interface ChunkHit {
  readonly chunk: ChunkRow;
  readonly score: number;
}

/** In quotes any text is a token of FTS5; ours contain no quote. */
function matching(tokens: readonly string[]): string {
  return tokens.map((token) => `"${token}"`).join(' OR ');
}

/** Chunks by BM25 over their words. @param folder only what is in it, relative, without a slash at its end; or one file. */
export function keywordHits(store: Store, tokens: readonly string[], folder = ''): ChunkHit[] {
  if (tokens.length === 0) return [];
  const scope = folder === '' ? '' : "WHERE f.path = ? OR (f.path >= ? || '/' AND f.path < ? || '0')";
  const rows = store
    .sql(
      `SELECT ${CHUNK_COLUMNS}, -hit.score AS score FROM
         (SELECT rowid AS id, rank AS score FROM words WHERE words MATCH ? AND rank MATCH 'bm25(${COLUMN_WEIGHTS})'
          ORDER BY rank LIMIT ${folder === '' ? MOST_CHUNKS : MOST_CHUNKS * 50}) hit
       JOIN chunks c ON c.id = hit.id JOIN files f ON f.id = c.file ${scope} ORDER BY hit.score LIMIT ${MOST_CHUNKS}`,
    )
    .all(matching(tokens), ...(folder === '' ? [] : [folder, folder, folder]));
  return rows.map((row) => ({ chunk: chunkRow(row), score: Number(row.score) }));
}

/** Files by the commits whose subjects resemble the question. A commit shares its score among its files. */
export function historyVotes(store: Store, tokens: readonly string[]): Map<string, number> {
  const votes = new Map<string, number>();
  if (tokens.length === 0) return votes;
  const rows = store
    .sql(
      `SELECT h.id, -h.score AS score, p.path, count(*) OVER (PARTITION BY h.id) AS files FROM
         (SELECT rowid AS id, rank AS score FROM commit_words WHERE commit_words MATCH ? ORDER BY rank LIMIT ${MOST_COMMITS}) h
       JOIN commit_files p ON p.commit_id = h.id`,
    )
    .all(matching(tokens));
  for (const { path, score, files } of rows) {
    const vote = Number(score) / Math.sqrt(Number(files));
    votes.set(String(path), (votes.get(String(path)) ?? 0) + vote);
  }
  return votes;
}

/** The number of chunks that have each token. */
export function frequencies(store: Store, tokens: readonly string[]): Map<string, number> {
  const count = store.sql('SELECT doc FROM word_counts WHERE term = ?');
  return new Map(tokens.map((token) => [token, Number(count.get(token)?.doc ?? 0)]));
}

/** The chunks with these keys, by key. */
export function chunksByKey(store: Store, keys: readonly string[]): Map<string, ChunkRow> {
  const one = store.sql(
    `SELECT ${CHUNK_COLUMNS} FROM chunks c JOIN files f ON f.id = c.file WHERE c.key = ?`,
  );
  const found = new Map<string, ChunkRow>();
  for (const key of keys) {
    const row = one.get(key);
    if (row !== undefined) found.set(key, chunkRow(row));
  }
  return found;
}

/** The chunks of a file in its order. */
export function chunksOf(store: Store, path: string): ChunkRow[] {
  return store
    .sql(
      `SELECT ${CHUNK_COLUMNS} FROM files f JOIN chunks c ON c.file = f.id WHERE f.path = ? ORDER BY c.start`,
    )
    .all(path)
    .map(chunkRow);
}
