/**
 * The vectors of memories, in a file of their own, by the model and the SHA-1 of the text. It can be deleted at any time: a session
 * makes it again.
 *
 * Invariants: a vector is used only with the model that made it; a file that cannot be used is replaced when vectors are made, and
 * ignored when they are read.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { sha1 } from '../../repo-index/reading/read-file.ts';
import type { EmbedModel, QuestionVector } from '../../repo-index/vectors/embed-models.ts';
import { vectorOf } from '../../repo-index/vectors/vector-db.ts';
import { deleteSqlite, isDamage, isOtherSchema, openSqlite, type Sqlite } from '../../system/sqlite.ts';

const SCHEMA = `CREATE TABLE vectors(
  model TEXT, sha BLOB, dim INT, data BLOB, PRIMARY KEY(model, sha)) WITHOUT ROWID;`;

/** With what is lost in rounding. */
const MOST = 1.001;

export const memoryVectorFile = (home: string): string => path.join(home, 'memory-vectors.sqlite');

/** What of the cache is asked for while it is open. */
export class VectorCache {
  readonly #db: Sqlite;
  readonly #model: Pick<EmbedModel, 'key' | 'documentPrefix'>;

  constructor(db: Sqlite, model: Pick<EmbedModel, 'key' | 'documentPrefix'>) {
    this.#db = db;
    this.#model = model;
  }

  vector(text: string): Float32Array | undefined {
    const row = this.#db
      .sql('SELECT dim, data FROM vectors WHERE model = ? AND sha = ?')
      .get(this.#model.key, this.#sha(text));
    return row && vectorOf(row);
  }

  put(texts: readonly string[], vectors: readonly (Float32Array | null)[]): void {
    this.#db.transaction(() => {
      const put = this.#db.sql('INSERT OR REPLACE INTO vectors(model, sha, dim, data) VALUES(?, ?, ?, ?)');
      for (const [at, text] of texts.entries()) {
        const vector = vectors[at];
        if (vector) put.run(this.#model.key, this.#sha(text), vector.length, new Uint8Array(vector.buffer));
      }
    });
  }

  /** Drops all others, those of other models too: nothing stays of what was forgotten. */
  keepOnly(texts: readonly string[]): void {
    const kept = new Set(texts.map((text) => this.#sha(text).toString('hex')));
    this.#db.transaction(() => {
      this.#db.sql('DELETE FROM vectors WHERE model <> ?').run(this.#model.key);
      const drop = this.#db.sql('DELETE FROM vectors WHERE model = ? AND sha = ?');
      const listed = this.#db.sql('SELECT sha FROM vectors WHERE model = ?').all(this.#model.key);
      for (const { sha } of listed)
        if (!kept.has(Buffer.from(sha as Uint8Array).toString('hex')))
          drop.run(this.#model.key, sha as Uint8Array);
    });
  }

  #sha(text: string): Buffer {
    return sha1(this.#model.documentPrefix + text);
  }
}

/** @throws an error of SQLite; what `work` throws. */
export function withVectorCache<T>(
  home: string,
  model: Pick<EmbedModel, 'key' | 'documentPrefix'>,
  work: (cache: VectorCache) => T,
): T {
  const file = memoryVectorFile(home);
  const db = openSqlite(file, {
    busyMs: 1_000,
    pragmas: 'PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON',
    schema: { version: 1, sql: SCHEMA },
  });
  try {
    return work(new VectorCache(db, model));
  } catch (error) {
    if (isDamage(error) || isOtherSchema(error)) deleteSqlite(file);
    throw error;
  } finally {
    db.close();
  }
}

/** How near each text is to a question, as a cosine; undefined: it has no vector. Never throws. */
export function cosines(
  home: string,
  { model, vector }: QuestionVector,
  texts: readonly string[],
): readonly (number | undefined)[] {
  const none = texts.map(() => undefined);
  if (!existsSync(memoryVectorFile(home))) return none;
  try {
    return withVectorCache(home, model, (cache) =>
      texts.map((text) => {
        const known = cache.vector(text);
        return known?.length === vector.length ? cosine(known, vector) : undefined;
      }),
    );
  } catch {
    return none;
  }
}

/** Both of length 1; undefined if they are not: the file was changed. */
function cosine(a: Float32Array, b: Float32Array): number | undefined {
  let sum = 0;
  for (const [at, value] of a.entries()) sum += value * (b[at] ?? 0);
  return Math.abs(sum) <= MOST ? sum : undefined;
}
