/**
 * The list of all sessions: a cache in SQLite over the rollouts.
 *
 * The files are the truth: the cache is rebuilt if it is missing, of another version or broken, an entry is read again if
 * its file has changed or a process died while writing to it, and where no cache can be kept the list is made in memory.
 */
import { statSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../config/make-folder.ts';
import { isSameFolder } from '../config/paths.ts';
import { deleteSqlite, isDamage, openSqlite, type Sqlite, type SqliteOptions } from '../system/sqlite.ts';
import { errorMessage } from '../text/error-message.ts';
import { isSessionId, type RolloutFile, rolloutFiles } from './paths.ts';
import { readSession } from './reconstruct.ts';
import { type SessionSummary, summaryOf } from './recorder.ts';

const FILE = 'sessions.sqlite';
const IN_MEMORY = ':memory:';

/** Where a session is and whether it is archived is said by its file. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY, name TEXT, first_prompt TEXT NOT NULL, cwd TEXT NOT NULL, branch TEXT, model TEXT,
    source TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL, tokens INTEGER NOT NULL,
    bytes INTEGER NOT NULL, mtime INTEGER NOT NULL, problem TEXT, no_memories INTEGER NOT NULL
  ) WITHOUT ROWID`;

/** Not synchronous: what a power cut loses is read from the files again. */
const OPTIONS: SqliteOptions = {
  busyMs: 2_000,
  pragmas: 'PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF',
  schema: { version: 3, sql: SCHEMA },
};

const COLUMNS =
  'id, name, first_prompt, cwd, branch, model, source, created, updated, tokens, bytes, mtime, problem, no_memories';

const PUT = `INSERT OR REPLACE INTO sessions (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** One text for all rows: it takes half the time of an object for each. */
const ALL = `SELECT json_group_array(json_array(${COLUMNS})) AS rows FROM sessions`;

type Row = readonly [
  id: string,
  name: string | null,
  firstPrompt: string,
  cwd: string,
  branch: string | null,
  model: string | null,
  source: string,
  created: number,
  updated: number,
  tokens: number,
  bytes: number,
  mtime: number,
  problem: string | null,
  noMemories: number,
];

/** How a file was when it was read. */
interface Stamp {
  readonly bytes: number;
  /** Microseconds: the integers of JSON hold no more. */
  readonly mtime: number;
}

/** What is known of a file: the session in it, or why it cannot be opened. */
interface Entry {
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
    this.#put({ summary }, stampOf(summary.path));
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
    this.#entries ??= this.#read().sort(byUse);
    return this.#entries;
  }

  /** Updates the rows of files that are new, changed, gone or left locked by a process. */
  #read(): Entry[] {
    const rows = JSON.parse(String(this.#db.sql(ALL).get()?.rows)) as Row[];
    const known = new Map<string, Row>();
    for (const row of rows) known.set(row[0], row);
    const entries: Entry[] = [];
    const changed: { readonly file: RolloutFile; readonly stamp: Stamp }[] = [];
    for (const file of rolloutFiles(this.#home)) {
      const row = known.get(file.id);
      const stamp = stampOf(file.path);
      if (row === undefined || file.hasLock || isStale(row, stamp)) changed.push({ file, stamp });
      else entries.push(entryOfRow(row, file));
      known.delete(file.id);
    }
    if (changed.length === 0 && known.size === 0) return entries;
    this.#db.transaction(() => {
      for (const id of known.keys()) this.#db.sql('DELETE FROM sessions WHERE id = ?').run(id);
      for (const { file, stamp } of changed) {
        const entry = entryOfFile(file, stamp);
        this.#put(entry, stamp);
        entries.push(entry);
      }
    });
    return entries;
  }

  #put(entry: Entry, stamp: Stamp): void {
    this.#db.sql(PUT).run(...valuesOf(entry, stamp));
    this.#entries = undefined;
  }
}

/** The last one used first. */
function byUse({ summary: a }: Entry, { summary: b }: Entry): number {
  return b.updated - a.updated || (a.id < b.id ? 1 : -1);
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
    makeFolder(home);
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

/** All zero for what is not there: a link to nothing. */
function stampOf(file: string): Stamp {
  try {
    const { size = 0, mtimeMs = 0 } = statSync(file, { throwIfNoEntry: false }) ?? {};
    return { bytes: size, mtime: Math.round(mtimeMs * 1_000) };
  } catch {
    return { bytes: 0, mtime: 0 };
  }
}

function isStale(row: Row, { bytes, mtime }: Stamp): boolean {
  return row[10] !== bytes || row[11] !== mtime;
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

function entryOfFile({ id, path: file, isArchived }: RolloutFile, { mtime }: Stamp): Entry {
  const updated = Math.round(mtime / 1_000);
  try {
    const session = readSession(file, { shownItems: 0, withHistory: false });
    const summary = summaryOf(session, updated);
    const firstPrompt = summary.firstPrompt.slice(0, PROMPT_LIMIT);
    // The name of the file is what it is opened by.
    return { summary: { ...summary, id, firstPrompt, isArchived } };
  } catch (error) {
    const nothing = { firstPrompt: '', cwd: '', source: 'cli', created: updated, tokens: 0 } as const;
    return { summary: { ...nothing, id, path: file, updated, isArchived }, problem: errorMessage(error) };
  }
}

function valuesOf({ summary, problem }: Entry, { bytes, mtime }: Stamp): (string | number | null)[] {
  const { id, name, firstPrompt, cwd, branch, model, source, created, updated, tokens, hasNoMemories } =
    summary;
  return [
    ...[id, name ?? null, firstPrompt.slice(0, PROMPT_LIMIT), cwd, branch ?? null, model ?? null],
    ...[source, created, updated, tokens, bytes, mtime, problem ?? null, hasNoMemories ? 1 : 0],
  ];
}

function entryOfRow(row: Row, { path: file, isArchived }: RolloutFile): Entry {
  const [
    id,
    name,
    firstPrompt,
    cwd,
    branch,
    model,
    source,
    created,
    updated,
    tokens,
    ,
    ,
    problem,
    noMemories,
  ] = row;
  const summary: SessionSummary = {
    id,
    path: file,
    firstPrompt,
    cwd,
    source: source === 'exec' ? 'exec' : 'cli',
    created,
    updated,
    isArchived,
    tokens,
    name: name ?? undefined,
    branch: branch ?? undefined,
    model: model ?? undefined,
    hasNoMemories: noMemories === 1 ? true : undefined,
  };
  return { summary, problem: problem ?? undefined };
}
