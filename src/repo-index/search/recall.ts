/**
 * Candidates for an answer: keyword hits of the index, and files that past commits about the question changed.
 *
 * Invariants: every list is best first and bounded; scores are comparable within one list only; what is found depends on what is in
 * the index, not on how it came there.
 */
import { CHUNK_COLUMNS, type ChunkRow, chunkRow } from '../store/rows.ts';
import type { Store } from '../store/store.ts';

const MOST_CHUNKS = 200;
const MOST_COMMITS = 80;
/** How each table is ranked. The weights of a word in the path, in the symbol and in the text are measured; the optimum is flat. */
const RANKS = { words: "AND rank MATCH 'bm25(2.5, 3.0, 1.0)'", commit_words: '' };

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
  const one = store.sql(`SELECT ${CHUNK_COLUMNS} FROM chunks c JOIN files f ON f.id = c.file WHERE c.id = ?`);
  const ranked = rankedRows(store, 'words', tokens, folder === '' ? MOST_CHUNKS : MOST_CHUNKS * 50);
  const hits: ChunkHit[] = [];
  for (const { id, score } of ranked) {
    if (hits.length >= MOST_CHUNKS && score < (hits.at(-1)?.score ?? 0)) break;
    const row = one.get(id);
    if (row === undefined || !isBelow(String(row.path), folder)) continue;
    hits.push({ chunk: chunkRow(row), score });
  }
  return hits.sort(byScoreAndPlace).slice(0, MOST_CHUNKS);
}

function byScoreAndPlace(a: ChunkHit, b: ChunkHit): number {
  if (a.score !== b.score) return b.score - a.score;
  return a.chunk.path === b.chunk.path ? a.chunk.start - b.chunk.start : a.chunk.path < b.chunk.path ? -1 : 1;
}

/** Both as the index names them. */
export function isBelow(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}

interface RankedRow {
  readonly id: number;
  readonly score: number;
}

/**
 * The best rows of a full-text table, best first, and all that are as good as the last of them: which of these come first depends on
 * when they were written.
 */
function rankedRows(
  store: Store,
  table: keyof typeof RANKS,
  tokens: readonly string[],
  most: number,
): RankedRow[] {
  if (tokens.length === 0) return [];
  const best = store.sql(
    `SELECT rowid AS id, -rank AS score FROM ${table} WHERE ${table} MATCH ? ${RANKS[table]} ORDER BY rank LIMIT ?`,
  );
  for (let limit = most + 1; ; limit *= 2) {
    const rows = best
      .all(matching(tokens), limit)
      .map(({ id, score }) => ({ id: Number(id), score: Number(score) }));
    const last = rows[most - 1]?.score ?? 0;
    if (rows.length < limit || (rows.at(-1)?.score ?? 0) < last)
      return rows.filter(({ score }, at) => at < most || score === last);
  }
}

/** Files by the commits whose subjects resemble the question. A commit shares its score among its files. */
export function historyVotes(store: Store, tokens: readonly string[]): Map<string, number> {
  const filesOf = store.sql('SELECT path FROM commit_files WHERE commit_id = ? ORDER BY path');
  const hashOf = store.sql('SELECT hash FROM commits WHERE id = ?');
  const commits = rankedRows(store, 'commit_words', tokens, MOST_COMMITS)
    .map((row) => ({ ...row, hash: String(hashOf.get(row.id)?.hash) }))
    .sort((a, b) => b.score - a.score || (a.hash < b.hash ? -1 : 1));
  const votes = new Map<string, number>();
  for (const { id, score } of commits.slice(0, MOST_COMMITS)) {
    const files = filesOf.all(id);
    const vote = score / Math.sqrt(files.length);
    for (const { path } of files) votes.set(String(path), (votes.get(String(path)) ?? 0) + vote);
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
