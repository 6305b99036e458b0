/**
 * What was cut off by the end of an oagent, before a session begins: patches in its workspace are finished or undone, and of a command of the
 * session it is written down what it has changed, before anything else changes. Where nothing was cut off, nothing is loaded.
 */
import { existsSync } from 'node:fs';
import { checkpointsFolder, runningFile } from '../config/checkpoints-folder.ts';
import { journalNames } from '../tools/apply-patch/journal-folder.ts';
import type { SessionPlan } from './plan.ts';

/** @returns the plan; the calls of the session being resumed say what became of their patches. Never rejects. */
export async function withWorkFinished(plan: SessionPlan): Promise<SessionPlan> {
  await finishCommand(plan);
  if (journalNames(plan.home).length === 0) return plan;
  const { withPatchesFinished } = await import('./unfinished-patches.ts');
  return withPatchesFinished(plan);
}

async function finishCommand({ home, stored }: SessionPlan): Promise<void> {
  if (stored === undefined) return;
  const session = stored.session.meta.id;
  if (!existsSync(runningFile(checkpointsFolder(home, session)))) return;
  const { finishCutOff } = await import('../tools/checkpoints/commands/cut-off.ts');
  await finishCutOff({ home, session });
}
