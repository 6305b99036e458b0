/**
 * Writes a verified plan to the disk.
 *
 * Owns: the order of writing: all new texts go to temporary files beside their targets, then every file is
 * compared with what was planned against, then the temporary files are renamed into place, and removals come
 * last. Invariants: a reader sees the old file or the new one, never a part; nothing is written if any file
 * changed since the plan; mode and owner are kept; no temporary file or new folder stays behind after a failure.
 * Does not: decide what is written (plan.ts) or whether it may be (tool.ts).
 */
import { mkdir, open, rename, rm, rmdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { randomBytes } from '../../text/crypto.ts';
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
      if (write !== undefined) staged.push({ write, temporary: await stage(write, newFolders, temporaries) });
    }
    for (const file of plan.files) {
      for (const expectation of file.expectations) await requireUnchanged(expectation);
    }
    for (const { write, temporary } of staged) {
      await attempt(`Failed to write file ${write.spelled}`, () => rename(temporary, write.target));
      written.push(write.spelled);
    }
    for (const { op, remove } of plan.files) {
      if (remove === undefined) continue;
      const what = op.kind === 'delete' ? 'Failed to delete file' : 'Failed to remove original';
      await attempt(`${what} ${remove.spelled}`, () => unlink(remove.target));
      written.push(remove.spelled);
    }
  } catch (error) {
    await cleanUp(temporaries, newFolders);
    throw withWritten(error, written);
  }
}

async function attempt<T>(message: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw fileError(message, systemReason(error));
  }
}

/** Writes the new text beside its target; records what was created, before it can fail. */
async function stage(write: PlannedWrite, newFolders: string[], temporaries: string[]): Promise<string> {
  const folder = dirname(write.target);
  const created = await attempt(`Failed to create parent directories for ${write.spelled}`, () =>
    mkdir(folder, { recursive: true }),
  );
  if (created !== undefined) {
    for (let made = folder; made.length >= created.length; made = dirname(made)) newFolders.push(made);
  }
  const temporary = join(folder, `.oagent-${randomBytes(8).toString('hex')}.tmp`);
  await attempt(`Failed to write file ${write.spelled}`, async () => {
    const handle = await open(temporary, 'wx', 0o666);
    temporaries.push(temporary);
    try {
      await handle.writeFile(write.text);
      if (write.keep !== undefined) {
        const { mode, uid, gid } = write.keep;
        const made = await handle.stat();
        // Only root can give files away; for anyone else the owner is the writer, as with any editor.
        if (made.uid !== uid || made.gid !== gid) await handle.chown(uid, gid).catch(() => undefined);
        // After chown, which clears some bits.
        await handle.chmod(mode);
      }
    } finally {
      await handle.close();
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

async function cleanUp(temporaries: readonly string[], newFolders: readonly string[]): Promise<void> {
  for (const temporary of temporaries) await rm(temporary, { force: true }).catch(() => undefined);
  // The deepest first; a folder that is not empty is not ours alone any more and stays.
  for (const folder of newFolders.toSorted((a, b) => b.length - a.length)) {
    await rmdir(folder).catch(() => undefined);
  }
}

function withWritten(error: unknown, written: readonly string[]): unknown {
  if (!(error instanceof PatchError) || written.length === 0) return error;
  const hint = [error.hint, `Already written: ${written.join(', ')}.`].filter((line) => line !== undefined);
  return new PatchError(error.fault, error.reason, { hint: hint.join('\n'), written });
}
