/** Keeps what a patch is about to change, as it is and as it will be. */
import { checkpointsFolder } from '../../config/checkpoints-folder.ts';
import { makeFolder } from '../../config/make-folder.ts';
import { uuidv7 } from '../../text/uuid.ts';
import { PatchError } from '../apply-patch/errors.ts';
import type { Snapshot } from '../apply-patch/files.ts';
import { beforeRemoval, type PlannedFile } from '../apply-patch/plan.ts';
import { appendLine, type Change, type ChangedFile, type FileState } from './change-log.ts';
import { Objects } from './objects.ts';

export interface CheckpointOwner {
  readonly home: string;
  readonly session: string;
}

export interface KeptChange {
  /** Why not all of what is there now is kept; undefined: it is. */
  readonly problem: Error | undefined;
  /** It was made. Never throws. */
  readonly made: () => void;
  /** `applyPlan` has failed with this error. Never throws. */
  readonly failed: (error: unknown) => void;
}

/**
 * To be called before the files are written.
 * @param item the number of the session's last item
 * @throws a system error: then nothing is kept. A rewind is kept whole or not at all
 */
export function keepChange(
  { home, session }: CheckpointOwner,
  { item, by }: Pick<Change, 'item' | 'by'>,
  files: readonly PlannedFile[],
): KeptChange {
  const folder = checkpointsFolder(home, session);
  makeFolder(folder);
  const objects = new Objects(folder);
  const id = uuidv7();
  const changed = files.flatMap((file) => changedFiles(file, objects));
  // What is there now would be lost.
  if (by === 'rewind' && objects.problem !== undefined) throw objects.problem;
  appendLine(folder, { change: { id, item, by, files: changed } });
  const end = (line: Parameters<typeof appendLine>[1]) => () => {
    try {
      appendLine(folder, line);
    } catch {
      // Then the files say it.
    }
  };
  const dropped = end({ dropped: id });
  return {
    problem: objects.problem,
    made: end({ made: id }),
    failed: (error) => {
      if (error instanceof PatchError && error.written.length === 0) dropped();
    },
  };
}

/** Everything that a planned file changes, each path once. */
function changedFiles(file: PlannedFile, objects: Objects): ChangedFile[] {
  const { write, rename, remove } = file;
  const changed: ChangedFile[] = [];
  if (write !== undefined) {
    const before = stateOf(write.before, objects);
    const mode = write.mode ?? write.keep?.mode;
    const after: FileState = { kind: 'file', sha256: objects.put(write.bytes), mode };
    changed.push({ path: write.target, before, after });
  }
  const gone = beforeRemoval(file);
  if (remove !== undefined && gone !== undefined && remove.target !== write?.target) {
    changed.push({ path: remove.target, before: stateOf(gone, objects), after: { kind: 'absent' } });
  }
  if (rename !== undefined) changed.push(...renamed(file, rename, objects));
  return changed;
}

/** Another spelling of a name, where capitals make no difference. */
function renamed(
  file: PlannedFile,
  { from, to }: { from: string; to: string },
  objects: Objects,
): ChangedFile[] {
  const before = file.expectations.find(({ target }) => target === from)?.before;
  if (before === undefined) return [];
  const state = stateOf(before, objects);
  return [
    { path: from, before: state, after: { kind: 'absent' } },
    { path: to, before: { kind: 'absent' }, after: state },
  ];
}

function stateOf(found: Snapshot, objects: Objects): FileState {
  if (found.kind !== 'file') return found;
  return { kind: 'file', sha256: objects.put(found.bytes), mode: found.mode };
}
