import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nearFiles } from '../../src/config/near-file.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'oagent-near-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (...names: readonly string[]): void => {
  for (const name of names) writeFileSync(path.join(folder, name), '');
};
const WANTED = ['AGENTS.override.md', 'AGENTS.md'];

test.each([
  'agents.md',
  'Agents.md',
  'AGENTS.MD',
  'AGENT.md',
  'agent.md',
  'AGENTS.md.txt',
  'AGENTS.txt',
])('%s is named', (name) => {
  put(name, 'other.md', 'AGENTS.md~', 'AGENTS2.md');
  expect(nearFiles(folder, WANTED)).toEqual([
    `${path.join(folder, name)} is not read: its name has to be AGENTS.md`,
  ]);
});

test('one that is there, under whatever other names, a folder, and a folder that is not there are not', () => {
  put('AGENTS.md', 'agents.md');
  symlinkSync('AGENTS.md', path.join(folder, 'Agents.md'));
  mkdirSync(path.join(folder, 'agents.override.md'));
  expect([nearFiles(folder, WANTED), nearFiles(path.join(folder, 'none'), WANTED)]).toEqual([[], []]);
});

test('a name is shown without what steers a terminal', () => {
  put('agents.md');
  const evil = path.join(folder, 'a\u001b[2J');
  mkdirSync(evil);
  writeFileSync(path.join(evil, 'agents.md'), '');
  expect(nearFiles(evil, WANTED).join()).not.toContain('\u001b');
});
