/** The sessions on disk, as a client lists and deletes them. */
import type { ListSessionsRequest, ListSessionsResponse } from '@agentclientprotocol/sdk';
import { oagentHome } from '../config/home.ts';
import { findRollout } from '../rollout/paths.ts';
import { deleteStored } from '../rollout/store.ts';
import { inCatalog } from '../session/stored.ts';
import { oneLine } from '../tui/lines/clean.ts';
import { refused } from './errors.ts';

const PAGE = 100;
const TITLE_LIMIT = 200;

/** Those of a person, the one used last first. @throws SessionError, RequestError */
export function listSessions({ cwd, cursor }: ListSessionsRequest): ListSessionsResponse {
  const home = oagentHome(process.env);
  if (home === undefined) return { sessions: [] };
  const from = Number(cursor ?? 0);
  if (!Number.isSafeInteger(from) || from < 0)
    throw refused('params', 'the cursor is none of ours. Ask for the list again without one');
  const all = inCatalog(home, (catalog) => catalog.list(cwd == null ? {} : { cwd })).filter(
    ({ source }) => source !== 'exec',
  );
  const sessions = all.slice(from, from + PAGE).map(({ id, name, firstPrompt, updated, cwd: folder }) => ({
    sessionId: id,
    cwd: folder,
    title: oneLine(name ?? firstPrompt, TITLE_LIMIT),
    updatedAt: new Date(updated).toISOString(),
  }));
  return from + PAGE < all.length ? { sessions, nextCursor: String(from + PAGE) } : { sessions };
}

/** Nothing happens if there is none of this name. @throws RolloutError if another program has it open. */
export function deleteSession(id: string): void {
  const home = oagentHome(process.env);
  const file = home === undefined ? undefined : findRollout(home, id);
  if (home !== undefined && file !== undefined) deleteStored(home, file);
}
