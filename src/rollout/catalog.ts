/**
 * The list of all sessions: a cache in SQLite over the rollouts.
 *
 * The files are the truth: the cache is rebuilt if it is missing, of another version or broken, an entry is read again if
 * its file has changed or a process died while writing to it, and where no cache can be kept the list is made in memory.
 */
import { mkdirSync, type Stats, statSync } from 'node:fs';
import path from 'node:path';
import { isSameFolder } from '../config/paths.ts';
import { deleteSqlite, isDamage, openSqlite, type Sqlite, type SqliteOptions } from '../system/sqlite.ts';
import { errorMessage } from '../text/error-message.ts';
import { isSessionId, type RolloutFile, rolloutFiles } from './paths.ts';
import { readSession } from './reconstruct.ts';
import { type SessionSummary, summaryOf } from './recorder.ts';

const FILE = 'sessions.sqlite';
const IN_MEMORY = ':memory:';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY, path TEXT NOT NULL, name TEXT, first_prompt TEXT NOT NULL, cwd TEXT NOT NULL, branch TEXT,
    model TEXT, source TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL, archived INTEGER NOT NULL,
    tokens INTEGER NOT NULL, bytes INTEGER NOT NULL, mtime REAL NOT NULL, problem TEXT
  ) WITHOUT ROWID`;

/** Not synchronous: what a power cut loses is read from the files again. */
const OPTIONS: SqliteOptions = {
  busyMs: 2_000,
  pragmas: 'PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF',
  schema: { version: 2, sql: SCHEMA },
};

const COLUMNS =
  'id, path, name, first_prompt, cwd, branch, model, source, created, updated, archived, tokens, bytes, mtime, problem';

const PUT = `INSERT OR REPLACE INTO sessions (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

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
  bytes: number,
  mtime: number,
  problem: string | null,
];

/** What is known of a file: the session in it, or why it cannot be opened. `bytes` and `mtime`: as it was then. */
interface Entry {
  readonly bytes: number;
  /** Milliseconds, with fractions. */
  readonly mtime: number;
  readonly summary: SessionSummary;
  readonly problem?: string;
}

/** A file among the sessions that cannot be opened. */
export interface UnreadableFile {
  readonly path: string;
  /** Why. */
  readonly problem: string;
  /** When it was last written, milliseconds of the epoch. */
  readonly updated: number;
}

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
  #entries: readonly Entry[] | undefined;

  /** @param file the cache, in SQLite's terms. @throws an error of SQLite if it cannot be opened. */
  constructor(home: string, file: string) {
    this.#home = home;
    this.#db = openSqlite(file, OPTIONS);
  }

  close(): void {
    this.#db.close();
  }

  /** Takes note of a session whose file has just been written. */
  put(summary: SessionSummary): void {
    const { size: bytes, mtimeMs: mtime } = statSync(summary.path);
    this.#put({ summary, bytes, mtime });
  }

  /** Sessions, most recently used first. */
  list({ cwd, archived = false }: ListOptions = {}): SessionSummary[] {
    const isHere = folderFilter(cwd);
    return this.#sessions().filter((session) => session.isArchived === archived && isHere(session));
  }

  /**
   * The session with an id or a name, archived or not; of several with the same name, the most recently used.
   *
   * @param cwd for names: only sessions in this folder.
   */
  find(idOrName: string, cwd?: string): SessionSummary | undefined {
    const all = this.#sessions();
    const wanted = idOrName.toLowerCase();
    if (isSessionId(idOrName)) return all.find(({ id }) => id === wanted);
    const named = all.filter(({ name }) => name === idOrName);
    return named.find(folderFilter(cwd));
  }

  /** Files that are in no list, most recently written first. */
  unreadable(archived = false): UnreadableFile[] {
    return this.#all().flatMap(({ summary: { path: file, updated, isArchived }, problem }) =>
      problem === undefined || isArchived !== archived ? [] : [{ path: file, problem, updated }],
    );
  }

  #sessions(): SessionSummary[] {
    return this.#all().flatMap(({ summary, problem }) => (problem === undefined ? [summary] : []));
  }

  #all(): readonly Entry[] {
    if (this.#entries !== undefined) return this.#entries;
    const known = this.#read();
    this.#entries = this.#refresh(known) ? this.#read() : known;
    return this.#entries;
  }

  #read(): Entry[] {
    const rows = this.#db.sql(ALL).get()?.rows;
    return (JSON.parse(String(rows)) as Row[]).map(entryOfRow);
  }

  #put(entry: Entry): void {
    this.#db.sql(PUT).run(...valuesOf(entry));
    this.#entries = undefined;
  }

  /** Updates the rows of files that are new, changed, gone or left locked by a process. @returns whether any row changed. */
  #refresh(listed: readonly Entry[]): boolean {
    const known = new Map(listed.map((entry) => [entry.summary.id, entry]));
    const files = rolloutFiles(this.#home).map((file) => ({ file, stat: statOf(file) }));
    const changed = files.filter(({ file, stat }) => file.hasLock || isStale(known.get(file.id), file, stat));
    for (const { file } of files) known.delete(file.id);
    if (changed.length === 0 && known.size === 0) return false;
    this.#db.transaction(() => {
      for (const id of known.keys()) this.#db.sql('DELETE FROM sessions WHERE id = ?').run(id);
      for (const { file, stat } of changed) this.#put(entryOfFile(file, stat));
    });
    return true;
  }
}

/**
 * Runs `work` with the catalog of this home. A damaged cache is replaced by an empty one; where none can be kept, because
 * the home is full or read-only, `work` gets a list that is made from the files for it alone.
 *
 * @throws what `work` throws.
 */
export function withCatalog<T>(home: string, work: (catalog: Catalog) => T): T {
  const file = path.join(home, FILE);
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    return once(home, file, work);
  } catch (error) {
    if (isDamage(error)) return afterDamage(home, file, work);
    return once(home, IN_MEMORY, work);
  }
}

function afterDamage<T>(home: string, file: string, work: (catalog: Catalog) => T): T {
  try {
    deleteSqlite(file);
    return once(home, file, work);
  } catch {
    return once(home, IN_MEMORY, work);
  }
}

function once<T>(home: string, file: string, work: (catalog: Catalog) => T): T {
  const catalog = new Catalog(home, file);
  try {
    return work(catalog);
  } finally {
    catalog.close();
  }
}

function statOf({ path: file }: RolloutFile): Stats | undefined {
  try {
    return statSync(file);
  } catch {
    return undefined;
  }
}

function isStale(known: Entry | undefined, { path: file }: RolloutFile, stat: Stats | undefined): boolean {
  if (known === undefined || known.summary.path !== file) return true;
  return known.bytes !== stat?.size || known.mtime !== stat.mtimeMs;
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

function entryOfFile(file: RolloutFile, stat: Stats | undefined): Entry {
  const { size: bytes = 0, mtimeMs: mtime = 0 } = stat ?? {};
  const { id, path: place, isArchived } = file;
  const updated = Math.round(mtime);
  try {
    const session = readSession(place, { shownItems: 0, withHistory: false });
    // The name of the file is what it is opened by.
    return { bytes, mtime, summary: { ...summaryOf(session, updated), id, isArchived } };
  } catch (error) {
    const nothing = { firstPrompt: '', cwd: '', source: 'cli', created: updated, tokens: 0 } as const;
    return {
      ...{ bytes, mtime, problem: errorMessage(error) },
      summary: { ...nothing, id, path: place, updated, isArchived },
    };
  }
}

function valuesOf({ summary, bytes, mtime, problem }: Entry): (string | number | null)[] {
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
    bytes,
    mtime,
    problem ?? null,
  ];
}

function entryOfRow(row: Row): Entry {
  const [id, file, name, firstPrompt, cwd, branch, model, source, created, updated, archived, tokens] = row;
  const [bytes, mtime, problem] = row.slice(-3) as [number, number, string | null];
  const summary: SessionSummary = {
    id,
    path: file,
    firstPrompt,
    cwd,
    source: source === 'exec' ? 'exec' : 'cli',
    created,
    updated,
    isArchived: archived === 1,
    tokens,
    name: name ?? undefined,
    branch: branch ?? undefined,
    model: model ?? undefined,
  };
  return { bytes, mtime, summary, problem: problem ?? undefined };
}
