/**
 * Writes a verified plan to the disk: the one place where a patch changes files.
 *
 * All new texts go to temporary files beside their targets; then every file is compared with what the plan was made from. Files that
 * cannot be replaced are written in place, with their old bytes as the way back; then the temporary files are renamed into place, and
 * removals come last. So a reader sees the old file or the new one, never a part (of a file written in place it may), and nothing is
 * written if a file has changed since the plan. Mode, owner and attributes are kept. After a failure no temporary file or new folder
 * is left.
 */
import { existsSync, renameSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { errorCode } from '../../text/error-message.ts';
import { attempt, fileError, PatchError, systemError } from './errors.ts';
import { idAt, resolveLeaf, resolveTarget, sameSnapshot, takeSnapshot } from './files.ts';
import { writeInPlace } from './in-place.ts';
import type { Expectation, Plan, PlannedFile, PlannedWrite } from './plan.ts';
import { Stage, type Staged } from './stage.ts';

/** A rename that fails with these may be a write that succeeds: a mount point, somebody else's file in a shared folder. */
const CANNOT_REPLACE: readonly string[] = ['EBUSY', 'EPERM', 'EACCES', 'EXDEV', 'EROFS'];

/**
 * Applies a plan.
 * @throws PatchError; its `written` names the files that had been changed before the failure, usually none.
 */
export async function applyPlan(plan: Pick<Plan, 'files'>): Promise<void> {
  const stage = new Stage();
  const written: string[] = [];
  try {
    const staged = plan.files.flatMap(({ write }) => (write === undefined ? [] : stage.add(write)));
    rejectFoldedNames(staged);
    for (const file of plan.files) {
      for (const expectation of file.expectations) await requireUnchanged(expectation);
    }
    commitInPlace(
      staged.filter(({ temporary }) => temporary === undefined).map(({ write }) => write),
      written,
    );
    for (const { write, temporary } of staged) {
      if (temporary === undefined) continue;
      replace(temporary, write);
      written.push(write.spelled);
    }
    for (const file of plan.files) finish(file, stage.ids, written);
  } catch (error) {
    throw withWritten(error, written);
  } finally {
    stage.cleanUp();
  }
}

/** Writes all or none. */
function commitInPlace(writes: readonly PlannedWrite[], written: string[]): void {
  const done: PlannedWrite[] = [];
  try {
    for (const write of writes) {
      overwrite(write);
      done.push(write);
    }
  } catch (error) {
    for (const { target, before, bytes } of done) {
      if (before.kind === 'file') writeInPlace(target, before.bytes, { ...before, bytes });
    }
    throw error;
  }
  written.push(...done.map(({ spelled }) => spelled));
}

function overwrite({ spelled, target, bytes, before }: PlannedWrite): void {
  attempt(`Failed to write file ${spelled}`, () => {
    if (before.kind === 'file') writeInPlace(target, bytes, before);
  });
}

function replace(temporary: string, write: PlannedWrite): void {
  try {
    renameSync(temporary, write.target);
  } catch (error) {
    const canTry = write.before.kind === 'file' && CANNOT_REPLACE.includes(errorCode(error) ?? '');
    if (!canTry) throw systemError(`Failed to write file ${write.spelled}`, error);
    overwrite(write);
  }
}

/** Renames or removes the old name of a file; never one that leads to a file that was just written. */
function finish({ op, rename, remove }: PlannedFile, ids: ReadonlySet<string>, written: string[]): void {
  if (rename !== undefined) {
    attempt(`Failed to rename ${op.path}`, () => renameSync(rename.from, rename.to));
  }
  if (remove === undefined || ids.has(idAt(remove.target) ?? '')) return;
  const what = op.kind === 'delete' ? 'Failed to delete file' : 'Failed to remove original';
  attempt(`${what} ${remove.spelled}`, () => unlinkSync(remove.target));
  written.push(remove.spelled);
}

/** Refuses two new files whose names are one where capitals make no difference, which only a file that is there can show. */
function rejectFoldedNames(staged: readonly Staged[]): void {
  const names = new Map<string, string>();
  for (const { write, temporary } of staged) {
    if (temporary === undefined) continue;
    const folded = write.target.normalize('NFC').toLowerCase();
    const other = names.get(folded);
    names.set(folded, write.target);
    const shouted = join(dirname(temporary), basename(temporary).toUpperCase());
    if (other === undefined || other === write.target || !existsSync(shouted)) continue;
    throw new PatchError({ kind: 'patch' }, `multiple operations target ${write.spelled}`);
  }
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

function withWritten(error: unknown, written: readonly string[]): unknown {
  if (!(error instanceof PatchError) || written.length === 0) return error;
  const hint = [error.hint, `Already written: ${written.join(', ')}.`].filter((line) => line !== undefined);
  return new PatchError(error.fault, error.reason, { hint: hint.join('\n'), written });
}
