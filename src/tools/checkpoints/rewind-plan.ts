/**
 * What going back would do to the files, found out without touching any.
 *
 * A file gets what it was before the first of the changes that are taken back, if nobody but oagent has touched it from then until
 * now: each change must have begun with what the one before it left, and the file must be as the last one left it. Otherwise it is
 * refused, alone, since what somebody else wrote would be lost.
 */
import type { Change, ChangedFile, FileState } from './change-log.ts';

export interface RewindStep {
  readonly path: string;
  readonly from: FileState;
  readonly to: FileState;
}

export type RefusalKind =
  /** Somebody else has changed it after the last change of oagent's. */
  | 'changed'
  /** Somebody else has changed it between two of them. */
  | 'changed_between'
  /** A folder, a device, or what cannot be read is there. */
  | 'unreadable'
  /** What it was is not kept any more. */
  | 'forgotten'
  /** What it was before a command changed it was never kept. */
  | 'not_kept'
  /** It is not known what a command has made of it. */
  | 'unclear'
  /** It was changed when oagent was killed in a command, or later. */
  | 'late'
  /** It was a link: oagent makes none. */
  | 'link'
  /** It may not be written. */
  | 'forbidden';

export interface RewindRefusal {
  readonly path: string;
  readonly kind: RefusalKind;
  /** Before the first of the changes. */
  readonly before: FileState;
  /** As oagent left it. */
  readonly left: FileState;
  readonly now: FileState | undefined;
}

export interface RewindPlan {
  readonly steps: readonly RewindStep[];
  readonly refused: readonly RewindRefusal[];
  /** They are as they were already. */
  readonly same: readonly string[];
}

/** What is known of the disk. */
export interface Present {
  /** Undefined: it cannot be read, or is no file. */
  readonly now: (path: string) => FileState | undefined;
  /** Whether the content is kept. */
  readonly has: (sha256: string) => boolean;
  readonly mayWrite: (path: string) => boolean;
}

/** @param changes those that are taken back, the oldest first, up to the last one of the session */
export function planRewind(changes: readonly Change[], present: Present): RewindPlan {
  const steps: RewindStep[] = [];
  const refused: RewindRefusal[] = [];
  const same: string[] = [];
  const touched = [...touchesByPath(changes)].toSorted(([one], [other]) => (one < other ? -1 : 1));
  for (const [path, touches] of touched) {
    const [first] = touches;
    const last = touches.at(-1);
    if (first === undefined || last === undefined) continue;
    const [now, to] = [present.now(path), first.before];
    const refuse = (kind: RefusalKind): unknown =>
      refused.push({ path, kind, before: to, left: last.after, now });
    if (now === undefined) refuse('unreadable');
    else if (isAs(now, to)) same.push(path);
    else if (to.kind === 'unknown') refuse('not_kept');
    else if (touches.some(isLate)) refuse('late');
    else if (isUnclear(touches)) refuse('unclear');
    else if (!wasLeftAs(last, now)) refuse('changed');
    else if (hasGap(touches)) refuse('changed_between');
    else if (to.kind === 'link' || now.kind === 'link') refuse('link');
    else if (!present.mayWrite(path)) refuse('forbidden');
    else if (to.kind === 'file' && !present.has(to.sha256)) refuse('forgotten');
    else steps.push({ path, from: now, to });
  }
  return { steps, refused, same };
}

interface Touch extends ChangedFile {
  readonly isSure: boolean;
}

function touchesByPath(changes: readonly Change[]): Map<string, Touch[]> {
  const all = new Map<string, Touch[]>();
  for (const { files, isSure } of changes) {
    for (const file of files) {
      const touches = all.get(file.path) ?? [];
      touches.push({ ...file, isSure });
      all.set(file.path, touches);
    }
  }
  return all;
}

function isLate({ after }: Touch): boolean {
  return after.kind === 'unknown' && after.isLate === true;
}

function isUnclear(touches: readonly Touch[]): boolean {
  return touches.some(({ before, after }) => before.kind === 'unknown' || after.kind === 'unknown');
}

function hasGap(touches: readonly Touch[]): boolean {
  return touches.some((touch, at) => {
    const next = touches[at + 1];
    return next !== undefined && !wasLeftAs(touch, next.before);
  });
}

/** A change that was not confirmed may not have been made. */
function wasLeftAs({ before, after, isSure }: Touch, state: FileState): boolean {
  return isSameContent(after, state) || (!isSure && isSameContent(before, state));
}

function isAs(now: FileState, wanted: FileState): boolean {
  if (!isSameContent(now, wanted)) return false;
  return now.kind !== 'file' || wanted.kind !== 'file' || (wanted.mode ?? now.mode) === now.mode;
}

/** The same bytes, or the same link, or nothing, for certain. */
export function isSameContent(one: FileState, other: FileState): boolean {
  if (one.kind === 'file') return other.kind === 'file' && one.sha256 === other.sha256;
  if (one.kind === 'link') return other.kind === 'link' && one.to === other.to;
  return one.kind === 'absent' && other.kind === 'absent';
}
