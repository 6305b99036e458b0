import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KEY_ACTIONS } from '../../../src/config/key-actions.ts';
import { readChord } from '../../../src/text/chord.ts';
import { typedCommand } from '../../../src/text/typed-command.ts';
import { SLASH_COMMANDS } from '../../../src/tui/composer/commands.ts';
import { BINDINGS, Keymap } from '../../../src/tui/composer/keymap.ts';
import { chordOf, keyOf } from '../../../src/tui/term/keys.ts';

const OTHER = 'a key such as "ctrl+k", "alt+enter" or "shift+tab"';
const TYPES = 'a key that types nothing: a letter needs ctrl or alt';
const anyChord = fc
  .array(fc.constantFrom('ctrl', 'Alt', 'shift', 'c', '+', '-', 'x', '?', 'enter', 'space', 'é'), {
    maxLength: 5,
  })
  .chain((words) => fc.constantFrom('+', '-').map((joint) => words.join(joint)));

test('a chord has one action, and the key that makes it finds it', () => {
  const keymap = new Keymap();
  const chords = BINDINGS.flatMap(({ chords }) => chords);
  expect(new Set(chords).size).toBe(chords.length);
  const found = BINDINGS.flatMap(({ action, chords }) => chords.map((chord) => [action, chord]));
  expect(found.map(([, chord = '']) => [keymap.find(keyOf(chord))?.action, chordOf(keyOf(chord))])).toEqual(
    found,
  );
  expect(keymap.find(keyOf('x'))).toBeUndefined();
});

test('every action can be configured, and its own keys are ones that can be written', () => {
  expect(BINDINGS.map(({ action }) => action)).toEqual(KEY_ACTIONS);
  const chords = BINDINGS.flatMap(({ chords }) => chords).filter((chord) => chord !== 'ctrl+h');
  expect(chords.map(readChord)).toEqual(chords.map((chord) => ({ chord })));
});

test('help names a key for everything that is not obvious, one that this terminal can send', () => {
  const named = (keymap: Keymap): (string | undefined)[] =>
    (['interrupt', 'newline', 'queue', 'undo', 'redo'] as const).map((action) => keymap.label(action));
  expect(named(new Keymap())).toEqual(['esc', 'ctrl+j', 'tab', 'ctrl+_', 'alt+z']);
  expect(named(new Keymap().exact())).toEqual(['esc', 'shift+enter', 'tab', 'ctrl+_', 'alt+z']);
  expect(new Keymap().helpRows().slice(0, 5)).toEqual([
    { keys: '/', hint: 'commands' },
    { keys: '@', hint: 'files' },
    { keys: '!', hint: 'run a shell command' },
    { keys: 'enter', hint: 'send; while a turn runs, steer it' },
    { keys: 'tab', hint: 'complete, or queue for after the turn' },
  ]);
});

test("the user's keys take the place of ours, and help shows them", () => {
  const keymap = new Keymap({
    submit: ['ctrl+s', 'alt+enter'],
    newline: ['enter'],
    left: ['alt+h'],
    redraw: [],
  });
  const actions = ['ctrl+s', 'enter', 'ctrl+j', 'alt+h', 'left', 'ctrl+l'];
  expect(actions.map((chord) => keymap.find(keyOf(chord))?.action)).toEqual([
    'submit',
    'newline',
    undefined,
    'left',
    undefined,
    undefined,
  ]);
  const rows = keymap.helpRows();
  expect(rows.find(({ hint }) => hint.startsWith('send;'))?.keys).toBe('ctrl+s');
  expect(rows.find(({ hint }) => hint === 'one character left')?.keys).toBe('alt+h');
  expect(rows.find(({ hint }) => hint === 'redraw the screen')).toBeUndefined();
});

test('two actions on one key, and no way to send or to end, are said', () => {
  expect(() => new Keymap({ editor: ['ctrl+t'] })).toThrow(
    'ctrl+t is the key of both transcript and editor: give one of them another key, or [] for none',
  );
  expect(() => new Keymap({ editor: ['alt+e'], mode: ['alt+e'] })).toThrow(
    'alt+e is the key of both mode and editor',
  );
  expect(new Keymap({ editor: ['ctrl+t'], transcript: ['alt+t'] }).find(keyOf('ctrl+t'))?.action).toBe(
    'editor',
  );
  expect(() => new Keymap({ interrupt: [] })).toThrow('interrupt needs a key');
});

test('names of keys are read in many spellings, and what cannot be a key says why', () => {
  const read = [
    'Ctrl-K',
    'control+alt+x',
    'S-Tab',
    'esc',
    'Return',
    'ctrl+space',
    'alt+-',
    'alt++',
    '?',
    'Page-Down',
  ];
  expect(read.map(readChord)).toEqual(
    ['ctrl+k', 'ctrl+alt+x', 'shift+tab', 'escape', 'enter', 'ctrl+ ', 'alt+-', 'alt++', '?', 'pagedown'].map(
      (chord) => ({ chord }),
    ),
  );
  expect(
    ['', 'x', 'X', 'shift+x', 'ctrl', 'ctrl+', 'ctrl+foo', 'hyper+x', 'ctrl+m', 'ctrl+é', ' '].map(readChord),
  ).toEqual(
    [OTHER, TYPES, TYPES, TYPES, OTHER, OTHER, OTHER, OTHER, expect.anything(), OTHER, OTHER].map(
      (problem) => ({ problem }),
    ),
  );
});

test('a chord that is read is one that a key can have', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), anyChord), (text) => {
      const read = readChord(text);
      if ('chord' in read && !read.chord.endsWith('+')) expect(chordOf(keyOf(read.chord))).toBe(read.chord);
    }),
  );
});

test('names and aliases of commands are unique, and these may be used while a turn runs', () => {
  const names = SLASH_COMMANDS.flatMap(({ name, aliases }) => [name, ...aliases]);
  expect(new Set(names).size).toBe(names.length);
  expect(SLASH_COMMANDS.filter(({ whileRunning }) => whileRunning).map(({ name }) => name)).toEqual([
    'status',
    'diff',
    'context',
    'rename',
    'copy',
    'export',
    'ps',
    'stop',
    'index',
    'remember',
    'memories',
    'incognito',
    'mcp',
    'vim',
    'help',
    'quit',
  ]);
});

test('a path or a lone slash is not a command', () => {
  expect(['/', '/a/b', '//x', '/ x', 'x /y', '/plan\nadd it', ' /Diff '].map(typedCommand)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    { name: 'plan', args: 'add it' },
    { name: 'Diff', args: '' },
  ]);
});
