/**
 * A trial on the disk: what it is a trial of, and what has been decided. The file is replaced whole, so a kill leaves the old
 * state or the new one.
 *
 * `upper` has what was written, `lower` and `work` are for the kernel, `patches` are the journals of patches in it, `base` is what the
 * workspace was when it began, `begin.json` how its session was started.
 */
import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../../config/make-folder.ts';
import { isGone } from '../../system/held-folder.ts';
import { removeTree } from '../../system/remove-tree.ts';

export type TrialState =
  /** Nothing is decided. */
  | 'open'
  /** It is to be kept; nothing of it is in the workspace yet. */
  | 'keep'
  /** Files are being put into the workspace: this is finished, whatever happens. */
  | 'keeping'
  /** It is to be dropped, or is kept: only its folder is left. */
  | 'over';

export interface TrialRecord {
  /** Real. */
  readonly workspace: string;
  readonly state: TrialState;
  /** Of `keep`: all but what somebody else has changed meanwhile. */
  readonly isPartial?: boolean | undefined;
  /** The name of the folder in the workspace with what is being put there. */
  readonly stage?: string | undefined;
  /** The last change that was kept for a rewind before the trial began. */
  readonly since?: string | undefined;
  /** Paths that are not as they were in the trial, of one that was dropped. */
  readonly dropped?: readonly string[] | undefined;
  /** What is left alone when it is kept. */
  readonly left?: readonly LeftAlone[] | undefined;
}

/** A path relative to the workspace, and why it is left as it is. */
export interface LeftAlone {
  readonly path: string;
  readonly reason: string;
}

const NAMES = ['upper', 'lower', 'work', 'patches'] as const;
const RECORD = 'trial.json';

/** @param folder that of the trial */
export function partOf(
  folder: string,
  part: (typeof NAMES)[number] | 'base' | 'plan.json' | 'begin.json' | 'lock',
): string {
  return path.join(folder, part);
}

/** What a kill has left of another one, which has no record, goes. @throws a system error */
export function makeTrial(
  folder: string,
  { workspace, since }: Pick<TrialRecord, 'workspace' | 'since'>,
): void {
  if (readTrial(folder) === undefined) removeTree(folder);
  makeFolder(folder);
  for (const name of NAMES) makeFolder(path.join(folder, name));
  writeTrial(folder, { workspace, state: 'open', since });
}

/** Undefined: there is none. @throws Error if it cannot be read: what is in the trial must not be taken for nothing */
export function readTrial(folder: string): TrialRecord | undefined {
  let text: string;
  try {
    text = readFileSync(path.join(folder, RECORD), 'utf8');
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
  return JSON.parse(text);
}

function writeTrial(folder: string, record: TrialRecord): void {
  replaceFile(path.join(folder, RECORD), JSON.stringify(record));
}

/** The rest stays as it is. @throws Error if there is no trial */
export function changeTrial(folder: string, change: Partial<TrialRecord>): TrialRecord {
  const record = readTrial(folder);
  if (record === undefined) throw new Error(`there is no trial in ${folder}`);
  const changed = { ...record, ...change };
  writeTrial(folder, changed);
  return changed;
}

/** @throws a system error */
export function replaceFile(file: string, text: string): void {
  const descriptor = openSync(`${file}.new`, 'w', 0o600);
  try {
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(`${file}.new`, file);
}

/** Nothing may be mounted there any more. The record goes last, so a kill leaves a trial that is over. @throws a system error */
export function removeTrial(folder: string): void {
  const record = readTrial(folder);
  if (record !== undefined && record.state !== 'over') changeTrial(folder, { state: 'over' });
  for (const name of entriesOf(folder)) if (name !== RECORD) removeTree(path.join(folder, name));
  rmSync(folder, { recursive: true, force: true });
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
