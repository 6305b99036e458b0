/** What can be asked and decided where a trial is mounted: in the process that works in it, or in one that is started for that. */
import { readdirSync } from 'node:fs';
import { HeldFolder } from '../../system/held-folder.ts';
import { errorCode } from '../../text/error-message.ts';
import { readBase } from './base.ts';
import { findChanges, type TrialChange, type TrialChanges, type TrialFolders } from './changes.ts';
import { changeTrial, partOf, readTrial, replaceFile } from './record.ts';
import { changedFile, diffOf, type TrialReport } from './report.ts';

/** The files that a trial has changed, with their figures. @param folder that of the trial, real. @throws Error */
export function lookAtTrial(folder: string): TrialReport {
  return inTrial(folder, (folders, found) => ({
    files: notable(found.changes).map((change) => changedFile(change, folders)),
    left: found.left,
  }));
}

/** All of it as one unified diff, for reading. @throws Error */
export function trialDiff(folder: string): string {
  return inTrial(folder, (folders, { changes }) =>
    notable(changes)
      .map((change) => diffOf(change, folders))
      .join(''),
  );
}

/** Notes that it is to be kept, which is done when nothing is mounted any more. @throws Error */
export function decideToKeep(folder: string, isPartial: boolean): void {
  inTrial(folder, (_, found) => replaceFile(partOf(folder, 'plan.json'), JSON.stringify(found)));
  changeTrial(folder, { state: 'keep', isPartial });
}

/** Notes that nothing of it is to remain. @throws Error */
export function decideToDrop(folder: string): void {
  const dropped = inTrial(folder, (_, { changes }) => notable(changes).map(({ path }) => path));
  changeTrial(folder, { state: 'over', dropped });
}

/** Whether it is certain that nothing was written at all: quick. */
export function isUntouched(folder: string): boolean {
  try {
    return readdirSync(partOf(folder, 'upper')).length === 0;
  } catch (error) {
    return errorCode(error) === 'ENOENT';
  }
}

function inTrial<T>(folder: string, work: (folders: TrialFolders, found: TrialChanges) => T): T {
  const held: HeldFolder[] = [];
  const hold = (path: string): HeldFolder => {
    const one = HeldFolder.open(path);
    held.push(one);
    return one;
  };
  try {
    const folders = {
      upper: hold(partOf(folder, 'upper')),
      lower: hold(partOf(folder, 'lower')),
      merged: hold(workspaceOf(folder)),
    };
    return work(folders, findChanges(folders, readBase(partOf(folder, 'base'))));
  } finally {
    for (const one of held) one.close();
  }
}

function workspaceOf(folder: string): string {
  const record = readTrial(folder);
  if (record === undefined) throw new Error(`there is no trial in ${folder}`);
  return record.workspace;
}

/** A folder counts by what is in it. */
function notable(changes: readonly TrialChange[]): readonly TrialChange[] {
  return changes.filter(({ path, before, after, isConflict }, at) => {
    const isFolder = (before?.kind ?? 'folder') === 'folder' && ['folder', 'absent'].includes(after.kind);
    const isFilled = changes[at + 1]?.path.startsWith(`${path}/`) === true;
    const hasOther = before !== undefined && after.kind === 'folder';
    return isConflict === true || !isFolder || hasOther || !isFilled;
  });
}
