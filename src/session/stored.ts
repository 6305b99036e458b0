/**
 * Which earlier session is meant, and the plan with which it is gone on.
 *
 * Invariants: who goes on says where the session changes: another folder, another model; what the user says now wins over
 * what the session had. Every failure is a SessionError with what to do.
 * Does not: read rollouts (rollout/), ask the user.
 */
import { realPath } from '../config/trust.ts';
import { type ChosenModel, chooseModel } from '../model/choose.ts';
import type { OllamaClient } from '../model/client.ts';
import type { SessionEntry, SessionEvent, SessionOp } from '../protocol.ts';
import { type Catalog, withCatalog } from '../rollout/catalog.ts';
import { findRollout, isSessionId } from '../rollout/paths.ts';
import { RolloutError, readSession } from '../rollout/reconstruct.ts';
import type { SessionSummary } from '../rollout/recorder.ts';
import { forkRollout, openStored } from '../rollout/store.ts';
import { shellWord } from '../text/shell-word.ts';
import { uuidv7 } from '../text/uuid.ts';
import { SessionError, type SessionPlan, withThread } from './open-session.ts';

/** What the command line or the view names. */
export interface SessionChoice {
  readonly kind: 'resume' | 'fork';
  /** An id or a name; absent: the one used last. */
  readonly session?: string;
  /** Sessions of other folders count too. */
  readonly isAll?: boolean;
  /** Its conversation is on the screen already. */
  readonly isShown?: boolean;
}

/**
 * What the view asks for.
 *
 * @param current the plan of the session that is open, and whether anything of it is kept.
 * @throws SessionError where that makes no sense.
 */
export function choiceOf(
  op: Extract<SessionOp, { type: 'resume_session' | 'fork_session' }>,
  { home, cwd, threadId, isEphemeral }: SessionPlan,
  isKept: boolean,
): SessionChoice {
  const kind = op.type === 'resume_session' ? 'resume' : 'fork';
  const session = op.session ?? threadId;
  if (op.session === undefined && !isKept) {
    throw new SessionError(isEphemeral ? 'this session is not kept' : 'there is nothing to copy yet');
  }
  const choice = { kind, session, isAll: true, isShown: op.session === undefined } as const;
  if (kind === 'resume' && chooseSession(home, cwd, choice).id === threadId) {
    throw new SessionError('this is that session already');
  }
  return choice;
}

export interface ChosenSession {
  readonly id: string;
  readonly path: string;
  readonly isArchived: boolean;
}

/** @throws SessionError if there is none. */
export function chooseSession(home: string, cwd: string, { session, isAll }: SessionChoice): ChosenSession {
  // An id says where the file is; the list is not needed.
  if (session !== undefined && isSessionId(session)) {
    const found = findRollout(home, session);
    if (found === undefined)
      throw new SessionError(`there is no session ${session}. All sessions: oagent sessions list --all`);
    return found;
  }
  const here = isAll ? undefined : cwd;
  const found = inCatalog(home, (catalog) =>
    session === undefined ? catalog.list({ cwd: here })[0] : catalog.find(session, here),
  );
  if (found !== undefined) return found;
  const where = isAll ? '' : ' in this folder (--all looks in all)';
  throw new SessionError(
    session === undefined
      ? `there is no session to go on with${where}`
      : `there is no session named ${session}${where}. All sessions: oagent sessions list --all`,
  );
}

/** The other sessions that can be gone on with, of this folder or of all. */
export function sessionsEvent(
  { home, cwd, threadId }: SessionPlan,
  isAll: boolean,
): Extract<SessionEvent, { type: 'sessions' }> {
  try {
    const all = inCatalog(home, (catalog) => catalog.list(isAll ? {} : { cwd }));
    return { type: 'sessions', sessions: all.filter(({ id }) => id !== threadId).map(entryOf) };
  } catch (error) {
    return { type: 'sessions', sessions: [], error: (error as Error).message };
  }
}

function entryOf({ id, name, firstPrompt, updated, cwd, branch }: SessionSummary): SessionEntry {
  return {
    id,
    firstPrompt,
    usedAt: updated,
    cwd,
    name,
    branch,
  };
}

/** @throws SessionError where the catalog can be neither read nor made. */
export function inCatalog<T>(home: string, work: (catalog: Catalog) => T): T {
  try {
    return withCatalog(home, work);
  } catch (error) {
    throw new SessionError(`the sessions cannot be listed: ${(error as Error).message}`);
  }
}

export interface ResumedPlan {
  readonly plan: SessionPlan;
  /** What the user should know. */
  readonly notes: readonly string[];
}

/**
 * The plan of a session that is gone on with, which this process holds from now on.
 *
 * @param mustBeHere a session that worked in another folder is refused.
 * @throws SessionError if it cannot be: another process has it, a newer oagent wrote it, it is archived.
 */
export function resumePlan(plan: SessionPlan, choice: SessionChoice, mustBeHere = false): ResumedPlan {
  const chosen = chooseSession(plan.home, plan.cwd, choice);
  const isFork = choice.kind === 'fork';
  if (chosen.isArchived && !isFork)
    throw new SessionError(
      `the session is archived. To have it back: oagent sessions unarchive ${chosen.id}`,
    );
  try {
    if (mustBeHere) refuseElsewhere(chosen, plan.cwd, choice.kind);
    const file = isFork ? forkRollout(plan.home, chosen.path, uuidv7(), new Date()) : chosen.path;
    return goOnWith(plan, { ...openStored(file), isShown: choice.isShown ?? false });
  } catch (error) {
    if (error instanceof RolloutError) throw new SessionError(error.message);
    throw error;
  }
}

function refuseElsewhere({ id, path }: ChosenSession, here: string, kind: SessionChoice['kind']): void {
  const { cwd } = readSession(path, { shownItems: 0, withHistory: false });
  if (isSameFolder(cwd, here)) return;
  throw new SessionError(
    `this session worked in ${cwd}, not here. To go on there: oagent exec -C ${shellWord(cwd)} ${kind} ${id}; ` +
      'to go on here: -C .',
  );
}

/** The same, for a session that this process holds already. */
export function goOnWith(plan: SessionPlan, stored: NonNullable<SessionPlan['stored']>): ResumedPlan {
  const { session } = stored;
  const { config, origins } = plan.loaded;
  const isModelGiven = ['flag', '-c'].includes(origins.get('model') ?? '');
  const model = isModelGiven ? config.model : (session.model ?? config.model);
  const isSameModel = fullName(model) === fullName(session.model);
  const window = config.model_context_window ?? (isSameModel ? session.numCtx : undefined);
  const resumed = withThread(plan, session.meta.id);
  const notes = [
    ...(session.model !== undefined && model !== undefined && !isSameModel
      ? [`until now this session was with ${session.model}: ${model} reads all of it anew`]
      : []),
    ...(isSameFolder(session.cwd, plan.cwd)
      ? []
      : [`until now this session worked in ${session.cwd}; it goes on in ${plan.cwd}`]),
    ...(session.isBroken ? ['the last turn of this session broke off in the middle; the model is told'] : []),
    ...(session.badLines === 0
      ? []
      : [`${session.badLines} lines of ${session.path} cannot be read and are left out`]),
  ];
  return {
    notes,
    plan: {
      ...resumed,
      stored: { ...stored, configured: config },
      loaded: {
        ...resumed.loaded,
        config: {
          ...config,
          ...(model === undefined ? {} : { model }),
          ...(window === undefined ? {} : { model_context_window: window }),
        },
      },
    },
  };
}

/** A name without a tag means the newest. */
function fullName(model: string | undefined): string | undefined {
  return model === undefined || model.includes(':') ? model : `${model}:latest`;
}

/** The model that a session had, if it can be had now, else the one that is used already. Never rejects. */
export async function modelOf(
  { loaded }: SessionPlan,
  current: ChosenModel | undefined,
  client: OllamaClient,
  warn: (message: string) => void,
): Promise<ChosenModel | undefined> {
  const { model } = loaded.config;
  if (current === undefined || model === undefined || model === current.name) return current;
  try {
    return await chooseModel(client, model, new AbortController().signal, true);
  } catch (error) {
    warn(`${(error as Error).message}. The session goes on with ${current.name}`);
    return current;
  }
}

export function isSameFolder(one: string, other: string): boolean {
  return one === other || realPath(one) === realPath(other);
}
