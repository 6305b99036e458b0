/**
 * SQLite files: opening, prepared statements, transactions.
 *
 * Several processes may have one file open. The module is loaded when the first file is opened.
 */
import { closeSync, fchmodSync, openSync, rmSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';

export interface Schema {
  /** Kept in the file (`user_version`); not 0, which is that of an empty file. */
  readonly version: number;
  /** Makes the tables in an empty file. */
  readonly sql: string;
  /** By version: what makes the next one of it. Without them a file of an older version is one of another version. */
  readonly upgrades?: Readonly<Record<number, string>>;
}

export interface SqliteOptions {
  /** Milliseconds that a statement waits for another process. */
  readonly busyMs: number;
  /** Settings, before anything else is read or written. */
  readonly pragmas?: string;
  readonly schema?: Schema;
}

/** The primary result codes of SQLite (https://sqlite.org/rescode.html). */
const BUSY = 5;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;

/** A file that another version of oagent has written. */
export class OtherVersion extends Error {
  readonly found: number;

  constructor(found: number, wanted: number) {
    super(`the file has version ${found}, not ${wanted}`);
    this.found = found;
  }
}

export class Sqlite {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #isInTransaction = false;

  /** @throws what SQLite says of the file; OtherVersion where another version has written it. */
  constructor(file: string, { busyMs, pragmas = '', schema }: SqliteOptions) {
    makePrivateFile(file);
    this.#db = new (loadSqlite().DatabaseSync)(file);
    try {
      // Not by the option `timeout`: test runs with it ended in a SIGSEGV twice, and none without it.
      this.#db.exec(`PRAGMA busy_timeout=${busyMs}; ${pragmas}`);
      if (schema !== undefined) this.#prepare(schema);
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  /** Runs statements that give nothing. */
  exec(text: string): void {
    this.#db.exec(text);
  }

  /** A prepared statement, kept for the next time. */
  sql(text: string): StatementSync {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    const statement = this.#db.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }

  /**
   * All of `work` or nothing of it. Within another transaction it joins that one: a savepoint would make FTS5 write out the
   * words that it gathers.
   */
  transaction<T>(work: () => T): T {
    if (this.#isInTransaction) return work();
    // Immediate: between a read and the write that follows from it no other process can write.
    this.#db.exec('BEGIN IMMEDIATE');
    this.#isInTransaction = true;
    try {
      const result = work();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      try {
        this.#db.exec('ROLLBACK');
      } catch {
        // SQLite has done so itself, on a full disk for example.
      }
      throw error;
    } finally {
      this.#isInTransaction = false;
    }
  }

  close(): void {
    this.#db.close();
  }

  #version(): number {
    return Number(this.#db.prepare('PRAGMA user_version').get()?.user_version);
  }

  /** Two processes that begin at once wait for each other. */
  #prepare(schema: Schema): void {
    const { version } = schema;
    if (this.#version() === version) return;
    this.transaction(() => {
      const found = this.#version();
      if (found === version) return;
      this.#db.exec(`${found === 0 ? schema.sql : upgrade(found, schema)}; PRAGMA user_version=${version}`);
    });
  }
}

/** @throws OtherVersion if there is no way from the version that was found. */
function upgrade(found: number, { version, upgrades = {} }: Schema): string {
  const steps: string[] = [];
  for (let at = found; at !== version; at += 1) {
    const step = upgrades[at];
    if (step === undefined) throw new OtherVersion(found, version);
    steps.push(step);
  }
  return steps.join('; ');
}

/** Opens a file; one that is damaged, or of another version, is replaced by an empty one. */
export function openSqlite(file: string, options: SqliteOptions): Sqlite {
  try {
    return new Sqlite(file, options);
  } catch (error) {
    if (!(error instanceof OtherVersion || isDamage(error))) throw error;
    deleteSqlite(file);
    return new Sqlite(file, options);
  }
}

/** SQLite gives the files beside it (-wal, -shm) the rights of the file itself. */
function makePrivateFile(file: string): void {
  if (file === ':memory:') return;
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'a', 0o600);
    fchmodSync(descriptor, 0o600);
  } catch {
    // SQLite says better what is the matter with it.
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Deletes the file. A process that has it open keeps what is deleted. */
export function deleteSqlite(file: string): void {
  for (const ending of ['', '-wal', '-shm']) rmSync(file + ending, { force: true });
}

/** Whether SQLite says that the file is not a database, or is damaged. A format that it does not know has no code of its own. */
export function isDamage(error: unknown): boolean {
  if ([CORRUPT, NOT_A_DATABASE].includes(resultCode(error))) return true;
  return error instanceof Error && error.message === 'unsupported file format';
}

/** Whether SQLite misses a table or column that every file of ours has: its schema is damaged. For statements that never change. */
export function isOtherSchema(error: unknown): boolean {
  return error instanceof Error && /^no such (?:table|column): |has no column named /.test(error.message);
}

/** Whether SQLite says that another process is in the way. */
export function isBusy(error: unknown): boolean {
  return resultCode(error) === BUSY;
}

function resultCode(error: unknown): number {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : -1;
}

/** Node says of sqlite that it is experimental, once a process and into the user's terminal. */
function loadSqlite(): typeof import('node:sqlite') {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return process.getBuiltinModule('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}
