/** The sessions that memories can be made of: those of the catalog, and what the user wants of each. */
import { memoriesOffIn, projectTrust, type TrustConfig } from '../../config/trust.ts';
import { withCatalog } from '../../rollout/catalog.ts';
import type { SessionSummary } from '../../rollout/recorder.ts';
import type { Sqlite } from '../../system/sqlite.ts';
import { isForgottenThread } from './forgotten.ts';
import { MIGRATED, type ThreadRow } from './schema.ts';

const COLUMNS = 'id, rollout, cwd, branch, source, updated, is_remembered, is_trusted';

const PUT = `INSERT OR REPLACE INTO threads (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;

/**
 * Makes the list of threads that of the catalog. A session that is gone is not listed any more; what it has taught stays, and
 * follows the trust of its folder.
 *
 * @param home oagent's own folder, absolute.
 */
export function syncThreads(store: Sqlite, home: string, config: TrustConfig): void {
  const sessions = withCatalog(home, (catalog) => catalog.list());
  const folders = new Map<string, FolderRights>();
  store.transaction(() => {
    const gone = new Set(allThreads(store).map(({ id }) => id));
    for (const session of sessions) {
      const rights = folders.get(session.cwd) ?? rightsOf(config, session.cwd);
      folders.set(session.cwd, rights);
      gone.delete(session.id);
      putThread(store, rowOf(store, session, rights));
    }
    for (const id of gone) store.sql('DELETE FROM threads WHERE id = ?').run(id);
    for (const cwd of foldersOfGone(store)) {
      const { isTrusted } = folders.get(cwd) ?? rightsOf(config, cwd);
      store.sql(`UPDATE records SET is_trusted = ? WHERE cwd = ? AND ${IS_GONE}`).run(isTrusted ? 1 : 0, cwd);
    }
    followTrust(store);
  });
}

/** Its session was deleted. What was taken over from an older folder keeps the trust that it had there. */
const IS_GONE = `model <> '${MIGRATED}' AND thread NOT IN (SELECT id FROM threads)`;

function foldersOfGone(store: Sqlite): string[] {
  return store
    .sql(`SELECT DISTINCT cwd FROM records WHERE ${IS_GONE}`)
    .all()
    .map(({ cwd }) => String(cwd));
}

export function putThread(store: Sqlite, thread: ThreadRow): void {
  const { id, rollout, cwd, branch, source, updated, is_remembered, is_trusted } = thread;
  store.sql(PUT).run(id, rollout, cwd, branch, source, updated, is_remembered, is_trusted);
}

/** Most recently used first. */
export function allThreads(store: Sqlite): ThreadRow[] {
  return store
    .sql(`SELECT ${COLUMNS} FROM threads ORDER BY updated DESC, id DESC`)
    .all() as unknown as ThreadRow[];
}

interface FolderRights {
  readonly isOff: boolean;
  readonly isTrusted: boolean;
}

function rightsOf(config: TrustConfig, cwd: string): FolderRights {
  return {
    isOff: memoriesOffIn(config, cwd) !== undefined,
    isTrusted: projectTrust(config, cwd).level === 'trusted',
  };
}

function rowOf(store: Sqlite, session: SessionSummary, { isOff, isTrusted }: FolderRights): ThreadRow {
  const { id, path: rollout, cwd, branch = null, source, updated, hasNoMemories } = session;
  const isRemembered = !(isOff || hasNoMemories || isForgottenThread(store, id));
  const rights = { is_remembered: isRemembered ? 1 : 0, is_trusted: isTrusted ? 1 : 0 } as const;
  return { id, rollout, cwd, branch, source, updated, ...rights };
}

/** A line of the handbook is trusted as long as one of the sessions that taught it is. */
function followTrust(store: Sqlite): void {
  store.exec(`
    UPDATE records SET is_trusted = t.is_trusted FROM threads t WHERE t.id = thread AND records.is_trusted <> t.is_trusted;
    UPDATE entries SET is_trusted = 0 WHERE is_trusted = 1
      AND 0 = (SELECT max(r.is_trusted) FROM json_each(entries.threads) j JOIN records r ON r.thread = j.value)`);
}
