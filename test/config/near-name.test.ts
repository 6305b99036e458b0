import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadAgentsMd } from '../../src/context/agents-md.ts';
import { type PlanOptions, planSession } from '../../src/session/plan.ts';

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

test('Config.toml and Rules.toml in the home, and those of a project', () => {
  const home = folderWith('Config.toml', 'Rules.toml');
  const cwd = folderWith('.oagent/config.TOML', '.git/x');
  const env = { HOME: folderWith() };
  const warnings = (more: PlanOptions = {}) =>
    planSession({ cd: cwd }, { home, env, ...more }).loaded.warnings;
  const project = `${path.join(cwd, '.oagent/config.TOML')} is not read: its name must be config.toml`;
  const rules = `${path.join(home, 'Rules.toml')} is not read: its name must be rules.toml`;
  expect(warnings()).toEqual([
    project,
    `${path.join(home, 'Config.toml')} is not read: its name must be config.toml`,
    rules,
  ]);
  expect(warnings({ ignoreUserConfig: true })).toEqual([project, rules]);
});

test("oagent's own folder is not a project's", () => {
  const user = folderWith('.oagent/Config.toml');
  const home = path.join(user, '.oagent');
  const { warnings } = planSession({ cd: user, sandbox: 'read-only' }, { home, env: { HOME: user } }).loaded;
  expect(warnings).toEqual([`${path.join(home, 'Config.toml')} is not read: its name must be config.toml`]);
});
