/**
 * The list of all sessions: a cache in SQLite over the rollouts.
 *
 * The files are the truth: the cache is rebuilt if it is missing, of another version or broken, and an entry is read
 * again if its file is new or a process died while writing to it.
 */
import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { isSameFolder } from '../config/paths.ts';
import { deleteSqlite, isDamage, openSqlite, type Sqlite, type SqliteOptions } from '../system/sqlite.ts';
import { isSessionId, type RolloutFile, rolloutFiles } from './paths.ts';
import { readSession } from './reconstruct.ts';
import { type SessionSummary, summaryOf } from './recorder.ts';

const FILE = 'sessions.sqlite';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY, path TEXT NOT NULL, name TEXT, first_prompt TEXT NOT NULL, cwd TEXT NOT NULL, branch TEXT,
    model TEXT, source TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL, archived INTEGER NOT NULL,
    tokens INTEGER NOT NULL
  ) WITHOUT ROWID`;

/** Not synchronous: what a power cut loses is read from the files again. */
const OPTIONS: SqliteOptions = {
  busyMs: 2_000,
  pragmas: 'PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF',
  schema: { version: 1, sql: SCHEMA },
};

const COLUMNS =
  'id, path, name, first_prompt, cwd, branch, model, source, created, updated, archived, tokens';

const PUT = `INSERT OR REPLACE INTO sessions (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** One text for all rows: it takes half the time of an object for each. */
const ALL = `SELECT json_group_array(json_array(${COLUMNS}) ORDER BY updated DESC, id DESC) AS rows FROM sessions`;

type Row = readonly [
  id: string,
  path: string,
  name: string | null,
  firstPrompt: string,
  cwd: string,
  branch: string | null,
  model: string | null,
  source: string,
  created: number,
  updated: number,
  archived: number,
  tokens: number,
];

/** A list shows only the beginning of the first prompt. */
const PROMPT_LIMIT = 500;

export interface ListOptions {
  /** Only sessions whose last turn ran here. */
  readonly cwd?: string;
  /** Default: those that are not archived. */
  readonly archived?: boolean;
}

export class Catalog {
  readonly #home: string;
  readonly #db: Sqlite;

  /** @throws a system error if the cache or its folder cannot be created. */
  constructor(home: string) {
    this.#home = home;
    mkdirSync(home, { recursive: true, mode: 0o700 });
    this.#db = openSqlite(path.join(home, FILE), OPTIONS);
  }

  close(): void {
    this.#db.close();
  }

  put(summary: SessionSummary): void {
    this.#db.sql(PUT).run(...valuesOf(summary));
  }

  remove(id: string): void {
    this.#db.sql('DELETE FROM sessions WHERE id = ?').run(id);
  }

  /** Sessions, most recently used first. */
  list({ cwd, archived = false }: ListOptions = {}): SessionSummary[] {
    const isHere = folderFilter(cwd);
    return this.#all().filter((session) => session.isArchived === archived && isHere(session));
  }

  /**
   * The session with an id or a name, archived or not; of several with the same name, the most recently used.
   *
   * @param cwd for names: only sessions in this folder.
   */
  find(idOrName: string, cwd?: string): SessionSummary | undefined {
    const all = this.#all();
    const wanted = idOrName.toLowerCase();
    if (isSessionId(idOrName)) return all.find(({ id }) => id === wanted);
    const named = all.filter(({ name }) => name === idOrName);
    return named.find(folderFilter(cwd));
  }

  #all(): SessionSummary[] {
    const known = this.#read();
    return this.#refresh(known) ? this.#read() : known;
  }

  #read(): SessionSummary[] {
    const rows = this.#db.sql(ALL).get()?.rows;
    return (JSON.parse(String(rows)) as Row[]).map(summaryOfRow);
  }

  /** Updates the rows of files that are new, gone or left locked by a process. @returns whether any row changed. */
  #refresh(listed: readonly SessionSummary[]): boolean {
    const known = new Map(listed.map(({ id, path: file }) => [id, file]));
    const files = rolloutFiles(this.#home);
    const changed = files.filter(({ id, path: file, hasLock }) => hasLock || known.get(id) !== file);
    for (const { id } of files) known.delete(id);
    if (changed.length === 0 && known.size === 0) return false;
    this.#db.transaction(() => {
      for (const id of known.keys()) this.remove(id);
      for (const file of changed) {
        const summary = summaryOfFile(file);
        if (summary === undefined) this.remove(file.id);
        else this.put(summary);
      }
    });
    return true;
  }
}

/**
 * Runs `work` with the catalog of this home; if the cache turns out to be damaged, runs it again with an empty one.
 *
 * @throws what opening and `work` throw.
 */
export function withCatalog<T>(home: string, work: (catalog: Catalog) => T): T {
  try {
    return once(home, work);
  } catch (error) {
    if (!isDamage(error)) throw error;
    deleteSqlite(path.join(home, FILE));
    return once(home, work);
  }
}

/** Each folder is looked at once. */
function folderFilter(cwd: string | undefined): (session: SessionSummary) => boolean {
  const known = new Map<string, boolean>();
  return (session) => {
    if (cwd === undefined) return true;
    const isHere = known.get(session.cwd) ?? isSameFolder(session.cwd, cwd);
    known.set(session.cwd, isHere);
    return isHere;
  };
}

function once<T>(home: string, work: (catalog: Catalog) => T): T {
  const catalog = new Catalog(home);
  try {
    return work(catalog);
  } finally {
    catalog.close();
  }
}

/** Undefined: not a session that this oagent can read. */
function summaryOfFile(file: RolloutFile): SessionSummary | undefined {
  try {
    const { mtimeMs } = statSync(file.path);
    const session = readSession(file.path, { shownItems: 0, withHistory: false });
    return { ...summaryOf(session, Math.round(mtimeMs)), isArchived: file.isArchived };
  } catch {
    return undefined;
  }
}

function valuesOf(summary: SessionSummary): (string | number | null)[] {
  const { id, path: file, name, firstPrompt, cwd, branch, model, source, created, updated } = summary;
  return [
    id,
    file,
    name ?? null,
    firstPrompt.slice(0, PROMPT_LIMIT),
    cwd,
    branch ?? null,
    model ?? null,
    source,
    created,
    updated,
    Number(summary.isArchived),
    summary.tokens,
  ];
}

function summaryOfRow(row: Row): SessionSummary {
  const [id, file, name, firstPrompt, cwd, branch, model, source, created, updated, archived, tokens] = row;
  return {
    id,
    path: file,
    firstPrompt,
    cwd,
    source: source === 'exec' ? 'exec' : 'cli',
    created,
    updated,
    isArchived: archived === 1,
    tokens,
    ...(name === null ? undefined : { name }),
    ...(branch === null ? undefined : { branch }),
    ...(model === null ? undefined : { model }),
  };
}
