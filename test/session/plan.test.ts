import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { SessionFlags } from '../../src/session/flags.ts';
import { planSession } from '../../src/session/plan.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** A user's home with oagent's folder in it, and a repository that is trusted. */
async function machine(config = '') {
  const user = await tempFolder();
  const home = path.join(user, '.oagent');
  const repo = path.join(user, 'repo');
  mkdirSync(path.join(repo, '.git'), { recursive: true });
  mkdirSync(home);
  writeFileSync(path.join(home, 'config.toml'), config.replaceAll('USER', user));
  vi.stubEnv('HOME', user);
  vi.stubEnv('OAGENT_HOME', home);
  onTestFinished(() => void vi.unstubAllEnvs());
  const plan = (cwd: string, flags: SessionFlags = {}) => {
    const { permissions, loaded } = planSession({ ...flags, cd: cwd });
    return [permissions.mode, ...loaded.warnings];
  };
  return { user, repo, plan };
}

test('a trusted repository may be written to, others not', async () => {
  const { user, repo, plan } = await machine('[projects."USER/repo"]\ntrust_level = "trusted"\n');
  mkdirSync(path.join(user, 'other'));
  expect([plan(repo), plan(path.join(user, 'other')), plan(repo, { sandbox: 'read-only' })]).toEqual([
    ['workspace-write'],
    ['read-only'],
    ['read-only'],
  ]);
});

test('a folder that is too wide is read-only, which is said; full access is the user’s own word', async () => {
  const { user, plan } = await machine('[projects."USER"]\ntrust_level = "trusted"\n');
  const warning = (dir: string, reason: string): string =>
    `the sandbox is read-only, refusing to make ${dir} writable: ${reason}. ` +
    'Start oagent in the folder of one project, or name it with -C';
  expect([
    plan(user),
    plan(user, { sandbox: 'workspace-write' }),
    plan('/', { sandbox: 'workspace-write' }),
    plan('/'),
    plan(user, { sandbox: 'danger-full-access' }),
    plan(user, { dangerouslyBypassApprovalsAndSandbox: true }),
  ]).toEqual([
    ['read-only', warning(user, 'it is your home folder')],
    ['read-only', warning(user, 'it is your home folder')],
    ['read-only', warning('/', 'it is the root of the file system')],
    ['read-only'],
    ['danger-full-access'],
    ['danger-full-access'],
  ]);
});

test('the bypass wins over every other flag and setting, and then nobody is asked', async () => {
  const { user } = await machine('approval_policy = "untrusted"\nsandbox_mode = "read-only"\n');
  const asked = (flags: SessionFlags) => {
    const { mode, approval } = planSession({ ...flags, cd: user }, { interactive: true }).permissions;
    return [mode, approval];
  };
  const bypass = { dangerouslyBypassApprovalsAndSandbox: true };
  expect([
    asked({}),
    asked(bypass),
    asked({ ...bypass, sandbox: 'read-only', fullAuto: true, config: ['approval_policy="untrusted"'] }),
  ]).toEqual([
    ['read-only', 'untrusted'],
    ['danger-full-access', 'never'],
    ['danger-full-access', 'never'],
  ]);
});

test('a current folder that is gone, or whose name Node cannot spell, is an error that says so', async () => {
  await machine();
  const cwd = vi.spyOn(process, 'cwd');
  onTestFinished(() => cwd.mockRestore());
  cwd.mockImplementation(() => {
    throw new Error('ENOENT: uv_cwd');
  });
  expect(() => planSession({})).toThrow('the current folder no longer exists. Change to one that does');
  cwd.mockReturnValue('/no/such/bad\ufffd');
  expect(() => planSession({})).toThrow(
    'the name of the current folder is not valid UTF-8. Rename it, or change to another one',
  );
});
