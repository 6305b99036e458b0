/**
 * The source of truth about the vectors of one embedding model, in the index's SQLite file: the cache of every vector that was
 * ever computed, by the SHA-1 of its text, and the list of which id has which text.
 *
 * Invariants: an id is listed before a server hears of it, with a mark that stays until the server has it, so that after
 * a kill at any moment what is owed to the server is known; a listed id has its vector in the cache, or is removed
 * from the list when that is found to be missing. Every change is one transaction, or part of the caller's.
 */
import type { Sqlite } from '../../system/sqlite.ts';
import type { VectorItem } from './vector-store.ts';

/** `vectors` is in the index's own schema too: whichever opens the file first creates it. Data are little-endian float32. */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS vectors(model TEXT, sha BLOB, dim INT, data BLOB, PRIMARY KEY(model, sha));
CREATE TABLE IF NOT EXISTS vector_ids(
  model TEXT, id TEXT, sha BLOB, state INT, PRIMARY KEY(model, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS vector_owed ON vector_ids(model, state) WHERE state <> 0;
CREATE TABLE IF NOT EXISTS vector_state(name TEXT PRIMARY KEY, value TEXT);
`;

/** The server has it; it is owed an upsert; it is owed a delete. */
const DONE = 0;
const ADDING = 1;
export const DELETING = 2;

/** `server`: to start, check and rebuild Chroma. `embedding`: to ask the model for what is missing. */
export type Right = 'server' | 'embedding';

export interface CachedVector {
  readonly sha: Uint8Array;
  readonly vector: Float32Array;
}

export class VectorDb {
  readonly model: string;
  readonly #db: Sqlite;

  /** @param model the key of the cache: everything that a vector depends on, except the text. */
  constructor(db: Sqlite, model: string) {
    this.#db = db;
    this.model = model;
    db.exec(SCHEMA);
  }

  cached(sha: Uint8Array): Float32Array | undefined {
    const row = this.#db
      .sql('SELECT dim, data FROM vectors WHERE model = ? AND sha = ?')
      .get(this.model, sha);
    return row && vectorOf(row);
  }

  remember(vectors: readonly CachedVector[]): void {
    this.#db.transaction(() => {
      const put = this.#db.sql('INSERT OR REPLACE INTO vectors(model, sha, dim, data) VALUES(?, ?, ?, ?)');
      for (const { sha, vector } of vectors) put.run(this.model, sha, vector.length, bytesOf(vector));
    });
  }

  /** Of any cached vector; undefined while there is none. */
  dimensions(): number | undefined {
    const row = this.#db.sql('SELECT dim FROM vectors WHERE model = ? LIMIT 1').get(this.model);
    return row === undefined ? undefined : Number(row.dim);
  }

  /** Drops the oldest cached vectors that no id uses, all but `keep` of them. @returns how many. */
  prune(keep: number): number {
    const unused = `SELECT rowid FROM vectors WHERE model = ?1 AND sha NOT IN
      (SELECT sha FROM vector_ids WHERE model = ?1) ORDER BY rowid DESC LIMIT -1 OFFSET ?2`;
    return Number(
      this.#db.sql(`DELETE FROM vectors WHERE rowid IN (${unused})`).run(this.model, keep).changes,
    );
  }

  /** Lists the items as owed to the server, and caches their vectors. */
  add(items: readonly VectorItem[]): void {
    this.#db.transaction(() => {
      const list = this.#db.sql(
        'INSERT OR REPLACE INTO vector_ids(model, id, sha, state) VALUES(?, ?, ?, ?)',
      );
      const cache = this.#db.sql('INSERT OR IGNORE INTO vectors(model, sha, dim, data) VALUES(?, ?, ?, ?)');
      for (const { id, sha, vector } of items) {
        cache.run(this.model, sha, vector.length, bytesOf(vector));
        list.run(this.model, id, sha, ADDING);
      }
      this.#changed();
    });
  }

  /** The server has these now, except for those that were changed meanwhile. */
  added(items: readonly { readonly id: string; readonly sha: Uint8Array }[]): void {
    this.#db.transaction(() => {
      const mark = this.#db.sql(
        `UPDATE vector_ids SET state = ${DONE} WHERE model = ? AND id = ? AND sha = ? AND state = ${ADDING}`,
      );
      for (const { id, sha } of items) mark.run(this.model, id, sha);
    });
  }

  /** From now on they are not listed; the server is owed their deletion. */
  drop(ids: readonly string[]): void {
    this.#db.transaction(() => {
      const mark = this.#db.sql(`UPDATE vector_ids SET state = ${DELETING} WHERE model = ? AND id = ?`);
      for (const id of ids) mark.run(this.model, id);
      this.#changed();
    });
  }

  /** The server has dropped these. */
  dropped(ids: readonly string[]): void {
    this.#db.transaction(() => {
      const forget = this.#db.sql(
        `DELETE FROM vector_ids WHERE model = ? AND id = ? AND state = ${DELETING}`,
      );
      for (const id of ids) forget.run(this.model, id);
    });
  }

  /** No server has anything, so nothing has to be deleted from one. */
  forgetDrops(): void {
    this.#db.sql(`DELETE FROM vector_ids WHERE model = ? AND state = ${DELETING}`).run(this.model);
  }

  has(id: string): boolean {
    const one = `SELECT 1 FROM vector_ids WHERE model = ? AND id = ? AND state <> ${DELETING}`;
    return this.#db.sql(one).get(this.model, id) !== undefined;
  }

  /** The whole list, sorted by id. */
  *listed(): Generator<{ readonly id: string; readonly sha: Uint8Array }> {
    const all = `SELECT id, sha FROM vector_ids WHERE model = ? AND state <> ${DELETING} ORDER BY id`;
    for (const row of this.#db.sql(all).all(this.model))
      yield { id: String(row.id), sha: row.sha as Uint8Array };
  }

  /** The whole list with its vectors, in no order; undefined where the cache has none. For a first load: twice as fast. */
  *loaded(): Generator<{
    readonly id: string;
    readonly sha: Uint8Array;
    readonly vector: Float32Array | undefined;
  }> {
    const all = `SELECT id, i.sha, dim, data FROM vector_ids i LEFT JOIN vectors v ON v.model = i.model AND v.sha = i.sha
      WHERE i.model = ? AND state <> ${DELETING}`;
    for (const row of this.#db.sql(all).iterate(this.model)) {
      yield { id: String(row.id), sha: row.sha as Uint8Array, vector: vectorOf(row) };
    }
  }

  count(): number {
    return this.#count(`state <> ${DELETING}`);
  }

  /** Changes that the server has not confirmed. */
  owed(): number {
    return this.#count(`state <> ${DONE}`);
  }

  owedAdds(limit: number): VectorItem[] {
    const owed = `SELECT id, i.sha, dim, data FROM vector_ids i LEFT JOIN vectors v ON v.model = i.model AND v.sha = i.sha
      WHERE i.model = ? AND state = ${ADDING} LIMIT ?`;
    return this.#items(owed, limit);
  }

  owedDeletes(limit: number): string[] {
    const owed = `SELECT id FROM vector_ids WHERE model = ? AND state = ${DELETING} LIMIT ?`;
    return this.#db
      .sql(owed)
      .all(this.model, limit)
      .map(({ id }) => String(id));
  }

  /** Some items that the server must have. */
  sample(count: number): VectorItem[] {
    const any = `SELECT id, i.sha, dim, data FROM vector_ids i LEFT JOIN vectors v ON v.model = i.model AND v.sha = i.sha
      WHERE i.model = ? AND state = ${DONE} ORDER BY random() LIMIT ?`;
    return this.#items(any, count);
  }

  /** The server has nothing any more: it is owed everything. */
  oweAll(): void {
    this.#db
      .sql(`UPDATE vector_ids SET state = ${ADDING} WHERE model = ? AND state = ${DONE}`)
      .run(this.model);
  }

  /** A number that changes with every change of the list, by any process. */
  generation(): number {
    const row = this.#db.sql('SELECT value FROM vector_state WHERE name = ?').get(`generation ${this.model}`);
    return Number(row?.value ?? 0);
  }

  /**
   * Takes or keeps a right that one process has at a time, for `ms` from now.
   *
   * @param isAlive whether a process exists: the lease of a dead one is free.
   * @returns false: another process has it.
   */
  lease(right: Right, owner: string, ms: number, isAlive: (pid: number) => boolean): boolean {
    return this.#db.transaction(() => {
      this.#db.sql("INSERT OR IGNORE INTO vector_state(name, value) VALUES(?, '')").run(right);
      const row = this.#db.sql('SELECT value FROM vector_state WHERE name = ?').get(right);
      const [holder = '', until = '0'] = String(row?.value ?? '').split(' ');
      const isFree = holder === owner || Number(until) < Date.now() || !isAlive(Number.parseInt(holder, 10));
      if (!isFree) return false;
      const put = 'INSERT OR REPLACE INTO vector_state(name, value) VALUES(?, ?)';
      this.#db.sql(put).run(right, `${owner} ${Date.now() + ms}`);
      return true;
    });
  }

  endLease(right: Right, owner: string): void {
    this.#db.sql("DELETE FROM vector_state WHERE name = ? AND value LIKE ? || ' %'").run(right, owner);
  }

  /** Sets of models that the server has held together with this one. */
  neighbours(): string[][] {
    const row = this.#db.sql('SELECT value FROM vector_state WHERE name = ?').get(this.#neighboursKey());
    return row === undefined ? [] : setsIn(String(row.value));
  }

  setNeighbours(sets: readonly (readonly string[])[]): void {
    const put = 'INSERT OR REPLACE INTO vector_state(name, value) VALUES(?, ?)';
    this.#db.sql(put).run(this.#neighboursKey(), sets.map((set) => set.join(' ')).join('\n'));
  }

  /** The model's vectors cannot be compared any more: cache and list become empty, whatever a server has. */
  clear(): void {
    this.#db.transaction(() => {
      this.#db.sql('DELETE FROM vectors WHERE model = ?').run(this.model);
      this.#db.sql('DELETE FROM vector_ids WHERE model = ?').run(this.model);
      this.#changed();
    });
  }

  /** The vector of this id is missing or broken: it is embedded again when the list is next compared with the chunks. */
  unlist(id: string): void {
    this.#db.transaction(() => {
      this.#db
        .sql(`UPDATE vector_ids SET state = ${DELETING} WHERE model = ? AND id = ?`)
        .run(this.model, id);
      const sha = this.#db
        .sql('SELECT sha FROM vector_ids WHERE model = ? AND id = ?')
        .get(this.model, id)?.sha;
      if (sha) this.#db.sql('DELETE FROM vectors WHERE model = ? AND sha = ?').run(this.model, sha);
      this.#changed();
    });
  }

  #items(sql: string, limit: number): VectorItem[] {
    const items: VectorItem[] = [];
    for (const row of this.#db.sql(sql).all(this.model, limit)) {
      const id = String(row.id);
      const vector = row.data === null ? undefined : vectorOf(row);
      if (vector) items.push({ id, sha: row.sha as Uint8Array, vector });
      else this.unlist(id);
    }
    return items;
  }

  #neighboursKey(): string {
    return `neighbours ${this.model}`;
  }

  #count(where: string): number {
    const row = this.#db
      .sql(`SELECT count(*) n FROM vector_ids WHERE model = ? AND ${where}`)
      .get(this.model);
    return Number(row?.n);
  }

  #changed(): void {
    const next = `INSERT INTO vector_state(name, value) VALUES(?, 1)
      ON CONFLICT(name) DO UPDATE SET value = CAST(value AS INT) + 1`;
    this.#db.sql(next).run(`generation ${this.model}`);
  }
}

/** A name of a model has no blanks. */
function setsIn(text: string): string[][] {
  return text.split('\n').flatMap((line) => (line === '' ? [] : [line.split(' ')]));
}

/** The vector as it is stored; the same memory. */
function bytesOf(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}

/**
 * The vector of a row with `dim` and `data`; undefined if the row is broken. A blob may begin at any byte, a Float32Array may not: then
 * it is copied.
 */
export function vectorOf(row: Record<string, unknown>): Float32Array | undefined {
  const data = row.data as Uint8Array;
  if (!(data instanceof Uint8Array) || data.length === 0 || data.length !== Number(row.dim) * 4)
    return undefined;
  const { buffer, byteOffset } = data.byteOffset % 4 === 0 ? data : data.slice();
  return new Float32Array(buffer, byteOffset, data.length / 4);
}
