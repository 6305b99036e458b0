/**
 * Keeps the session of a plan: its rollout, and its entry in the catalog.
 *
 * No turn waits for the catalog, and its errors are ignored: it can be rebuilt from the files.
 */
import { soFar } from '../context/seen/so-far.ts';
import type { Event } from '../protocol.ts';
import { gitFacts } from '../rollout/git-facts.ts';
import { ROLLOUT_VERSION } from '../rollout/lines.ts';
import { SessionRecorder, type SessionSummary } from '../rollout/recorder.ts';
import { deleteOutputs } from '../rollout/store.ts';
import { memoriesOff } from './memories.ts';
import { effortOf } from './model-table.ts';
import { releaseStored, type SessionPlan, type StoredPlan } from './plan.ts';
import { VERSION } from './version.ts';

export interface SessionRecord {
  /** Absent: the session is not kept. */
  readonly recorder?: SessionRecorder;
  /** Called when nothing writes any more; then another process may resume the session. Never rejects. */
  readonly close: () => Promise<void>;
}

/** @param options `rules`: the plan as it is when a turn begins. `warn` reports a problem to the user. */
export function openRecord(
  plan: SessionPlan,
  { system, rules, warn }: { system: string; rules: () => SessionPlan; warn: (message: string) => void },
): SessionRecord {
  const { home, threadId, cwd, stored } = plan;
  if (plan.isEphemeral) {
    // An ephemeral continuation of a stored session must not delete that session's outputs.
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
    stored,
    memoriesOff: memoriesOff(plan),
    meta: {
      id: threadId,
      timestamp: new Date().toISOString(),
      cwd,
      originator: 'oagent',
      cli_version: VERSION,
      rollout_version: ROLLOUT_VERSION,
      source: plan.source,
      model_provider: plan.loaded.config.model_provider,
      base_instructions: { text: system },
      git,
    },
    rules: (model) => {
      const { permissions, loaded } = rules();
      const effort = effortOf(loaded, model);
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

async function putInCatalog(home: string, summary: SessionSummary): Promise<void> {
  const { withCatalog } = await import('../rollout/catalog.ts');
  withCatalog(home, (catalog) => catalog.put(summary));
}

/** What a front end is told about the session being resumed. */
export function resumedEvent({
  session: { meta, name, entries, shownBefore, cwd },
  isShown,
}: StoredPlan): Extract<Event, { type: 'session_resumed' }> {
  const lines = soFar(entries, cwd);
  return {
    type: 'session_resumed',
    threadId: meta.id,
    items: entries,
    itemsBefore: shownBefore,
    soFar: lines.length === 0 ? undefined : lines,
    isShown: isShown || undefined,
    name,
    forkedFrom: meta.forked_from_id,
  };
}
