/**
 * Writes a verified plan to the disk: the one place where a patch changes files.
 *
 * All new texts go to temporary files beside their targets; then every file is compared with what the plan was made from. Files that
 * cannot be replaced are written in place, with their old bytes as the way back; then the temporary files are renamed into place, and
 * removals come last. So a reader sees the old file or the new one, never a part (of a file written in place it may), and nothing is
 * written if a file has changed since the plan. Mode, owner and attributes are kept. After a failure no temporary file or new folder
 * is left; after a kill the journal says what was to be written.
 */
import { basename } from 'node:path';
import { folded } from '../../config/paths.ts';
import { randomBytes } from '../../text/uuid.ts';
import { attempt, fileError, PatchError } from './errors.ts';
import { idIn, resolveLeaf, resolveTarget } from './files.ts';
import { type PatchJournal, withPatchLock } from './journal.ts';
import { recordOf } from './journal-entries.ts';
import { beforeRemoval, type Expectation, type Plan, type PlannedFile } from './plan.ts';
import { finishPatches } from './recover.ts';
import type { Staged } from './stage.ts';
import { Writer } from './writer.ts';

/**
 * Applies a plan.
 * @param journal where it is written down first; absent: nowhere. The caller closes it.
 * @throws PatchError; its `written` names the files that had been changed before the failure, usually none.
 */
export async function applyPlan(plan: Pick<Plan, 'files'>, journal?: PatchJournal): Promise<void> {
  if (journal === undefined) return write(plan.files, undefined);
  await withPatchLock(journal.owner.home, async () => {
    finishPatches(journal.owner);
    await write(plan.files, journal);
    journal.applied();
  });
}

async function write(files: readonly PlannedFile[], journal: PatchJournal | undefined): Promise<void> {
  const drafts = files.flatMap((file) =>
    file.write === undefined ? [] : [{ ...file.write, temporary: temporaryName() }],
  );
  const writer = new Writer();
  const written: string[] = [];
  try {
    journal?.write(recordOf(files, drafts));
    const staged = drafts.map((draft) => writer.stage(draft));
    rejectFoldedNames(staged);
    for (const file of files) {
      for (const expectation of file.expectations) await requireUnchanged(writer, expectation);
    }
    const inPlace = staged.filter(({ id }) => id === undefined);
    if (inPlace.length > 0)
      journal?.write(
        recordOf(
          files,
          drafts,
          inPlace.map(({ draft }) => draft),
        ),
      );
    writer.overwriteAll(inPlace);
    written.push(...inPlace.map(({ draft }) => draft.spelled));
    for (const one of staged) {
      if (one.id === undefined) continue;
      writer.replace(one);
      written.push(one.draft.spelled);
    }
    for (const file of files) finish(file, writer, written);
  } catch (error) {
    throw withWritten(error, written);
  } finally {
    writer.close();
  }
}

function temporaryName(): string {
  return `.oagent-${randomBytes(8).toString('hex')}.tmp`;
}

/** Renames or removes the old name of a file; never one that leads to a file that was just written. */
function finish(file: PlannedFile, writer: Writer, written: string[]): void {
  const { op, rename, remove } = file;
  if (rename !== undefined) {
    attempt(`Failed to rename ${op.path}`, () => writer.rename(rename.from, rename.to));
  }
  const before = beforeRemoval(file);
  if (remove === undefined || before === undefined) return;
  const what = op.kind === 'delete' ? 'Failed to delete file' : 'Failed to remove original';
  if (writer.remove(remove.target, before, `${what} ${remove.spelled}`)) written.push(remove.spelled);
}

/** Refuses two new files whose names are one where capitals make no difference, which only a file that is there can show. */
function rejectFoldedNames(staged: readonly Staged[]): void {
  const names = new Map<string, string>();
  for (const { draft, folder, id } of staged) {
    if (id === undefined) continue;
    const name = folded(draft.target);
    const other = names.get(name);
    names.set(name, draft.target);
    const shouted = basename(draft.temporary).toUpperCase();
    if (other === undefined || other === draft.target || idIn(folder, shouted) === undefined) continue;
    throw new PatchError({ kind: 'patch' }, `multiple operations target ${draft.spelled}`);
  }
}

async function requireUnchanged(
  writer: Writer,
  { path, follow, target, before }: Expectation,
): Promise<void> {
  const now = await (follow ? resolveTarget(path) : resolveLeaf(path)).catch(() => undefined);
  if (now === target && writer.isStill(target, before)) return;
  throw fileError(
    `${path} changed while the patch was being verified; nothing was written`,
    'Read the file again and send a new patch.',
  );
}

function withWritten(error: unknown, written: readonly string[]): unknown {
  if (!(error instanceof PatchError) || written.length === 0) return error;
  const hint = [error.hint, `Already written: ${written.join(', ')}.`].filter((line) => line !== undefined);
  return new PatchError(error.fault, error.reason, { hint: hint.join('\n'), written, cause: error.cause });
}
