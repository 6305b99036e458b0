/**
 * Writes a verified plan to the disk.
 *
 * All new texts go to temporary files beside their targets; then every file is compared with what the plan was made from; then the
 * temporary files are renamed into place, and removals come last. So a reader sees the old file or the new one, never a part, and
 * nothing is written if a file has changed since the plan. Mode and owner are kept. After a failure no temporary file or new folder
 * is left.
 */
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { randomBytes } from '../../text/uuid.ts';
import { fileError, PatchError } from './errors.ts';
import { resolveLeaf, resolveTarget, sameSnapshot, systemReason, takeSnapshot } from './files.ts';
import type { Expectation, Plan, PlannedWrite } from './plan.ts';

interface Staged {
  readonly write: PlannedWrite;
  readonly temporary: string;
}

/**
 * Applies a plan.
 * @throws PatchError; its `written` names the files that had been changed before the failure, usually none.
 */
export async function applyPlan(plan: Pick<Plan, 'files'>): Promise<void> {
  const newFolders: string[] = [];
  const temporaries: string[] = [];
  const written: string[] = [];
  try {
    const staged: Staged[] = [];
    for (const { write } of plan.files) {
      if (write !== undefined) staged.push({ write, temporary: stage(write, newFolders, temporaries) });
    }
    for (const file of plan.files) {
      for (const expectation of file.expectations) await requireUnchanged(expectation);
    }
    for (const { write, temporary } of staged) {
      attempt(`Failed to write file ${write.spelled}`, () => renameSync(temporary, write.target));
      written.push(write.spelled);
    }
    for (const { op, remove } of plan.files) {
      if (remove === undefined) continue;
      const what = op.kind === 'delete' ? 'Failed to delete file' : 'Failed to remove original';
      attempt(`${what} ${remove.spelled}`, () => unlinkSync(remove.target));
      written.push(remove.spelled);
    }
  } catch (error) {
    cleanUp(temporaries, newFolders);
    throw withWritten(error, written);
  }
}

function attempt<T>(message: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw fileError(message, systemReason(error));
  }
}

/** Writes the new text beside its target; records what was created, before it can fail. */
function stage(write: PlannedWrite, newFolders: string[], temporaries: string[]): string {
  const folder = dirname(write.target);
  const created = attempt(`Failed to create parent directories for ${write.spelled}`, () =>
    mkdirSync(folder, { recursive: true }),
  );
  if (created !== undefined) {
    for (let made = folder; made.length >= created.length; made = dirname(made)) newFolders.push(made);
  }
  const temporary = join(folder, `.oagent-${randomBytes(8).toString('hex')}.tmp`);
  attempt(`Failed to write file ${write.spelled}`, () => {
    const file = openSync(temporary, 'wx', 0o666);
    temporaries.push(temporary);
    try {
      writeFileSync(file, write.text);
      if (write.keep !== undefined) {
        const { mode, uid, gid } = write.keep;
        const made = fstatSync(file);
        // Only root can give files away; for anyone else the owner is the writer, as with any editor.
        if (made.uid !== uid || made.gid !== gid) ignoringErrors(() => fchownSync(file, uid, gid));
        // After chown, which clears some bits.
        fchmodSync(file, mode);
      }
    } finally {
      closeSync(file);
    }
  });
  return temporary;
}

async function requireUnchanged({ path, follow, target, before }: Expectation): Promise<void> {
  let isSame: boolean;
  try {
    const now = await (follow ? resolveTarget(path) : resolveLeaf(path));
    isSame = now === target && sameSnapshot(await takeSnapshot(target), before);
  } catch {
    isSame = false;
  }
  if (isSame) return;
  throw fileError(
    `${path} changed while the patch was being verified; nothing was written`,
    'Read the file again and send a new patch.',
  );
}

function cleanUp(temporaries: readonly string[], newFolders: readonly string[]): void {
  for (const temporary of temporaries) ignoringErrors(() => rmSync(temporary, { force: true }));
  // The deepest first; a folder that is not empty is not ours alone any more and stays.
  for (const folder of newFolders.toSorted((a, b) => b.length - a.length)) {
    ignoringErrors(() => rmdirSync(folder));
  }
}

function ignoringErrors(action: () => void): void {
  try {
    action();
  } catch {
    // What could not be tidied up must not hide why the patch failed.
  }
}

function withWritten(error: unknown, written: readonly string[]): unknown {
  if (!(error instanceof PatchError) || written.length === 0) return error;
  const hint = [error.hint, `Already written: ${written.join(', ')}.`].filter((line) => line !== undefined);
  return new PatchError(error.fault, error.reason, { hint: hint.join('\n'), written });
}
