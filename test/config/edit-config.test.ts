/** Choices of the user in a config.toml that the user wrote. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { setInConfig } from '../../src/config/edit-config.ts';
import { loadConfig } from '../../src/config/load.ts';

/** The file after the theme was chosen, or the error; what the configuration then says is checked. */
function afterTheme(toml: string | undefined): string {
  const home = mkdtempSync(path.join(tmpdir(), 'edit-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const file = path.join(home, 'config.toml');
  if (toml !== undefined) writeFileSync(file, toml);
  try {
    setInConfig(home, ['tui'], { theme: 'plain' });
  } catch (error) {
    expect(readFileSync(file, 'utf8')).toBe(toml);
    return (error as Error).message.replace(file, 'FILE');
  }
  expect(loadConfig({ home, cwd: home }).config.tui.theme).toBe('plain');
  return readFileSync(file, 'utf8');
}

test.each([
  ['no file', undefined, '[tui]\ntheme = "plain"\n'],
  ['no table', '# mine\nmodel = "a"', '# mine\nmodel = "a"\n\n[tui]\ntheme = "plain"\n'],
  ['the key', '[tui]\nvim = true\ntheme = "auto" # why\n', '[tui]\nvim = true\ntheme = "plain" # why\n'],
  [
    'the table',
    '[tui] # x\nvim = true\n\n[limits]\n',
    '[tui] # x\ntheme = "plain"\nvim = true\n\n[limits]\n',
  ],
  ['a dotted key', "tui.theme = 'auto'\n[limits]\n", 'tui.theme = "plain"\n[limits]\n'],
  ['other dotted keys', '# x\ntui.vim = true\n', 'tui.theme = "plain"\n# x\ntui.vim = true\n'],
  [
    'only a table in it',
    '[tui.keymap]\nmode = "alt+m"\n',
    '[tui.keymap]\nmode = "alt+m"\n\n[tui]\ntheme = "plain"\n',
  ],
  ['Windows line ends', '[tui]\r\nvim = true\r\n', '[tui]\r\ntheme = "plain"\r\nvim = true\r\n'],
])('%s', (_name, before, after) => {
  expect(afterTheme(before)).toBe(after);
});

test('what cannot be edited is left as it is, with what to write by hand', () => {
  expect(afterTheme('tui = { vim = true }\n')).toBe(
    'FILE was not changed: its tables are written in a form that has no line to edit.\n' +
      'Set theme = "plain" under [tui] in it yourself.',
  );
  expect(afterTheme('[tui\n')).toContain('FILE:1:');
});
