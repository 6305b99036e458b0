/** A session on trial (`/try`): it begins, a process is started that sees the workspace with it, and what was decided is carried out. */

import { notes } from '../agent/notes.ts';
import { checkpointsFolder } from '../config/checkpoints-folder.ts';
import { makeFolder } from '../config/make-folder.ts';
import { realPath } from '../config/paths.ts';
import { trialFolder } from '../config/trial-folder.ts';
import { lockHolder } from '../rollout/lock.ts';
import { findRollout } from '../rollout/paths.ts';
import { appendTo, openStored } from '../rollout/store.ts';
import { ENDING_SIGNALS } from '../system/ending-signals.ts';
import { type HeldLock, lockFile } from '../system/process-lock.ts';
import { runInTerminal } from '../system/run.ts';
import { plural } from '../text/digits.ts';
import { errorMessage } from '../text/error-message.ts';
import { journalFolder } from '../tools/apply-patch/journal-folder.ts';
import { appendLine, readChanges } from '../tools/checkpoints/change-log.ts';
import { finishCutOff } from '../tools/checkpoints/commands/cut-off.ts';
import { MOST_ENTRIES, TooManyEntries, takeBase, writeBase } from '../tools/trial/base.ts';
import { decideToDrop, decideToKeep } from '../tools/trial/inside.ts';
import { type KeepOutcome, keepTrial } from '../tools/trial/keep.ts';
import { mountedCommand, probeTrial, TrialError, type TrialPlace } from '../tools/trial/mount.ts';
import { makeTrial, partOf, readTrial, removeTrial, type TrialState } from '../tools/trial/record.ts';
import type { SessionPlan } from './plan.ts';
import { SessionError } from './session-error.ts';

/** The trial that a session has, or would have. */
function trialPlace(home: string, session: string, workspace: string): TrialPlace {
  return { home, workspace, folder: realPath(trialFolder(home, session)) };
}

export interface Trial {
  readonly place: TrialPlace;
  readonly state: TrialState;
}

/** The trial that a session has; undefined: none. @throws Error if it cannot be read */
export function sessionTrial(home: string, session: string): Trial | undefined {
  const record = readTrial(trialFolder(home, session));
  return record && { place: trialPlace(home, session, record.workspace), state: record.state };
}

/**
 * Makes a trial of the workspace as it is now. Nothing is mounted yet.
 * @throws TrialError that says why not, and what to do
 */
export async function beginTrial({
  home,
  cwd,
  threadId,
  permissions,
  isEphemeral,
  env,
}: SessionPlan): Promise<TrialPlace> {
  if (isEphemeral)
    throw new TrialError('A session that is not kept cannot be on trial: start without --ephemeral.');
  if (permissions.mode === 'read-only')
    throw new TrialError(
      'Nothing can be written here, so nothing can be tried: choose with /permissions first.',
    );
  const place = trialPlace(home, threadId, realPath(cwd));
  makeFolder(journalFolder(home));
  // What was done outside of the trial stays done when that is dropped.
  await finishCutOff({ home, session: threadId });
  const since = readChanges(checkpointsFolder(home, threadId)).at(-1)?.id;
  makeTrial(place.folder, { workspace: place.workspace, since });
  try {
    await probeTrial(place, env);
    writeBase(partOf(place.folder, 'base'), takeBase(place.workspace));
    return place;
  } catch (error) {
    removeTrial(place.folder);
    if (error instanceof TooManyEntries)
      throw new TrialError(`The workspace has more than ${MOST_ENTRIES} files, too many for a trial.`);
    throw error instanceof TrialError
      ? error
      : new TrialError(`A trial cannot be made: ${errorMessage(error)}`);
  }
}

/**
 * Runs a program of oagent's own in the trial, on this terminal, until it ends. It ends when we do: then its descriptor 3 is closed.
 * @param args of oagent
 * @returns its exit code
 * @throws SessionError if another process is in it; TrialError
 */
export async function runInTrial(
  place: TrialPlace,
  session: string,
  args: readonly string[],
): Promise<number> {
  const lock = lockFile(partOf(place.folder, 'lock'));
  if (lock.isHeld) throw inUse(lock);
  try {
    const rollout = findRollout(place.home, session)?.path;
    const holder = rollout === undefined ? undefined : lockHolder(rollout);
    if (holder !== undefined) throw inUse(holder);
    const program = [process.execPath, ...process.execArgv, realPath(process.argv[1] ?? ''), ...args];
    const [file = '', ...rest] = mountedCommand(place, program, process.env);
    return await runInTerminal(file, rest, {
      cwd: place.folder,
      env: process.env,
      passedOn: ENDING_SIGNALS,
      isWatched: true,
    });
  } finally {
    lock.release();
  }
}

function inUse({ pid }: HeldLock): SessionError {
  return new SessionError(`another oagent (process ${pid}) works on this trial. Leave it there first`);
}

export type TrialDecision = 'keep' | 'others' | 'drop';

/**
 * Notes what is to become of a trial. For the process in which it is mounted, when no command of the session runs any more.
 * @param others all but what somebody else has changed is kept
 * @throws Error
 */
export async function decideTrial(home: string, session: string, how: TrialDecision): Promise<void> {
  const folder = realPath(trialFolder(home, session));
  // A command that was cut off has written here: outside, its work would be taken for somebody else's, or the other way round.
  await finishCutOff({ home, session });
  if (how === 'drop') decideToDrop(folder);
  else decideToKeep(folder, how === 'others');
}

export interface TrialEnd {
  /** Undecided, or refused: it is still there. */
  readonly isOpen: boolean;
  /** For the user. */
  readonly lines: readonly string[];
  /** Something is not as it was wished. */
  readonly isIncomplete: boolean;
}

/**
 * Carries out what was decided, or was being carried out when oagent was killed. Nothing may be mounted any more.
 * @throws Error with a message for the user
 */
export async function endTrial({ place, state }: Trial, session: string): Promise<TrialEnd> {
  if (state === 'open') return { isOpen: true, lines: [], isIncomplete: false };
  if (state === 'over') {
    const { dropped, since } = readTrial(place.folder) ?? {};
    if (dropped !== undefined) forgetChanges(place.home, session, since);
    await tellModel(place, session, dropped ?? []);
    removeTrial(place.folder);
    const said = dropped?.length === 0 ? 'The trial is over.' : 'Dropped: nothing of the trial is left.';
    const lines = dropped === undefined ? [] : [said];
    return { isOpen: false, lines, isIncomplete: false };
  }
  const outcome = await keepTrial(place.home, place.folder);
  const lines = keptLines(outcome);
  const isIncomplete = outcome.left.length > 0;
  if (outcome.isRefused) return { isOpen: true, lines, isIncomplete };
  await tellModel(
    place,
    session,
    outcome.left.map((one) => one.path),
  );
  removeTrial(place.folder);
  return { isOpen: false, lines, isIncomplete };
}

/** A rewind does not count what was never in the files. @param since the last change before the trial */
function forgetChanges(home: string, session: string, since: string | undefined): void {
  const folder = checkpointsFolder(home, session);
  const changes = readChanges(folder);
  const first = since === undefined ? 0 : changes.findIndex(({ id }) => id === since) + 1;
  for (const { id } of changes.slice(first)) appendLine(folder, { dropped: id });
}

function keptLines({ isRefused, kept, left }: KeepOutcome): string[] {
  const files = kept.filter(
    ({ after, before }) => after.kind !== 'folder' && before?.kind !== 'folder',
  ).length;
  const first = isRefused ? 'Nothing was kept:' : `Kept: ${plural(files, 'file')}.`;
  const others = left.map((one) => `  ${one.path}: ${one.reason}`);
  return isRefused || left.length === 0 ? [first, ...others] : [first, 'Left alone:', ...others];
}

/** The model is told of files that are not as it left them. */
async function tellModel({ home }: TrialPlace, session: string, files: readonly string[]): Promise<void> {
  const file = findRollout(home, session)?.path;
  if (file === undefined || files.length === 0) return;
  const content = notes.filesRewound(files);
  const { lock } = openStored(file);
  try {
    await appendTo(file, lock, [{ type: 'response_item', payload: { type: 'user', kind: 'note', content } }]);
  } finally {
    if (!lock.isHeld) lock.release();
  }
}
