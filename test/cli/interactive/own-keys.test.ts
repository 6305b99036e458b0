/** `[tui.keymap]` from the file to the key. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { keymapOf } from '../../../src/cli/interactive/own-keys.ts';
import { loadConfig } from '../../../src/config/load.ts';

function read(toml: string): string | (string | undefined)[] {
  const home = mkdtempSync(path.join(tmpdir(), 'keys-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  writeFileSync(path.join(home, 'config.toml'), toml);
  try {
    const { config, warnings } = loadConfig({ home, cwd: home });
    const keymap = keymapOf(config);
    return [...warnings, keymap.label('submit'), keymap.label('transcript'), keymap.label('redraw')];
  } catch (error) {
    return (error as Error).message.replaceAll(home, 'HOME').split('\n').slice(0, 2).join('\n');
  }
}

test('keys of the file are the keys of the session', () => {
  const keys = 'submit = ["Ctrl-S", "alt+enter"]\nnewline = "enter"\ntranscript = "alt+t"\nredraw = []';
  expect(read(`[tui.keymap]\n${keys}`)).toEqual(['ctrl+s', 'alt+t', undefined]);
  expect(read('')).toEqual(['enter', 'ctrl+t', 'ctrl+l']);
});

test.each([
  [
    'sumbit = "ctrl+k"',
    'HOME/config.toml:2:1: tui.keymap.sumbit: there is no such action; did you mean submit?',
  ],
  [
    'submit = "foo"',
    'HOME/config.toml:2:1: tui.keymap.submit: expected a key such as "ctrl+k", "alt+enter" or "shift+tab", got "foo"',
  ],
  [
    'submit = ["ctrl+k", "x"]',
    'HOME/config.toml:2:1: tui.keymap.submit[1]: expected a key that types nothing: a letter needs ctrl or alt, got "x"',
  ],
  ['submit = 3', 'HOME/config.toml:2:1: tui.keymap.submit: expected a string or an array, got 3'],
])('%s is wrong', (line, message) => {
  expect(read(`[tui.keymap]\n${line}`)).toBe(`Error loading config.toml:\n${message}`);
});

test('an action that is like no other names all', () => {
  expect(read('[tui.keymap]\nzzzzzzzzzzzz = "ctrl+k"')).toMatch(
    /there is no such action. There are submit, queue, .*, delete$/,
  );
});

test('a key with two actions', () => {
  expect(read('[tui.keymap]\neditor = "ctrl+t"')).toBe(
    'tui.keymap in config.toml: ctrl+t is the key of both transcript and editor: give one of them another key, or [] for none',
  );
});

test('the tables of Codex are named, its switch for vi is ours', () => {
  expect(read('[tui.keymap.composer]\nsubmit = "ctrl-x"')).toEqual([
    expect.stringContaining('tui.keymap.composer: keys are set by action only'),
    'enter',
    'ctrl+t',
    'ctrl+l',
  ]);
});
