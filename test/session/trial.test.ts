/** The end of a trial, as it was decided: what was dropped leaves no trace for a later rewind. Nothing is mounted for that. */
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { checkpointsFolder } from '../../src/config/checkpoints-folder.ts';
import { trialFolder } from '../../src/config/trial-folder.ts';
import { endTrial, sessionTrial } from '../../src/session/trial.ts';
import { appendLine, readChanges } from '../../src/tools/checkpoints/change-log.ts';
import { changeTrial, makeTrial, type TrialRecord } from '../../src/tools/trial/record.ts';
import { tempFolder } from '../support/temp-folder.ts';

const SESSION = 'session';

/** A session with three changes, of which the last two were made in its trial. */
async function trial(decided: Partial<TrialRecord>, since: string | undefined = '1') {
  const base = await tempFolder();
  const [home, workspace] = [path.join(base, 'home'), path.join(base, 'ws')];
  for (const folder of [checkpointsFolder(home, SESSION), workspace]) mkdirSync(folder, { recursive: true });
  for (const [at, id] of ['1', '2', '3'].entries())
    appendLine(checkpointsFolder(home, SESSION), { change: { id, item: at, by: 'patch', files: [] } });
  const folder = trialFolder(home, SESSION);
  makeTrial(folder, { workspace, since });
  changeTrial(folder, decided);
  const pending = sessionTrial(home, SESSION);
  if (pending === undefined) throw new Error('there is one');
  return {
    end: await endTrial(pending, SESSION),
    isThere: existsSync(folder),
    changes: readChanges(checkpointsFolder(home, SESSION)).map(({ id }) => id),
  };
}

const over = (line: string) => ({ isOpen: false, lines: [line], isIncomplete: false });

test('of one that was dropped no change is left to be taken back', async () => {
  expect(await trial({ state: 'over', dropped: ['a.txt'] })).toEqual({
    end: over('Dropped: nothing of the trial is left.'),
    isThere: false,
    changes: ['1'],
  });
  expect((await trial({ state: 'over', dropped: ['a.txt'], since: undefined })).changes).toEqual([]);
});

test('of one that was kept all changes are, also if oagent was killed before its folder was gone', async () => {
  expect(await trial({ state: 'over' })).toEqual({
    end: { isOpen: false, lines: [], isIncomplete: false },
    isThere: false,
    changes: ['1', '2', '3'],
  });
});

test('one that is not decided stays', async () => {
  expect(await trial({})).toEqual({
    end: { isOpen: true, lines: [], isIncomplete: false },
    isThere: true,
    changes: ['1', '2', '3'],
  });
});
