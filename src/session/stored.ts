/** Which earlier session is meant, and the plan that resumes it. Every failure is a SessionError that says what to do. */
import { isGiven } from '../config/origins.ts';
import { isSameFolder } from '../config/paths.ts';
import { trialFolder } from '../config/trial-folder.ts';
import { type ChosenModel, chooseLoaded } from '../model/choose.ts';
import type { ModelServer } from '../model/server.ts';
import type { SessionEntry, SessionEvent, SessionOp } from '../protocol/sessions.ts';
import { type Catalog, withCatalog } from '../rollout/catalog.ts';
import { findCodexSession, importCodex } from '../rollout/codex/codex-sessions.ts';
import { readMeta } from '../rollout/meta.ts';
import { findRollout, isSessionId } from '../rollout/paths.ts';
import type { SessionSummary } from '../rollout/recorder.ts';
import { RolloutError } from '../rollout/rollout-error.ts';
import { forkRollout, openStored } from '../rollout/store.ts';
import { errorMessage } from '../text/error-message.ts';
import { uuidv7 } from '../text/uuid.ts';
import { forkCheckpoints } from '../tools/checkpoints/fork.ts';
import { readTrial } from '../tools/trial/record.ts';
import { type SessionPlan, type StoredPlan, withThread } from './plan.ts';
import { SessionError } from './session-error.ts';

/** The session that the command line or the view names. */
export interface SessionChoice {
  readonly kind: 'resume' | 'fork';
  /** An id or a name; absent: the one used last. */
  readonly session?: string;
  /** Include sessions of other folders. */
  readonly isAll?: boolean;
  /** Without a name: those of `exec` count too. */
  readonly hasExec?: boolean;
  /** Its conversation is already on the screen. */
  readonly isShown?: boolean;
  /** This process is in the trial of this session. */
  readonly isOnTrial?: boolean;
}

/**
 * The choice that an operation of the view makes.
 *
 * @param current the plan of the session that is open.
 * @param isKept whether anything of it is on disk.
 * @throws SessionError if it makes no sense.
 */
export function choiceOf(
  op: Extract<SessionOp, { type: 'resume_session' | 'fork_session' }>,
  { home, cwd, threadId, isEphemeral }: SessionPlan,
  isKept: boolean,
): SessionChoice {
  const kind = op.type === 'resume_session' ? 'resume' : 'fork';
  const session = op.session ?? threadId;
  if (op.session === undefined && !isKept) {
    throw new SessionError(isEphemeral ? 'this session is not kept' : 'there is nothing to fork yet');
  }
  const choice = { kind, session, isAll: true, isShown: op.session === undefined } as const;
  if (kind === 'resume' && chooseSession(home, cwd, choice).id === threadId) {
    throw new SessionError('this session is already open');
  }
  return choice;
}

export interface ChosenSession {
  readonly id: string;
  readonly path: string;
  readonly isArchived: boolean;
  /** What the user should know about the choice. */
  readonly notes?: readonly string[];
}

/** @throws SessionError if there is none. */
export function chooseSession(home: string, cwd: string, choice: SessionChoice): ChosenSession {
  const { session, isAll, hasExec = false } = choice;
  // An id says where the file is; the list is not needed.
  if (session !== undefined && isSessionId(session)) {
    const found = findRollout(home, session) ?? fromCodex(home, session);
    if (found === undefined)
      throw new SessionError(`no session ${session}. All sessions: oagent sessions list --all`);
    return found;
  }
  const here = isAll ? undefined : cwd;
  const found = inCatalog(home, (catalog) =>
    session === undefined ? lastSession(catalog, here, hasExec) : catalog.find(session, here),
  );
  if (found !== undefined) return found;
  const where = isAll ? '' : ' in this folder (--all looks in all folders)';
  throw new SessionError(
    session === undefined
      ? `no session to resume${where}${hasExec ? '' : '. Those of exec count with --include-non-interactive'}`
      : `no session named ${session}${where}. All sessions: oagent sessions list --all`,
  );
}

/** A session of Codex's, imported because it was asked for by its id. @throws SessionError */
function fromCodex(home: string, id: string): ChosenSession | undefined {
  const found = findCodexSession(process.env, id);
  if (found === undefined) return undefined;
  try {
    const imported = importCodex(home, found.path, process.env);
    return { ...imported, notes: [`imported from Codex: ${found.path}, which stays as it is`] };
  } catch (error) {
    throw new SessionError(errorMessage(error));
  }
}

/** The one used last that can be opened: a crash leaves a file that is empty, or full of zeros. */
function lastSession(catalog: Catalog, cwd: string | undefined, hasExec: boolean): ChosenSession | undefined {
  const skipped: string[] = [];
  const candidates = catalog.list({ cwd }).filter(({ source }) => hasExec || source !== 'exec');
  const last = candidates.find(({ path: file }) => {
    const problem = headProblem(file);
    if (problem !== undefined) skipped.push(problem);
    return problem === undefined;
  });
  if (last === undefined) return undefined;
  const newer = catalog.unreadable().filter(({ updated }) => updated >= last.updated);
  const problems = [...skipped, ...newer.map(({ problem }) => problem)];
  return { ...last, notes: problems.map((problem) => `a newer session was left out: ${problem}`) };
}

/** Why a file in the list is not a session any more. Not that it is in use: that is a reason to stop. */
function headProblem(file: string): string | undefined {
  try {
    readMeta(file);
    return undefined;
  } catch (error) {
    return errorMessage(error);
  }
}

/** The other sessions that can be resumed, of this folder or of all. */
export function sessionsEvent(
  { home, cwd, threadId }: SessionPlan,
  { isAll = false, hasExec = false }: Pick<SessionChoice, 'isAll' | 'hasExec'>,
): Extract<SessionEvent, { type: 'sessions' }> {
  try {
    const all = inCatalog(home, (catalog) => catalog.list(isAll ? {} : { cwd }));
    return { type: 'sessions', sessions: all.filter(({ id }) => id !== threadId).map(entryOf), hasExec };
  } catch (error) {
    return { type: 'sessions', sessions: [], error: (error as Error).message };
  }
}

function entryOf({ id, name, firstPrompt, updated, cwd, branch, source }: SessionSummary): SessionEntry {
  return { id, firstPrompt, usedAt: updated, cwd, name, branch, source };
}

/** @throws SessionError if the catalog can be neither read nor rebuilt. */
export function inCatalog<T>(home: string, work: (catalog: Catalog) => T): T {
  try {
    return withCatalog(home, work);
  } catch (error) {
    throw new SessionError(`the sessions cannot be listed: ${(error as Error).message}`);
  }
}

/**
 * The plan that resumes a session, which this process holds from now on.
 *
 * @throws SessionError if another process has it, a newer oagent wrote it, or it is archived.
 */
export function resumePlan(plan: SessionPlan, choice: SessionChoice): SessionPlan {
  const chosen = chooseSession(plan.home, plan.cwd, choice);
  const isFork = choice.kind === 'fork';
  if (choice.isOnTrial !== true) refuseOpenTrial(plan.home, chosen.id);
  if (chosen.isArchived && !isFork)
    throw new SessionError(`the session is archived. To restore it: oagent sessions unarchive ${chosen.id}`);
  try {
    const { file, notes } = isFork ? forked(plan.home, chosen) : { file: chosen.path, notes: [] };
    const resumed = withStored(plan, { ...openStored(file), isShown: choice.isShown ?? false });
    return withNotes(resumed, [...(chosen.notes ?? []), ...notes]);
  } catch (error) {
    if (error instanceof RolloutError) throw new SessionError(error.message);
    throw error;
  }
}

/** What the session is about is in its trial, which is not mounted here. @throws SessionError */
export function refuseOpenTrial(home: string, id: string): void {
  if (!isOnTrial(home, id)) return;
  throw new SessionError(
    `this session is on trial, and nothing is decided yet. To continue in it: oagent resume ${id}. To decide: oagent sessions trial ${id}`,
  );
}

/** One that cannot be read is not taken for none. */
function isOnTrial(home: string, id: string): boolean {
  try {
    return readTrial(trialFolder(home, id)) !== undefined;
  } catch {
    return true;
  }
}

/** The copy. @throws RolloutError */
function forked(
  home: string,
  { id, path: source }: ChosenSession,
): { readonly file: string; readonly notes: readonly string[] } {
  const copy = uuidv7();
  const file = forkRollout(home, source, copy, new Date());
  try {
    forkCheckpoints(home, id, copy);
    return { file, notes: [] };
  } catch (error) {
    return { file, notes: [`the copy cannot take back what was changed before: ${errorMessage(error)}`] };
  }
}

function withNotes(plan: SessionPlan, more: readonly string[]): SessionPlan {
  const { stored } = plan;
  if (stored === undefined) return plan;
  return { ...plan, stored: { ...stored, notes: [...more, ...(stored.notes ?? [])] } };
}

/**
 * The plan that resumes a session which this process already holds. The session's model and window apply unless the
 * user names others now.
 */
export function withStored(plan: SessionPlan, stored: StoredPlan): SessionPlan {
  const { session } = stored;
  const { config, origins } = plan.loaded;
  const isModelGiven = isGiven(origins.get('model'));
  const model = isModelGiven ? config.model : (session.model ?? config.model);
  const isSameModel = fullName(model) === fullName(session.model);
  const window = config.model_context_window ?? (isSameModel ? session.numCtx : undefined);
  const resumed = withThread(plan, session.meta.id);
  return {
    ...resumed,
    stored: { ...stored, configured: config, notes: notesOn(stored, plan.cwd, model) },
    loaded: { ...resumed.loaded, config: { ...config, model, model_context_window: window } },
  };
}

/** What is different from the last time this session ran, and what is wrong with it. */
function notesOn({ session }: StoredPlan, cwd: string, model: string | undefined): string[] {
  const notes: string[] = [];
  if (session.model !== undefined && model !== undefined && fullName(model) !== fullName(session.model)) {
    notes.push(`this session used ${session.model} so far; ${model} has to re-read the whole conversation`);
  }
  if (!isSameFolder(session.cwd, cwd)) {
    notes.push(`this session ran in ${session.cwd}; continuing in ${cwd}`);
  }
  if (session.isBroken) {
    notes.push('the last turn of this session was cut off; the model is informed');
  }
  if (session.badLines > 0) {
    notes.push(`${session.badLines} lines of ${session.path} cannot be read and are left out`);
  }
  return notes;
}

/** A name without a tag means the newest. */
function fullName(model: string | undefined): string | undefined {
  return model === undefined || model.includes(':') ? model : `${model}:latest`;
}

/** The session's model if the server has it, otherwise the current one. Never rejects. */
export async function modelOf(
  { loaded }: SessionPlan,
  current: ChosenModel | undefined,
  client: ModelServer,
  warn: (message: string) => void,
): Promise<ChosenModel | undefined> {
  const { model } = loaded.config;
  if (current === undefined || model === undefined || model === current.name) return current;
  try {
    return await chooseLoaded(client, model, new AbortController().signal, true);
  } catch (error) {
    warn(`${(error as Error).message}. The session continues with ${current.name}`);
    return current;
  }
}
