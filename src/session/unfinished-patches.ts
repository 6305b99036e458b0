/** Patches that were cut off by the end of an oagent: finished or undone, and told to the session that is resumed. */
import type { Item } from '../protocol.ts';
import type { StoredSession } from '../rollout/stored-session.ts';
import { withPatchLock } from '../tools/apply-patch/journal.ts';
import { finishPatches, outcomesOf } from '../tools/apply-patch/recover.ts';
import type { SessionPlan } from './plan.ts';

type Outcome = NonNullable<StoredSession['openCalls'][number]['patch']>;

/** @returns the plan; the calls of the session being resumed say what became of their patches. Never rejects. */
export async function withPatchesFinished(plan: SessionPlan): Promise<SessionPlan> {
  const { home, cwd, stored } = plan;
  try {
    await withPatchLock(home, () => finishPatches({ home, cwd, session: stored?.session.meta.id }));
  } catch {
    // Another oagent writes a long patch; it finishes what it finds first, and so does our own first patch.
  }
  if (stored === undefined) return plan;
  const { id, forked_from_id: from = id } = stored.session.meta;
  const calls = new Set(stored.session.openCalls.map(({ call }) => call.id));
  return {
    ...plan,
    stored: { ...stored, session: answered(stored.session, outcomesOf(home, [id, from], calls)) },
  };
}

function answered(session: StoredSession, outcomes: ReadonlyMap<string, Outcome>): StoredSession {
  // Patches are applied one after the other: one at the most was cut off.
  const [outcome] = outcomes.values();
  if (outcome === undefined) return session;
  const openCalls = session.openCalls.map((open) => ({ ...open, patch: outcomes.get(open.call.id) }));
  const cutOff = session.cutOff.map((item) => closed(item, outcome));
  const shown = session.shown.map((item) => cutOff[session.cutOff.indexOf(item)] ?? item);
  return { ...session, openCalls, cutOff, shown };
}

function closed(item: Item, { state, changed }: Outcome): Item {
  if (item.type !== 'file_change') return item;
  if (state === 'nothing') return { ...item, output: 'oagent ended before anything was written' };
  const but = changed.length === 0 ? '' : `, except what was changed since: ${changed.join(', ')}`;
  return {
    ...item,
    output: `oagent ended while this was being written; it was finished${but}`,
    status: 'completed',
  };
}
