import { readFileSync } from 'node:fs';
import { partOf } from '../../tools/trial/record.ts';
import { interactiveCommand } from './interactive.ts';
import { openTrial, type TrialStart } from './trial.ts';

/** `oagent in-trial`: the process in which the trial is mounted. */
export async function sessionInTrial(folder: string): Promise<number> {
  const start: TrialStart = JSON.parse(readFileSync(partOf(folder, 'begin.json'), 'utf8'));
  const { session, isKept, flags, prompt, isShown } = start;
  const choice = { kind: 'resume', session, isAll: true, isShown, isOnTrial: true } as const;
  return interactiveCommand(prompt, flags, isKept ? choice : undefined, openTrial(folder, session));
}
