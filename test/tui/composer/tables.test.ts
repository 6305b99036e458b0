import { expect, test } from 'vitest';
import { parseCommand, SLASH_COMMANDS } from '../../../src/tui/composer/commands.ts';
import { BINDINGS, bindingOf, helpRows, keyLabel } from '../../../src/tui/composer/keymap.ts';
import { chordOf, keyOf } from '../../../src/tui/term/keys.ts';

test('a chord has one action, and the key that makes it finds it', () => {
  const chords = BINDINGS.flatMap(({ chords }) => chords);
  expect(new Set(chords).size).toBe(chords.length);
  const found = BINDINGS.flatMap(({ action, chords }) => chords.map((chord) => [action, chord]));
  expect(found.map(([, chord = '']) => [bindingOf(keyOf(chord))?.action, chordOf(keyOf(chord))])).toEqual(
    found,
  );
  expect(bindingOf(keyOf('x'))).toBeUndefined();
});

test('help names a key for everything that has a hint', () => {
  expect([keyLabel('interrupt'), keyLabel('newline'), keyLabel('queue')]).toEqual([
    'esc',
    'shift+enter',
    'tab',
  ]);
  expect(helpRows().slice(0, 5)).toEqual([
    { keys: '/', hint: 'commands' },
    { keys: '@', hint: 'files' },
    { keys: '!', hint: 'run a shell command' },
    { keys: 'enter', hint: 'send; while a turn runs, steer it' },
    { keys: 'tab', hint: 'complete, or queue for after the turn' },
  ]);
});

test('names and aliases of commands are unique, and these may be used while a turn runs', () => {
  const names = SLASH_COMMANDS.flatMap(({ name, aliases }) => [name, ...aliases]);
  expect(new Set(names).size).toBe(names.length);
  expect(SLASH_COMMANDS.filter(({ whileRunning }) => whileRunning).map(({ name }) => name)).toEqual([
    'status',
    'diff',
    'rename',
    'copy',
    'export',
    'ps',
    'stop',
    'index',
    'help',
    'quit',
  ]);
});

test('a path or a lone slash is not a command', () => {
  expect(['/', '/a/b', '//x', '/ x', 'x /y', '/plan\nadd it', ' /Diff '].map(parseCommand)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    { name: 'plan', args: 'add it' },
    { name: 'Diff', args: '' },
  ]);
});
