import { expect, test } from 'vitest';
import { newTrialChoice, trialDialog } from '../../../src/tui/overlay/trial-choice.ts';
import type { TriedFile, TriedReport } from '../../../src/tui/ports.ts';
import { keyOf } from '../../../src/tui/term/keys.ts';
import { contextOf, expectToFit, seen } from './overlay-screen.ts';

const FILES: readonly TriedFile[] = [
  { path: 'src/price.ts', sign: 'M', added: 12, removed: 3 },
  { path: 'src/a/very/long/path/to/a/new/component.tsx', sign: 'A', added: 120, removed: 0 },
  { path: 'logo.png', sign: 'D', added: 0, removed: 0, note: 'binary or large' },
  { path: 'run.sh', sign: 'M', added: 0, removed: 0, note: 'mode 644 to 755' },
  { path: 'evil\u202e\nname', sign: 'A', added: 1, removed: 0 },
];
const CLEAN: TriedReport = { files: FILES, left: [] };
const MIXED: TriedReport = {
  files: [...FILES, { path: 'README.md', sign: 'M', added: 1, removed: 1, isConflict: true }],
  left: [{ path: 'pipe', reason: 'it is neither a file, nor a folder, nor a link' }],
};
const ALL_CHANGED: TriedReport = {
  files: [{ path: 'a', sign: 'M', added: 1, removed: 1, isConflict: true }],
  left: [],
};

const show = (report: TriedReport, width: number, rows: number): string[] =>
  seen(trialDialog.lines(newTrialChoice(report), contextOf(width), rows)).split('\n');

test('says what has changed, and what can become of it', () => {
  expect(show(CLEAN, 80, 24)).toEqual([
    'On trial: 5 files +133 -3',
    '',
    '  M src/price.ts +12 -3',
    '  A src/a/very/long/path/to/a/new/component.tsx +120 -0',
    '  D logo.png binary or large',
    '  M run.sh mode 644 to 755',
    '  A evil<U+202E> name +1 -0',
    '',
    '  1. Keep: put it into the files',
    '  2. Look at the changes',
    '› 3. Go on: the next message is on trial too',
    '  4. Drop: nothing of it is left',
    '',
    '  ↑↓ choose · enter select · type to go on',
  ]);
});

test('what somebody else has changed comes first, and cannot be overwritten', () => {
  expect(show(MIXED, 80, 24).slice(2, 4)).toEqual([
    '  ! README.md +1 -1 (somebody else has changed it meanwhile)',
    '  M src/price.ts +12 -3',
  ]);
  expect(show(MIXED, 80, 24)).toContain('  1. Keep all but the 1 file that somebody else has changed');
  expect(show(ALL_CHANGED, 80, 24).filter((line) => /\d\. /.test(line))).toEqual([
    '  1. Look at the changes',
    '› 2. Go on: the next message is on trial too',
    '  3. Drop: nothing of it is left',
  ]);
});

test('a command that still runs is named: it may write more', () => {
  const line = (running: number) => show({ ...CLEAN, running }, 80, 24)[2];
  expect([line(1), line(2)]).toEqual([
    '  ! 1 command still running: keeping or dropping ends it',
    '  ! 2 commands still running: keeping or dropping ends them',
  ]);
});

test('where nothing was changed there is nothing to keep', () => {
  expect(show({ files: [], left: [] }, 80, 24)).toEqual([
    'On trial: no file was changed',
    '',
    '› 1. Go on: the next message is on trial too',
    '  2. Leave the trial',
    '',
    '  ↑↓ choose · enter select · type to go on',
  ]);
});

test('fits any terminal', () => {
  for (const report of [CLEAN, MIXED, ALL_CHANGED]) {
    for (const width of [20, 40, 80])
      for (const rows of [1, 3, 6, 12, 24])
        expectToFit(trialDialog.lines(newTrialChoice(report), contextOf(width), rows), width, rows);
  }
});

test('a digit decides, a stray Enter goes on, and text is the next message', () => {
  const shown = trialDialog.drawn?.(newTrialChoice(CLEAN), 0) ?? newTrialChoice(CLEAN);
  expect(trialDialog.handle(shown, keyOf('1'), 1_000)).toEqual({ result: 'keep' });
  expect(trialDialog.handle(shown, keyOf('4'), 1_000)).toEqual({ result: 'drop' });
  expect(trialDialog.handle(shown, keyOf('4'), 10)).toMatchObject({ goes: 'passed' });
  expect(trialDialog.handle(shown, keyOf('enter'), 1_000)).toEqual({ result: 'on' });
  expect(trialDialog.handle(shown, keyOf('escape'), 1_000)).toEqual({ result: 'on' });
  expect(trialDialog.handle(shown, keyOf('x'), 1_000)).toMatchObject({ goes: 'passed' });
});
