/**
 * Keeps the session of a plan: its rollout, and its entry in the catalog.
 *
 * Invariants: the catalog is never waited for by a turn, and its failures are nobody's: it is made anew from the files.
 * When a record is closed, another process may go on with the session. Does not: know what is kept (rollout/).
 */
import type { Event } from '../protocol.ts';
import { gitFacts } from '../rollout/git-facts.ts';
import { ROLLOUT_VERSION } from '../rollout/lines.ts';
import { SessionRecorder, type SessionSummary } from '../rollout/recorder.ts';
import { deleteOutputs } from '../rollout/store.ts';
import type { SessionPlan } from './open-session.ts';
import { VERSION } from './version.ts';

export interface SessionRecord {
  /** Absent: the session is not kept. */
  readonly recorder?: SessionRecorder;
  /** Called when nothing writes any more. Never rejects. */
  readonly close: () => Promise<void>;
}

/**
 * @param plan read again for each turn: what is allowed may change.
 * @param warn tells the user.
 */
export function openRecord(
  plan: SessionPlan,
  { system, rules, warn }: { system: string; rules: () => SessionPlan; warn: (message: string) => void },
): SessionRecord {
  const { home, threadId, cwd, stored } = plan;
  if (plan.isEphemeral) {
    // Of a session that is kept, the outputs are too, also when what is added to it is not.
    const end = (): void => (stored === undefined ? deleteOutputs(home, threadId) : releaseStored(plan));
    return { close: async () => end() };
  }
  let listed: Promise<void> = Promise.resolve();
  const onChanged = (summary: SessionSummary): void => {
    listed = listed.then(() => putInCatalog(home, summary)).catch(() => undefined);
  };
  const git = gitFacts(cwd);
  const recorder = new SessionRecorder({
    home,
    cwd,
    warn,
    onChanged,
    ...(stored && { stored }),
    meta: {
      id: threadId,
      timestamp: new Date().toISOString(),
      cwd,
      originator: 'oagent',
      cli_version: VERSION,
      rollout_version: ROLLOUT_VERSION,
      source: plan.source,
      model_provider: 'ollama',
      base_instructions: { text: system },
      ...(git && { git }),
    },
    rules: () => {
      const { permissions, loaded } = rules();
      const effort = loaded.config.model_reasoning_effort;
      return { sandbox: permissions.mode, approval: permissions.approval, effort };
    },
  });
  return {
    recorder,
    close: async () => {
      await listed;
      await recorder.close();
    },
  };
}

/** Another process may have the session that this one did not go on with. */
export function releaseStored({ stored }: SessionPlan): void {
  if (stored?.lock.isHeld === false) stored.lock.release();
}

async function putInCatalog(home: string, summary: SessionSummary): Promise<void> {
  const { withCatalog } = await import('../rollout/catalog.ts');
  withCatalog(home, (catalog) => catalog.put(summary));
}

/** What a front end is told of a session that is gone on with. */
export function resumedEvent({
  session: { meta, name, shown, shownBefore },
  isShown,
}: NonNullable<SessionPlan['stored']>): Extract<Event, { type: 'session_resumed' }> {
  return {
    type: 'session_resumed',
    threadId: meta.id,
    items: shown,
    itemsBefore: shownBefore,
    isShown,
    name,
    forkedFrom: meta.forked_from_id,
  };
}
