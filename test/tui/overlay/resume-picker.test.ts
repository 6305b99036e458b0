import { expect, test } from 'vitest';
import type { SessionEntry } from '../../../src/protocol/sessions.ts';
import { handlePickerKey, type PickerState } from '../../../src/tui/overlay/picker.ts';
import { pickerLines } from '../../../src/tui/overlay/picker-lines.ts';
import { openResumePicker } from '../../../src/tui/overlay/resume-picker.ts';
import { keyOf } from '../../../src/tui/term/keys.ts';
import { context, plain } from '../lines/support.ts';

const session = (firstPrompt: string, source: 'cli' | 'exec', name?: string): SessionEntry => ({
  id: firstPrompt,
  name,
  firstPrompt,
  usedAt: 0,
  cwd: '/home/ada',
  source,
});

const open = (...sessions: SessionEntry[]): PickerState =>
  openResumePicker(sessions, { now: 0, home: '/home/ada' });
const shown = (state: PickerState): string[] =>
  pickerLines(state, context(80), 20).map(plain).filter(Boolean);

function press(state: PickerState, chord: string): PickerState {
  const step = handlePickerKey(state, keyOf(chord));
  if (!('state' in step)) throw new Error('closed');
  return step.state;
}

test('sessions of exec are hidden until Tab shows them, and hidden again', () => {
  const first = open(
    session('lint', 'exec'),
    session('\n fix it \nsoon', 'cli'),
    session('x', 'cli', 'taxes'),
  );
  const hidden = [
    'Resume a session',
    '   type to search',
    '› fix it  just now · ~',
    '  taxes   just now · ~',
    '  ↑↓ choose · enter select · tab show 1 of exec · esc cancel',
  ];
  expect(shown(first)).toEqual(hidden);
  const all = press(first, 'tab');
  expect(shown(all)).toEqual([
    'Resume a session',
    '   type to search',
    '  lint    just now · ~ · exec',
    '› fix it  just now · ~',
    '  taxes   just now · ~',
    '  ↑↓ choose · enter select · tab hide those of exec · esc cancel',
  ]);
  expect(shown(press(all, 'tab'))).toEqual(hidden);
  // What was typed to search stays.
  expect(shown(press(press(first, 'lint'), 'tab'))[2]).toBe('› lint  just now · ~ · exec');
});

test('where the command line asked for those of exec they are shown, and Tab hides them', () => {
  const sessions = [session('lint', 'exec'), session('fix it', 'cli')];
  const all = openResumePicker(sessions, { now: 0, home: '/home/ada', hasExec: true });
  expect(shown(all).slice(2)).toEqual([
    '› lint    just now · ~ · exec',
    '  fix it  just now · ~',
    '  ↑↓ choose · enter select · tab hide those of exec · esc cancel',
  ]);
  expect(shown(press(all, 'tab')).slice(2)).toEqual([
    '› fix it  just now · ~',
    '  ↑↓ choose · enter select · tab show 1 of exec · esc cancel',
  ]);
});

test('only sessions of exec', () => {
  expect(shown(open(session('lint', 'exec')))[2]).toBe('  No earlier sessions, except of exec.');
});

test('without any, Tab does nothing', () => {
  const state = open(session('fix it', 'cli'));
  expect(press(state, 'tab')).toEqual(state);
});
