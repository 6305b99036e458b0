/**
 * Runs a patch, of the tool or of a shell command: read, verify, ask the guard, announce, write.
 *
 * A refused patch writes nothing and shows no item; an announced one is closed even if writing fails. Once writing has begun, an
 * interrupt no longer stops it halfway.
 */
import path from 'node:path';
import type { FileChange, Item } from '../../protocol.ts';
import { errorMessage } from '../../text/error-message.ts';
import type { KeptChange } from '../checkpoints/record.ts';
import { hiddenText } from '../hidden-text.ts';
import type { ToolContext, ToolResult } from '../tool.ts';
import { failure, refusal } from '../tool-call-item.ts';
import { applyPlan } from './apply.ts';
import { PatchError } from './errors.ts';
import { PatchJournal } from './journal.ts';
import { readPatch } from './normalize.ts';
import type { Patch } from './parse.ts';
import { type Plan, planPatch } from './plan.ts';
import { fileChanges, summarize } from './summary.ts';

/**
 * Verifies and applies a patch, or the text of one; relative paths start in the absolute `workdir`. Never throws for what is wrong
 * with the patch or the disk: that is a result with `ok: false`.
 */
export async function runPatch(
  input: string | Patch,
  workdir: string,
  ctx: ToolContext,
): Promise<ToolResult> {
  const started = performance.now();
  let patch: Patch;
  let plan: Plan;
  try {
    patch = typeof input === 'string' ? readPatch(input) : input;
    if (patch.ops.length === 0) return failure('patch rejected: empty patch');
    // Its errors quote the lines of a file.
    const hidden = filesOf(patch, workdir).find(ctx.guard.hides?.() ?? (() => false));
    if (hidden !== undefined) return failure(`patch rejected: ${hiddenText(hidden)}`);
    plan = await planPatch(patch, workdir);
  } catch (error) {
    if (error instanceof PatchError) return failure(`apply_patch verification failed: ${error.tool}`);
    throw error;
  }
  const changes = fileChanges(plan);
  const verdict = await ctx.guard.write({ files: plan.paths, changes, cwd: workdir }, ctx.ask);
  if (!verdict.allowed) return refusal(`patch rejected: ${verdict.message}`);
  if (ctx.signal.aborted) return refusal('patch rejected: interrupted; nothing was written');

  const id = ctx.nextItemId();
  ctx.emit({ type: 'item_started', item: fileChangeItem(id, changes, '', 'in_progress') });
  const journal = ctx.patchOwner && new PatchJournal(ctx.patchOwner);
  const kept = await keepForRewind(plan, id, ctx);
  let problem: unknown;
  try {
    await applyPlan(plan, journal);
    kept?.made();
  } catch (error) {
    problem = error;
    kept?.failed(error);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const notes = plan.files.flatMap((file) => file.notes.map((note) => `${note}\n`)).join('');
  const output = problem === undefined ? summarize(patch.ops) + notes : `${failureText(problem)}\n`;
  const status = problem === undefined ? 'completed' : 'failed';
  ctx.emit({ type: 'item_completed', item: fileChangeItem(id, changes, output, status) });
  journal?.close();
  const exitCode = problem === undefined ? 0 : 1;
  const result = `Exit code: ${exitCode}\nWall time: ${seconds} seconds\nOutput:\n${output}`;
  return { ok: problem === undefined, text: result };
}

/** Without it the patch is written all the same: it cannot be taken back then, which is said. */
async function keepForRewind(
  plan: Plan,
  itemId: string,
  { patchOwner, emit }: ToolContext,
): Promise<KeptChange | undefined> {
  const { home, session, isKept } = patchOwner ?? {};
  if (home === undefined || session === undefined || !isKept) return undefined;
  const warn = (problem: unknown): void =>
    emit({
      type: 'warning',
      message: `this change cannot be taken back by /rewind: ${errorMessage(problem)}`,
    });
  try {
    const { keepChange } = await import('../checkpoints/record.ts');
    const item = Number(/^i(\d+)$/.exec(itemId)?.[1]);
    const kept = keepChange({ home, session }, { item, by: 'patch' }, plan.files);
    if (kept.problem !== undefined) warn(kept.problem);
    return kept;
  } catch (error) {
    warn(error);
    return undefined;
  }
}

function filesOf({ ops }: Patch, workdir: string): string[] {
  return ops.map((op) => path.resolve(workdir, op.path));
}

function failureText(failure: unknown): string {
  if (failure instanceof PatchError) return failure.tool;
  return errorMessage(failure);
}

function fileChangeItem(
  id: string,
  changes: readonly FileChange[],
  output: string,
  status: 'in_progress' | 'completed' | 'failed',
): Item {
  return { type: 'file_change', id, changes, output, status };
}
