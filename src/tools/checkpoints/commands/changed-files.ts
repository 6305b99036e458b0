/** What a command has changed, from two looks at the workspace, with the bytes from before it. */
import path from 'node:path';
import { contentHash } from '../../../config/project-file.ts';
import { Writer } from '../../apply-patch/writer.ts';
import { type ChangedFile, type FileState, readChanges } from '../change-log.ts';
import type { Objects } from '../objects.ts';
import { isSameContent } from '../rewind-plan.ts';
import type { Copies } from './copies.ts';
import type { KnownFile, KnownFolder, Stamp } from './known.ts';
import { type Found, statsAt } from './read-file.ts';
import type { Seen } from './workspace.ts';

export interface CommandRun {
  /** Milliseconds of the epoch, by the clock of the file system. */
  readonly begunMs: number;
  /** Undefined: it was watched until now. */
  readonly cutOff?: CutOff | undefined;
}

interface CutOff {
  /** When it was still watched. What was changed later may be somebody else's work. */
  readonly untilMs: number;
  /** Those of the workspace when it began. */
  readonly folders: ReadonlyMap<string, KnownFolder>;
}

/** Of files that are too large to be copied: only their digests are kept. */
const MOST_HASHED = 64 * 1024 * 1024;
const ABSENT: FileState = { kind: 'absent' };
const UNKNOWN: FileState = { kind: 'unknown' };
const LATE: FileState = { kind: 'unknown', isLate: true };

/** Paths that the session has changed before. */
export function changedPaths(folder: string): Set<string> {
  return new Set(readChanges(folder).flatMap(({ files }) => files.map((file) => file.path)));
}

/** @param copies what is in `objects` afterwards was there. @throws a system error if a copy cannot be read */
export function changedFiles(
  seen: readonly Seen[],
  { begunMs, cutOff }: CommandRun,
  { copies, objects }: { readonly copies: Copies; readonly objects: Objects },
): ChangedFile[] {
  const keep = (file: KnownFile): FileState => {
    const bytes = file.copy && copies.get(file.copy);
    if (bytes === undefined) return UNKNOWN;
    return { kind: 'file', sha256: objects.put(bytes), mode: file.stamp.mode };
  };
  const moved = movedFrom(seen);
  const before = ({ was, is }: Seen): FileState => {
    if (was === undefined || was === 'other') return UNKNOWN;
    if (was !== 'new' && was !== 'absent') return keep(was);
    // A file that was made before has been moved here: it is lost if it goes, unless it is put back where it was.
    const isOld = is.kind === 'file' && is.bornMs < begunMs && !moved.has(identity(is.file.stamp));
    return isOld ? UNKNOWN : ABSENT;
  };
  let left = MOST_HASHED;
  const after = (file: string, is: Found): FileState => {
    if (cutOff !== undefined && changedAt(file, is, cutOff) > cutOff.untilMs) return LATE;
    if (is.kind === 'absent') return ABSENT;
    if (is.kind === 'link') return { kind: 'link', to: is.to };
    if (is.kind === 'other') return UNKNOWN;
    if (is.file.copy !== undefined) return keep(is.file);
    left -= is.file.stamp.size;
    return left < 0 ? UNKNOWN : hashed(file);
  };
  return seen.flatMap((one): ChangedFile[] => {
    const file = { path: one.path, before: before(one), after: after(one.path, one.is) };
    return isNothing(file) ? [] : [file];
  });
}

/** Files that were somewhere else before, and were kept there. */
function movedFrom(seen: readonly Seen[]): ReadonlySet<string> {
  return new Set(
    seen.flatMap(({ was, is }) => {
      if (typeof was !== 'object' || was.copy === undefined) return [];
      const old = identity(was.stamp);
      return is.kind === 'file' && identity(is.file.stamp) === old ? [] : [old];
    }),
  );
}

function identity({ dev, ino }: Pick<Stamp, 'dev' | 'ino'>): string {
  return `${dev}:${ino}`;
}

/**
 * Of what is gone: when the folder that it was in has changed. A folder that was not there before may have been put there with older files
 * in it, so it counts as well.
 */
function changedAt(file: string, is: Found, { folders }: CutOff): number {
  let latest = is.kind === 'file' ? is.file.stamp.ctimeMs : is.kind === 'link' ? is.ctimeMs : 0;
  let isGone = is.kind === 'absent';
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const stats = statsAt(folder);
    const known = folders.get(folder)?.stamp;
    const isOld = stats !== undefined && known !== undefined && identity(known) === identity(stats);
    if (stats !== undefined && (isGone || !isOld)) latest = Math.max(latest, stats.ctimeMs);
    if (stats !== undefined) isGone = false;
    if (isOld || path.dirname(folder) === folder) return latest;
  }
}

function hashed(file: string): FileState {
  const writer = new Writer();
  try {
    const found = writer.snapshot(file);
    return found.kind === 'file'
      ? { kind: 'file', sha256: contentHash(found.bytes), mode: found.mode }
      : UNKNOWN;
  } catch {
    return UNKNOWN;
  } finally {
    writer.close();
  }
}

function isNothing({ before, after }: ChangedFile): boolean {
  if (!isSameContent(before, after)) return false;
  return before.kind !== 'file' || after.kind !== 'file' || before.mode === after.mode;
}
