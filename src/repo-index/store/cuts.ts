/**
 * How contents that files had lately were cut: a branch switch back, and a file that has moved, need no parser.
 *
 * Invariants: a cut depends on the content and its language alone; the latest `MOST_CUTS` are kept.
 */
import type { Sqlite } from '../../system/sqlite.ts';
import type { Chunk } from '../reading/chunker.ts';
import { grammarOf } from '../reading/file-kinds.ts';
import { kindOf } from './rows.ts';

/** Half a kilobyte each. */
const MOST_CUTS = 5_000;

/** Keeps the cut of a file whose chunks are about to change. Call it within the transaction that changes them. */
export function keepCut(db: Sqlite, file: number): void {
  const row = db.sql('SELECT path, oid FROM files WHERE id = ? AND oid IS NOT NULL').get(file);
  const grammar = row && grammarOf(String(row.path));
  if (row === undefined || grammar === undefined) return;
  const chunks = db
    .sql('SELECT start, "end", symbol, kind FROM chunks WHERE file = ? ORDER BY start')
    .all(file)
    .map(({ start, end, symbol, kind }) => [start, end, symbol, kind]);
  if (chunks.length === 0) return;
  const { lastInsertRowid } = db
    .sql('INSERT OR REPLACE INTO cuts(oid, grammar, chunks) VALUES (?, ?, ?)')
    .run(row.oid ?? null, grammar, JSON.stringify(chunks));
  db.sql('DELETE FROM cuts WHERE id <= ?').run(Number(lastInsertRowid) - MOST_CUTS);
}

/** The chunks of a content in a file of this name; undefined if they are not known. */
export function cutOf(db: Sqlite, path: string, oid: Uint8Array): Chunk[] | undefined {
  const grammar = grammarOf(path);
  if (grammar === undefined) return undefined;
  const row = db.sql('SELECT chunks FROM cuts WHERE oid = ? AND grammar = ?').get(oid, grammar);
  if (row === undefined) return undefined;
  return (JSON.parse(String(row.chunks)) as [number, number, string, string][]).map(
    ([start, end, symbol, kind]) => ({ start, end, symbol, kind: kindOf(kind) }),
  );
}
