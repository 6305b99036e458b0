import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { nearNameNotice } from '../../src/config/near-name.ts';
import { loadAgentsMd } from '../../src/context/agents-md.ts';

function folderWith(...names: readonly string[]): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'oagent-near-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of names) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), 'Be kind.');
  }
  return folder;
}

const options = { maxBytes: 9_000, fallbackNames: [], rootMarkers: ['.git'] };

test.each([
  'agents.md',
  'Agents.md',
  'AGENTS.MD',
  'AGENT.md',
  'agent.md',
  'AGENTS.md.txt',
  'AGENTS.txt',
])('%s beside no AGENTS.md is named once', (name) => {
  const cwd = folderWith(name);
  const home = folderWith();
  const line = `${path.join(cwd, name)} is not read: its name must be AGENTS.md`;
  expect(loadAgentsMd({ home, cwd, ...options }).warnings).toEqual([line]);
  writeFileSync(path.join(cwd, 'AGENTS.md'), 'Be kind.');
  expect(loadAgentsMd({ home, cwd, ...options }).warnings).toEqual([]);
});

test('a name that the user reads as well, or that means something else, is not', () => {
  const cwd = folderWith('agents.md');
  expect(
    loadAgentsMd({ home: folderWith(), cwd, ...options, fallbackNames: ['agents.md'] }).warnings,
  ).toEqual([]);
  expect(loadAgentsMd({ home: folderWith(), cwd: folderWith('CLAUDE.md'), ...options }).warnings).toEqual([]);
});

test('Config.toml in the home and in the project', () => {
  const home = folderWith('Config.toml');
  const cwd = folderWith('.oagent/config.TOML', '.git/x');
  expect(loadConfig({ home, cwd }).warnings).toEqual([
    `${path.join(home, 'Config.toml')} is not read: its name must be config.toml`,
    `${path.join(cwd, '.oagent/config.TOML')} is not read: its name must be config.toml`,
  ]);
  expect(nearNameNotice(folderWith('Rules.toml'), 'rules.toml')).toContain(
    'is not read: its name must be rules.toml',
  );
});
