import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { knownSafeCommands } from '../../src/safety/commands.ts';
import { describeSandbox, type Permissions } from '../../src/safety/permissions.ts';
import { createPolicy, type ToolPolicy } from '../../src/safety/policy.ts';

const OUTSIDE = {
  allowed: false,
  message: 'writing outside of the project; rejected by user approval settings',
};
const ALLOWED = { allowed: true };

let base = '';
let cwd = '';
let home = '';

/** `base/{project,project/src,other,home/.oagent}` with files; the system's /tmp is no root unless a test says so. */
beforeEach(() => {
  base = realpathSync(mkdtempSync(path.join(tmpdir(), 'oagent-policy-')));
  cwd = path.join(base, 'project');
  home = path.join(base, 'home', '.oagent');
  for (const folder of [path.join(cwd, 'src'), path.join(base, 'other'), home])
    mkdirSync(folder, { recursive: true });
  for (const file of [path.join(cwd, 'a.ts'), path.join(base, 'other', 'b.ts')]) writeFileSync(file, 'x\n');
});

afterEach(() => {
  rmSync(base, { recursive: true, force: true });
});

function policy(changes: Partial<Permissions> = {}) {
  return createPolicy({
    mode: 'workspace-write',
    approval: 'never',
    network: false,
    cwd,
    writableRoots: [],
    excludeSlashTmp: true,
    excludeTmpdirEnvVar: true,
    env: { PATH: '/usr/bin:/bin' },
    home,
    ...changes,
  });
}

/** The verdict for one path below `base`, with the message's leading path cut to below `base`. */
function verdict(relative: string, changes: Partial<Permissions> = {}) {
  const result = policy(changes).checkWrite([`${base}/${relative}`]);
  return result.allowed ? result : { ...result, message: result.message.replace(`${base}/`, '') };
}

test('files of the project may be written, present or missing, at any depth', () => {
  const paths = [
    'a.ts',
    'new.ts',
    'src/new.ts',
    'no/such/folder/new.ts',
    'src/../new.ts',
    '..a',
    '.gitignore',
    '.github/x',
  ];
  expect(policy().checkWrite(paths.map((file) => path.join(cwd, file)))).toEqual(ALLOWED);
  expect(policy().checkWrite([])).toEqual(ALLOWED);
  expect(verdict('project/src/../new.ts')).toEqual(ALLOWED);
});

test.each([
  'other/b.ts',
  'project/../other/b.ts',
  'project/no/../../other/b.ts',
  'project/src/../../other/new.ts',
  'project/..',
  'project',
  'project-2/a.ts',
  '.',
])('outside of the project: %s', (file) => {
  expect(verdict(file)).toEqual(OUTSIDE);
});

test('one path outside refuses all; a relative path and the root are outside', () => {
  expect(policy().checkWrite([path.join(cwd, 'a.ts'), path.join(base, 'other/b.ts')])).toEqual(OUTSIDE);
  expect(policy().checkWrite(['a.ts'])).toEqual(OUTSIDE);
  expect(policy().checkWrite(['/'])).toEqual(OUTSIDE);
});

test.each([
  '.git',
  '.git/config',
  '.git/hooks/pre-commit',
  '.GIT/config',
  '.oagent/config.toml',
  '.claude/skills/x/SKILL.md',
  '.codex',
  '.agents/x/y',
  'src/../.git/config',
  'src/.git/config',
  'new/deep/.git/hooks/x',
])('protected in the project, also when missing: %s', (file) => {
  expect(verdict(`project/${file}`)).toEqual(OUTSIDE);
  mkdirSync(path.join(cwd, '.git/hooks'), { recursive: true });
  expect(verdict(`project/${file}`)).toEqual(OUTSIDE);
});

test('protected names below the top are ordinary, `.git` is not', () => {
  expect(verdict('project/src/.codex/a')).toEqual(ALLOWED);
  expect(verdict('project/src/.git')).toEqual(OUTSIDE);
});

test('what `.git` leads to is protected, as a link and as a pointer file', () => {
  const stores = path.join(base, 'stores');
  for (const name of ['linked', 'pointed', 'main', 'free']) {
    mkdirSync(path.join(stores, name), { recursive: true });
    writeFileSync(path.join(stores, name, 'HEAD'), 'ref: refs/heads/main\n');
  }
  const second = path.join(base, 'second');
  mkdirSync(second);
  symlinkSync(path.join(stores, 'linked'), path.join(cwd, '.git'));
  writeFileSync(path.join(second, '.git'), 'gitdir: ../stores/pointed\n');
  writeFileSync(path.join(stores, 'pointed/commondir'), '../main\n');

  const changes = { writableRoots: [stores, second] };
  const verdicts = ['linked', 'pointed', 'main', 'free'].map((name) =>
    verdict(`stores/${name}/config`, changes),
  );
  expect(verdicts).toEqual([OUTSIDE, OUTSIDE, OUTSIDE, ALLOWED]);
});

test("oagent's own folder is protected, wherever a root is", () => {
  const changes = { writableRoots: [path.join(base, 'home')] };
  expect(verdict('home/.oagent/config.toml', changes)).toEqual(OUTSIDE);
  expect(verdict('home/.oagent', changes)).toEqual(OUTSIDE);
  expect(verdict('home/notes.md', changes)).toEqual(ALLOWED);
  symlinkSync(home, path.join(cwd, 'mine'));
  expect(verdict('project/mine/config.toml', changes)).toEqual(OUTSIDE);
});

test('a nested root does not open what another root protects', () => {
  expect(verdict('project/.git/config', { writableRoots: [path.join(cwd, '.git')] })).toEqual(OUTSIDE);
  expect(verdict('project/.git/config', { writableRoots: [base] })).toEqual(OUTSIDE);
  // On some file systems this is `.codex`.
  const nested = path.join(cwd, '.CODEX', 'nested');
  mkdirSync(nested, { recursive: true });
  expect(verdict('project/.CODEX/nested/a', { writableRoots: [nested] })).toEqual(OUTSIDE);
});

test('links on the way are followed before anything is decided', () => {
  symlinkSync(path.join(base, 'other'), path.join(cwd, 'out'));
  symlinkSync('src', path.join(cwd, 'in'));
  symlinkSync('missing', path.join(cwd, 'dangling'));
  symlinkSync('loop', path.join(cwd, 'loop'));
  symlinkSync(path.join(cwd, 'src'), path.join(base, 'back'));
  mkdirSync(path.join(cwd, '.git'));
  symlinkSync('.git', path.join(cwd, 'git'));
  const verdicts = Object.fromEntries(
    [
      ...['project/out/new.ts', 'project/out/no/new.ts', 'project/out/../a.ts', 'project/in/new.ts'],
      ...['project/dangling/new.ts', 'project/loop/new.ts', 'back/new.ts', 'project/git/config'],
    ].map((file) => [file, verdict(file)]),
  );
  expect(verdicts).toEqual({
    'project/out/new.ts': OUTSIDE,
    'project/out/no/new.ts': OUTSIDE,
    'project/out/../a.ts': OUTSIDE,
    'project/in/new.ts': ALLOWED,
    'project/dangling/new.ts': OUTSIDE,
    'project/loop/new.ts': OUTSIDE,
    'back/new.ts': ALLOWED,
    'project/git/config': OUTSIDE,
  });
});

test('a path whose words are protected is refused even while it leads elsewhere', () => {
  mkdirSync(path.join(cwd, 'src/repo'));
  symlinkSync(path.join(cwd, 'src'), path.join(cwd, 'src/repo/.git'));
  expect(verdict('project/src/repo/.git/hook')).toEqual(OUTSIDE);
});

test('a link or a file with a second name is refused with the reason', () => {
  symlinkSync(path.join(base, 'other/b.ts'), path.join(cwd, 'out.ts'));
  symlinkSync('a.ts', path.join(cwd, 'in.ts'));
  symlinkSync(path.join(base, 'other/missing'), path.join(cwd, 'dangling.ts'));
  linkSync(path.join(base, 'other/b.ts'), path.join(cwd, 'hard.ts'));
  const linked = (file: string) => ({
    allowed: false,
    message: `project/${file} is a symbolic link; name the file that it points to`,
  });
  expect(['out.ts', 'in.ts', 'dangling.ts'].map((file) => verdict(`project/${file}`))).toEqual([
    linked('out.ts'),
    linked('in.ts'),
    linked('dangling.ts'),
  ]);
  expect(verdict('project/hard.ts')).toEqual({
    allowed: false,
    message: 'project/hard.ts has another hard link, which may be outside the project',
  });
  unlinkSync(path.join(base, 'other/b.ts'));
  expect(verdict('project/hard.ts')).toEqual(ALLOWED);
});

test('a working directory that is a link stands for what it leads to', () => {
  const link = path.join(base, 'link');
  symlinkSync(cwd, link);
  const verdicts = ['link/a.ts', 'project/new.ts', 'link/.git/x', 'project/.git/x', 'other/b.ts'].map(
    (file) => verdict(file, { cwd: link }),
  );
  expect(verdicts).toEqual([ALLOWED, ALLOWED, OUTSIDE, OUTSIDE, OUTSIDE]);
});

test('roots: /tmp, $TMPDIR and further folders, unless excluded', () => {
  const other = path.join(base, 'other');
  const inTmp = (changes: Partial<Permissions>) => policy(changes).checkWrite(['/tmp/oagent-no-such-file']);
  expect(inTmp({ excludeSlashTmp: false })).toEqual(ALLOWED);
  expect(inTmp({})).toEqual(OUTSIDE);
  expect(verdict('other/b.ts', { writableRoots: [other] })).toEqual(ALLOWED);
  expect(verdict('later/b.ts', { writableRoots: [path.join(base, 'later')] })).toEqual(ALLOWED);
  const env = { TMPDIR: other };
  expect(verdict('other/b.ts', { excludeTmpdirEnvVar: false, env })).toEqual(ALLOWED);
  expect(verdict('other/b.ts', { env })).toEqual(OUTSIDE);
  expect(verdict('other/b.ts', { excludeTmpdirEnvVar: false, env: { TMPDIR: '' } })).toEqual(OUTSIDE);
});

test('modes: read-only refuses every write; full access none', () => {
  const readOnly = {
    allowed: false,
    message: 'writing is blocked by read-only sandbox; rejected by user approval settings',
  };
  expect(verdict('project/a.ts', { mode: 'read-only' })).toEqual(readOnly);
  expect(verdict('other/b.ts', { mode: 'danger-full-access' })).toEqual(ALLOWED);
});

test('any path that a model can name gets a verdict', () => {
  const piece = fc.constantFrom(
    'project',
    '..',
    '.',
    '',
    'a.ts',
    'src',
    '.git',
    '\0',
    'x'.repeat(300),
    '~',
    'other',
  );
  const root = policy();
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(piece).map((pieces) => pieces.join('/')),
        fc.string(),
      ),
      (file) => {
        const { allowed } = root.checkWrite([`${base}/${file}`]);
        const real = path.normalize(`${base}/${file}`);
        // No link is involved, so what is allowed lies inside by its name alone.
        if (allowed) expect(real.startsWith(`${cwd}/`) && !real.includes('/.git')).toEqual(true);
      },
    ),
    { numRuns: 500 },
  );
});

function isHarmless({ areHarmless }: ToolPolicy, command: string, folder: string): boolean {
  const commands = knownSafeCommands(command);
  return commands !== undefined && areHarmless(commands, folder);
}

test('harmless commands are those that only read', () => {
  const check = (command: string, mode: Permissions['mode'] = 'workspace-write') =>
    isHarmless(policy({ mode }), command, cwd);
  expect([check('ls -la && cat a.ts'), check('ls', 'read-only')]).toEqual([true, true]);
  expect([check('npm test'), check('ls > a.ts'), check('')]).toEqual([false, false, false]);
  expect(isHarmless(policy(), 'ls', '/no/such/../folder')).toBe(false);
});

test('a program of the project on PATH is not the known-safe one', () => {
  const bin = path.join(cwd, 'bin');
  mkdirSync(bin);
  writeFileSync(path.join(bin, 'which'), '#!/bin/sh\n', { mode: 0o755 });
  const link = path.join(base, 'link');
  symlinkSync(bin, link);
  const check = (command: string, PATH: string | undefined, mode: Permissions['mode'] = 'workspace-write') =>
    isHarmless(policy({ env: { PATH }, mode }), command, path.join(cwd, 'src'));
  expect({
    front: check('which node', `${bin}:/usr/bin:/bin`),
    linked: check('which node', `${link}:/usr/bin:/bin`),
    readOnly: check('which node', `${bin}:/usr/bin:/bin`, 'read-only'),
    behind: check('which node', `/usr/bin:/bin:${bin}`),
    otherName: check('cat a', `${bin}:/usr/bin:/bin`),
    relative: check('cat a', `./bin:/usr/bin:/bin`),
    empty: check('cat a', `:/usr/bin:/bin`),
    emptyBehind: check('cat a', `/no/such/folder:/usr/bin:/bin:`),
    unset: check('cat a', undefined),
  }).toEqual({
    front: false,
    linked: false,
    readOnly: false,
    behind: true,
    otherName: true,
    relative: false,
    empty: false,
    emptyBehind: true,
    unset: true,
  });
});

test('git runs only where the repository cannot make it run something else', () => {
  mkdirSync(path.join(cwd, '.git'));
  writeFileSync(path.join(cwd, '.git/HEAD'), 'ref: refs/heads/main\n');
  writeFileSync(path.join(cwd, '.git/config'), '[core]\n\tbare = false\n');
  const check = () => isHarmless(policy(), 'ls; git status', path.join(cwd, 'src'));
  expect(check()).toBe(true);
  writeFileSync(path.join(cwd, '.git/config'), '[core]\n\tfsmonitor = ./x\n');
  expect([check(), isHarmless(policy(), 'ls', cwd)]).toEqual([false, true]);
});

test('the sandbox in one line', () => {
  const describe = (changes: Partial<Permissions>) =>
    describeSandbox({ mode: 'workspace-write', writableRoots: [], ...changes });
  expect([
    describe({}),
    describe({ writableRoots: ['/data'], excludeSlashTmp: true }),
    describe({ excludeTmpdirEnvVar: true }),
    describe({ mode: 'read-only' }),
    describe({ mode: 'danger-full-access' }),
  ]).toEqual([
    'workspace-write [workdir, /tmp, $TMPDIR]',
    'workspace-write [workdir, $TMPDIR, /data]',
    'workspace-write [workdir, /tmp]',
    'read-only',
    'danger-full-access',
  ]);
});
