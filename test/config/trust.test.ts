import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { parse, stringify } from 'smol-toml';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/config/errors.ts';
import { setTrust } from '../../src/config/set-trust.ts';
import { projectTrust, type TrustLevel, tooWideForWriting } from '../../src/config/trust.ts';

let base: string;

beforeEach(() => {
  base = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'oagent-trust-')));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

/** Makes a folder below the test's own. */
function folder(...names: string[]): string {
  const dir = path.join(base, ...names);
  mkdirSync(dir, { recursive: true });
  return dir;
}

function trustOf(projects: { [dir: string]: TrustLevel }, cwd: string, markers: string[] = ['.git']) {
  const entries = Object.entries(projects).map(([dir, trust_level]) => [dir, { trust_level }]);
  return projectTrust({ projects: Object.fromEntries(entries), project_root_markers: markers }, cwd);
}

function git(cwd: string, ...args: string[]): void {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@t', '-c', 'core.hooksPath=/dev/null'];
  execFileSync('git', [...identity, ...args], { cwd, stdio: 'ignore' });
}

describe('trust', () => {
  test('is that of the folder, before that of the project’s root', () => {
    const repo = folder('repo');
    const sub = folder('repo', 'sub');
    folder('repo', '.git');
    expect([
      trustOf({}, sub),
      trustOf({ [repo]: 'trusted' }, sub),
      trustOf({ [repo]: 'trusted', [sub]: 'untrusted' }, sub),
      trustOf({ [repo]: 'untrusted', [sub]: 'trusted' }, sub),
      trustOf({ [sub]: 'trusted' }, repo),
    ]).toEqual([
      { level: 'unknown', root: repo },
      { level: 'trusted', root: repo },
      { level: 'untrusted', root: sub },
      { level: 'trusted', root: sub },
      { level: 'unknown', root: repo },
    ]);
  });

  test('is not that of a folder above the project', () => {
    folder('repo', '.git');
    const plain = folder('plain');
    expect([trustOf({ [base]: 'trusted' }, folder('repo')), trustOf({ [base]: 'trusted' }, plain)]).toEqual([
      { level: 'unknown', root: folder('repo') },
      { level: 'unknown', root: plain },
    ]);
  });

  test('starts where project_root_markers say', () => {
    const root = folder('mono');
    const sub = folder('mono', 'a', 'b');
    writeFileSync(path.join(root, 'WORKSPACE'), '');
    expect([
      trustOf({ [root]: 'trusted' }, sub, ['WORKSPACE']),
      trustOf({ [root]: 'trusted' }, sub, []),
    ]).toEqual([
      { level: 'trusted', root },
      { level: 'unknown', root: sub },
    ]);
  });

  test('is given to where a link leads, under either name', () => {
    const real = folder('real');
    const link = path.join(base, 'link');
    symlinkSync(real, link);
    expect([
      trustOf({ [link]: 'trusted' }, real),
      trustOf({ [real]: 'trusted' }, link),
      trustOf({ [`${real}/`]: 'trusted' }, real),
      trustOf({ [link]: 'trusted', [`${real}/`]: 'untrusted' }, real).level,
    ]).toEqual([
      { level: 'trusted', root: link },
      { level: 'trusted', root: real },
      { level: 'trusted', root: `${real}/` },
      'untrusted',
    ]);
  });

  test('of a part is found through a link to the whole', () => {
    const real = folder('real');
    const sub = folder('real', 'sub');
    folder('real', '.git');
    symlinkSync(real, path.join(base, 'link'));
    expect(trustOf({ [real]: 'trusted', [sub]: 'untrusted' }, path.join(base, 'link', 'sub'))).toEqual({
      level: 'untrusted',
      root: sub,
    });
  });

  test('is not lent by a link inside a trusted project', () => {
    folder('repo', '.git');
    const elsewhere = folder('elsewhere');
    symlinkSync(elsewhere, path.join(base, 'repo', 'link'));
    expect(trustOf({ [path.join(base, 'repo')]: 'trusted' }, path.join(base, 'repo', 'link'))).toEqual({
      level: 'unknown',
      root: elsewhere,
    });
  });

  test('of a repository holds in its worktrees', () => {
    const main = folder('main');
    git(main, 'init', '-q');
    git(main, 'commit', '-q', '--allow-empty', '-m', 'x');
    git(main, 'worktree', 'add', '-q', '../tree');
    const tree = path.join(base, 'tree');
    const sub = folder('tree', 'sub');
    expect([
      trustOf({ [main]: 'trusted' }, sub),
      trustOf({ [main]: 'trusted', [tree]: 'untrusted' }, sub),
      trustOf({}, sub),
    ]).toEqual([
      { level: 'trusted', root: main },
      { level: 'untrusted', root: tree },
      { level: 'unknown', root: tree },
    ]);

    // What an archive can bring: a `.git` that claims to be that worktree, or leads to it.
    const copied = folder('copied');
    writeFileSync(path.join(copied, '.git'), readFileSync(path.join(tree, '.git')));
    const linked = folder('linked');
    symlinkSync(path.join(tree, '.git'), path.join(linked, '.git'));
    const below = folder('below');
    writeFileSync(path.join(below, '.git'), `gitdir: ${path.join(main, '.git')}\n`);
    expect([copied, linked, below].map((dir) => trustOf({ [main]: 'trusted' }, dir).level)).toEqual([
      'unknown',
      'unknown',
      'unknown',
    ]);
  });

  test.each([
    'not a pointer',
    'gitdir: \n',
    'gitdir: /nowhere/.git/worktrees/x',
    `gitdir: ${'x'.repeat(9000)}`,
  ])('with a .git file of %j is unknown', (text) => {
    const dir = folder('odd');
    writeFileSync(path.join(dir, '.git'), text);
    expect(trustOf({}, dir)).toEqual({ level: 'unknown', root: dir });
  });

  test('of a folder that is gone can still be looked up', () => {
    expect(trustOf({ '/gone/away': 'trusted' }, '/gone/away')).toEqual({
      level: 'trusted',
      root: '/gone/away',
    });
  });
});

describe('too wide to be written to', () => {
  test('are the root, the home, oagent’s folder and what holds them', () => {
    const user = folder('home', 'me');
    const home = folder('opt', 'oagent');
    const link = path.join(base, 'link');
    symlinkSync(user, link);
    const reason = (cwd: string): string | undefined => tooWideForWriting(cwd, { HOME: user }, home);
    expect([
      reason('/'),
      reason(user),
      reason(link),
      reason(path.join(base, 'home')),
      reason(home),
      reason(path.join(base, 'opt')),
      reason(path.join(user, 'project')),
      reason(path.join(home, 'outputs')),
      reason(`${user}else`),
    ]).toEqual([
      'it is the root of the file system',
      'it is your home folder',
      'it is your home folder',
      `it contains your home folder (${user})`,
      "it is oagent's own folder",
      `it contains oagent's own folder (${home})`,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('without HOME it is the home that the system knows', () => {
    const { homedir } = os.userInfo();
    const expected = homedir === '/' ? 'it is the root of the file system' : 'it is your home folder';
    for (const env of [{}, { HOME: '' }, { HOME: 'relative' }]) {
      expect(tooWideForWriting(homedir, env, '/nowhere/oagent')).toBe(expected);
    }
  });
});

describe('setting trust', () => {
  let home: string;
  let file: string;
  beforeEach(() => {
    home = path.join(base, 'home');
    file = path.join(home, 'config.toml');
  });

  /** The file after `dir` was given `level`, starting from `text`. */
  const edited = (text: string | undefined, dir: string, level: TrustLevel): string => {
    mkdirSync(home, { recursive: true });
    if (text !== undefined) writeFileSync(file, text);
    setTrust(home, dir, level);
    return readFileSync(file, 'utf8');
  };

  test('makes folder and file, for their owner alone', () => {
    setTrust(home, '/a b', 'trusted');
    expect(readFileSync(file, 'utf8')).toBe(
      '[projects."/a b"]\ntrust_level = "trusted"\nconfig_sha256 = "none"\n',
    );
    expect([statSync(home).mode & 0o777, statSync(file).mode & 0o777]).toEqual([0o700, 0o600]);
  });

  const cases: readonly (readonly [string, string, string])[] = [
    ['appends', 'model = "m"\n', 'model = "m"\n\n[projects."/p"]\ntrust_level = "untrusted"\n'],
    [
      'appends behind a last line without an end',
      '[ollama] # c\ntop_p = 1',
      '[ollama] # c\ntop_p = 1\n\n[projects."/p"]\ntrust_level = "untrusted"\n',
    ],
    [
      'keeps the line ends of the file',
      'model = "m"\r\n',
      'model = "m"\r\n\r\n[projects."/p"]\r\ntrust_level = "untrusted"\r\n',
    ],
    [
      'keeps a byte order mark',
      '\ufeffmodel = "m"\n',
      '\ufeffmodel = "m"\n\n[projects."/p"]\ntrust_level = "untrusted"\n',
    ],
    [
      'edits the value alone',
      '[projects."/p"]\n# mine\n\ttrust_level=\'trusted\'# why\n[projects."/q"]\ntrust_level = "trusted"\n',
      '[projects."/p"]\n# mine\n\ttrust_level="untrusted"# why\n[projects."/q"]\ntrust_level = "trusted"\n',
    ],
    [
      'edits dotted keys',
      'projects."/p".trust_level = "trusted"\nmodel = "m"\n',
      'projects."/p".trust_level = "untrusted"\nmodel = "m"\n',
    ],
    [
      'edits inline tables',
      'projects = { "/p" = { trust_level = "trusted" }, "/q" = {} }\n',
      'projects = { "/p" = { trust_level = "untrusted" }, "/q" = {} }\n',
    ],
    [
      'fills an empty table',
      "[projects.'/p'] # c\n[ollama]\n",
      '[projects.\'/p\'] # c\ntrust_level = "untrusted"\n[ollama]\n',
    ],
    ['fills an empty table at the end', '[projects."/p"]', '[projects."/p"]\ntrust_level = "untrusted"\n'],
    [
      'is not taken in by strings and comments',
      'model = """\n[projects."/p"]\ntrust_level = "trusted"\n"""\n# [projects."/p"]\n',
      'model = """\n[projects."/p"]\ntrust_level = "trusted"\n"""\n# [projects."/p"]\n\n[projects."/p"]\ntrust_level = "untrusted"\n',
    ],
  ];
  test.each(cases)('%s', (_name, before, after) => {
    expect(edited(before, '/p', 'untrusted')).toBe(after);
  });

  test('binds trust to what the project says now, and again when it is trusted again', () => {
    const repo = path.join(base, 'bound');
    const own = path.join(repo, '.oagent', 'config.toml');
    mkdirSync(path.dirname(own), { recursive: true });
    for (const content of ['model = "a"\n', '\0\xff', '']) {
      writeFileSync(own, content, 'latin1');
      setTrust(home, repo, 'trusted');
      const sum = execFileSync('sha256sum', [own], { encoding: 'utf8' }).slice(0, 64);
      expect(readFileSync(file, 'utf8')).toBe(
        `[projects."${repo}"]\ntrust_level = "trusted"\nconfig_sha256 = "${sum}"\n`,
      );
    }
    expect(edited('[projects."/p"]\n# mine\ntrust_level = "untrusted"\n', '/p', 'trusted')).toBe(
      '[projects."/p"]\nconfig_sha256 = "none"\n# mine\ntrust_level = "trusted"\n',
    );
    expect(edited(`[projects."${repo}"] # c\n`, repo, 'trusted')).toMatch(
      /^\[projects\..*\] # c\ntrust_level = "trusted"\nconfig_sha256 = "e3b0c442[0-9a-f]{56}"\n$/,
    );
  });

  test('writes a file in UTF-16 in UTF-16, and one whose encoding cannot name the folder not at all', () => {
    mkdirSync(home);
    const added = '\r\n[projects."/ü"]\r\ntrust_level = "untrusted"\r\n';
    const utf16 = Buffer.from('\ufeffmodel = "ä"\r\n', 'utf16le');
    writeFileSync(file, utf16);
    setTrust(home, '/ü', 'untrusted');
    expect(readFileSync(file)).toEqual(Buffer.concat([utf16, Buffer.from(added, 'utf16le')]));
    const latin1 = Buffer.from('model = "\xe4"\n', 'latin1');
    writeFileSync(file, latin1);
    expect(() => setTrust(home, '/中', 'untrusted')).toThrow(
      'its encoding has no bytes for what is to be written',
    );
    expect(readFileSync(file)).toEqual(latin1);
  });

  const refusals: readonly (readonly [string, string, string])[] = [
    ['a list of projects that is one line', 'projects = { "/q" = {} }\n', 'no line to edit'],
    ['a table that is one value', 'projects = { "/p" = {} }\n', 'no line to edit'],
    ['projects that are no table', 'projects = 3\n', 'no line to edit'],
    ['a file that is broken', 'model = [\n', 'config.toml:'],
  ];
  test.each(refusals)('leaves %s as it is and says so', (_name, text, reason) => {
    mkdirSync(home);
    writeFileSync(file, text);
    expect(() => setTrust(home, '/p', 'trusted')).toThrow(ConfigError);
    expect(() => setTrust(home, '/p', 'trusted')).toThrow(reason);
    expect([readFileSync(file, 'utf8'), readdirSync(home)]).toEqual([text, ['config.toml']]);
  });

  test('tells what to write by hand', () => {
    mkdirSync(file, { recursive: true });
    let message = '';
    try {
      setTrust(home, '/a"b', 'trusted');
    } catch (error) {
      message = error instanceof ConfigError ? error.message : String(error);
    }
    expect(message).toBe(
      `${file} was not changed: it is not a regular file.\n` +
        'Set trust_level = "trusted" and config_sha256 = "none" under [projects."/a\\"b"] in it yourself.',
    );
  });

  test.each(['relative', '/bad\ufffdname', '/lone\ud800'])('refuses a folder called %j', (dir) => {
    expect(() => setTrust(home, dir, 'trusted')).toThrow(ConfigError);
    expect(existsSync(home)).toBe(false);
  });

  test('follows a link and closes a file that others could read', () => {
    mkdirSync(home);
    const target = path.join(base, 'dotfiles.toml');
    writeFileSync(target, '');
    chmodSync(target, 0o644);
    symlinkSync(target, file);
    setTrust(home, '/p', 'trusted');
    expect([readlinkSync(file), readFileSync(target, 'utf8'), statSync(target).mode & 0o777]).toEqual([
      target,
      '[projects."/p"]\ntrust_level = "trusted"\nconfig_sha256 = "none"\n',
      0o600,
    ]);
  });

  test('over random files and folders: the value is set, every other line stays', () => {
    mkdirSync(home);
    const level = fc.constantFrom<TrustLevel>('trusted', 'untrusted');
    const dir = fc.oneof(
      fc
        .string({ unit: 'binary' })
        .filter((name) => !name.includes('\ufffd'))
        .map((name) => `/${name}`),
      fc.constantFrom('/p', '/p/q', '/a.b', '/"', "/'", '/\\', '/\x7f', '/#', '/]', '/\n'),
    );
    const projects = fc.dictionary(dir, fc.record({ trust_level: level }, { requiredKeys: [] }), {
      maxKeys: 4,
    });
    fc.assert(
      fc.property(projects, fc.string(), dir, level, (before, model, target, wanted) => {
        const text = stringify({ model, projects: before, ollama: { top_p: 1 } });
        const chosen = Object.keys(before)[0] ?? target;
        for (const name of [target, chosen]) {
          const result = edited(text, name, wanted);
          const bound = wanted === 'trusted' ? { config_sha256: 'none' } : {};
          expect(parse(result)).toEqual(
            parse(
              stringify({
                model,
                projects: { ...before, [name]: { ...bound, trust_level: wanted } },
                ollama: { top_p: 1 },
              }),
            ),
          );
          const kept = text.split('\n').filter((line) => !line.includes('trust_level'));
          expect(result.split('\n').filter((line) => !line.includes('trust_level'))).toEqual(
            expect.arrayContaining(kept),
          );
        }
      }),
      { numRuns: 60 },
    );
  });
});
