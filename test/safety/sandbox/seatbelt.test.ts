/**
 * Seatbelt exists on macOS only. What can be held on any system: the policy in the package's words, what the real
 * package makes of them (it believes to be on macOS in a process of its own), and the command line, run by the real bash.
 */
import { type StdioOptions, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Permissions } from '../../../src/safety/permissions.ts';
import { SandboxError } from '../../../src/safety/sandbox/sandbox.ts';
import {
  createSeatbelt,
  type RuntimeConfig,
  type SandboxRuntime,
  seatbeltSandbox,
} from '../../../src/safety/sandbox/seatbelt.ts';

const base = realpathSync(mkdtempSync('/var/tmp/oagent-seatbelt-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const ws = path.join(base, "a [b] 'c'*");
const home = path.join(base, 'home');
const tmp = path.join(base, 'tmp');

beforeEach(() => {
  rmSync(base, { recursive: true, force: true });
  mkdirSync(path.join(ws, '.git'), { recursive: true });
  mkdirSync(path.join(home, 'outputs', 'own'), { recursive: true });
  mkdirSync(tmp);
  writeFileSync(path.join(home, 'auth.json'), '');
});

const policy = (changes: Partial<Permissions> = {}): Permissions => ({
  mode: 'workspace-write',
  approval: 'never',
  cwd: ws,
  writableRoots: [],
  excludeSlashTmp: true,
  network: false,
  home,
  ownOutputs: path.join(home, 'outputs', 'own'),
  env: { TMPDIR: tmp },
  ...changes,
});

const PREFIX = 'env SANDBOX_RUNTIME=1 TMPDIR=/tmp/claude /usr/bin/sandbox-exec -p PROFILE';
const FLAGS = ['--norc', '-p', '-c'];
/** With a socket for stdin, bash thinks that it is run by a remote shell. */
const STDIO: StdioOptions = ['ignore', 'pipe', 'pipe'];
const quoted = (text: string): string => `'${text.replaceAll("'", `'"'"'`)}'`;

/** A package that writes down what it is asked. */
function fake(line = (script: string) => `${PREFIX} /bin/bash -c ${quoted(script)}`) {
  const calls: { script: string; shell: string; config: RuntimeConfig }[] = [];
  const runtime: SandboxRuntime = {
    SandboxManager: {
      wrapWithSandbox: async (script, shell, config) => {
        calls.push({ script, shell, config });
        return line(script);
      },
    },
    getDefaultWritePaths: () => ['/dev/null', '/tmp/claude', '/home/u/.npm/_logs', path.join(tmp, 'claude')],
  };
  return { runtime, calls };
}

const literals = (...files: string[]) => files.map((file) => ({ path: file, literal: true }));
/** Each protected name in any case; what is special in a pattern stands in brackets. */
const anyCase = (folder: string) =>
  [
    '.[gG][iI][tT]',
    '.[aA][gG][eE][nN][tT][sS]',
    '.[cC][lL][aA][uU][dD][eE]',
    '.[cC][oO][dD][eE][xX]',
    '.[oO][aA][gG][eE][nN][tT]',
  ].map((name) => `${folder}/${name}`);
const names = (folder: string, ...list: string[]) => list.map((name) => path.join(folder, name));

describe('the policy in the words of the package', () => {
  const configFor = async (changes: Partial<Permissions>, pty = false): Promise<unknown> => {
    const { runtime, calls } = fake();
    await seatbeltSandbox(policy(changes), runtime).prepare({ argv: ['true'], cwd: ws, env: {}, pty });
    return calls[0]?.config;
  };

  test('workspace-write without network', async () => {
    expect(await configFor({})).toEqual({
      filesystem: {
        denyRead: literals(...names(home, 'auth.json', 'outputs')),
        allowRead: literals(path.join(home, 'outputs', 'own')),
        allowWrite: literals(ws, tmp),
        denyWrite: [
          ...literals(
            path.join(ws, '.git'),
            ...names(ws, '.agents', '.claude', '.codex', '.oagent'),
            ...names(tmp, '.git', '.agents', '.claude', '.codex', '.oagent'),
            '/tmp/claude',
            '/home/u/.npm/_logs',
          ),
          ...anyCase(path.join(base, "a [[]b] 'c'[*]")),
          ...anyCase(tmp),
        ],
      },
      network: { allowedDomains: [], deniedDomains: [] },
    });
  });

  test('read-only with network and a terminal', async () => {
    expect(await configFor({ mode: 'read-only', network: true }, true)).toEqual({
      filesystem: {
        denyRead: literals(...names(home, 'auth.json', 'outputs')),
        allowRead: literals(path.join(home, 'outputs', 'own')),
        allowWrite: [],
        denyWrite: literals('/tmp/claude', '/home/u/.npm/_logs', path.join(tmp, 'claude')),
      },
      allowPty: true,
    });
  });

  test('a protected name that is a link, and a folder that is gone, are refused', async () => {
    rmSync(path.join(ws, '.git'), { recursive: true });
    symlinkSync(tmp, path.join(ws, '.git'));
    await expect(configFor({})).rejects.toThrow(/cannot protect .*\.git: it is a symbolic link/);
    rmSync(ws, { recursive: true });
    await expect(configFor({})).rejects.toThrow(SandboxError);
  });
});

describe('the command line', () => {
  /** Runs it with the sandbox itself left out. */
  const runWithout = async (argv: string[], env: NodeJS.ProcessEnv) => {
    const {
      file,
      args,
      extraFds,
      env: outer,
    } = await seatbeltSandbox(policy(), fake().runtime).prepare({
      argv,
      cwd: ws,
      env,
    });
    expect([file, args.slice(0, -1), extraFds, outer]).toEqual(['/bin/bash', FLAGS, [], env]);
    const line = args.at(-1)?.replace(' /usr/bin/sandbox-exec -p PROFILE', '') ?? '';
    const { stdout, stderr, status } = spawnSync(file, [...FLAGS, line], {
      cwd: ws,
      env,
      encoding: 'utf8',
      stdio: STDIO,
    });
    return { stdout, stderr, status };
  };

  test('gives the words and the variables of the command unchanged', async () => {
    const words = ["it's", '$(id)', 'a\nb', '*', '', '!x', '\\', '-n'];
    const script = 'printf "[%s]" "$@"; echo "$TMPDIR,$SANDBOX_RUNTIME"; exit 3';
    expect(await runWithout(['/bin/bash', '-c', script, 'x', ...words], { TMPDIR: "/t 'm" })).toEqual({
      stdout: `${words.map((word) => `[${word}]`).join('')}/t 'm,\n`,
      stderr: '',
      status: 3,
    });
    expect((await runWithout(['/usr/bin/printenv', 'TMPDIR'], {})).status).toBe(1);
  });

  test('nothing of the environment runs outside, nor a program that a command has put into the PATH', async () => {
    const planted = path.join(ws, 'bin');
    mkdirSync(planted);
    const trap = path.join(base, 'trapped');
    writeFileSync(path.join(planted, 'env'), `#!/bin/sh\n: > ${quoted(trap)}\n`, { mode: 0o755 });
    writeFileSync(path.join(ws, 'start'), `: > ${quoted(trap)}\n`);
    const { args } = await seatbeltSandbox(policy(), fake(() => `${PREFIX} /bin/true`).runtime).prepare({
      argv: ['/bin/true'],
      cwd: ws,
      env: {},
    });
    const line = args.at(-1)?.replace(' /usr/bin/sandbox-exec -p PROFILE', '') ?? '';
    const env = {
      PATH: planted,
      BASH_ENV: path.join(ws, 'start'),
      'BASH_FUNC_exec%%': `() { : > ${quoted(trap)}; }`,
    };
    expect(spawnSync('/bin/bash', ['-c', 'true'], { env, stdio: STDIO }).status).toBe(0);
    expect(existsSync(trap)).toBe(true);
    rmSync(trap);
    expect(spawnSync('/bin/bash', [...FLAGS, line], { env, stdio: STDIO }).status).toBe(0);
    expect(existsSync(trap)).toBe(false);
  });

  test.each([
    ['the command as it is', (script: string) => script],
    ['another program', () => "env /bin/bash -c 'x'"],
  ])('a package that gives back %s is not obeyed', async (_, line) => {
    const sandbox = seatbeltSandbox(policy(), fake(line).runtime);
    await expect(sandbox.prepare({ argv: ['true'], cwd: ws, env: {} })).rejects.toThrow(
      new SandboxError('the sandbox cannot be set up: its package does not wrap the command.'),
    );
  });
});

describe('whether there is one', () => {
  test('without the package: none, with the cure', async () => {
    const { kind, notes } = await createSeatbelt(policy(), () =>
      Promise.reject(new Error('no such package')),
    );
    expect([kind, notes]).toEqual([
      'none',
      [
        'no sandbox: the package @anthropic-ai/sandbox-runtime is missing. Fix: reinstall oagent with npm, including optional dependencies.',
      ],
    ]);
  });

  test.skipIf(process.platform === 'darwin')(
    'where Seatbelt does not work: none, with the cure',
    async () => {
      const { kind, notes } = await createSeatbelt(policy(), async () => fake().runtime);
      expect(kind).toBe('none');
      expect(notes).toEqual([
        expect.stringMatching(
          /^no sandbox: Seatbelt does not work here \(.*sandbox-exec.*\)\. Fix: run oagent outside/,
        ),
      ]);
    },
  );
});

const installed = existsSync('node_modules/@anthropic-ai/sandbox-runtime');
if (!installed)
  console.warn('\n*** @anthropic-ai/sandbox-runtime is not installed: its profile is not tested.\n');

describe.skipIf(!installed)('the profile that the real package writes', () => {
  const profileOf = (changes: Partial<Permissions>): { profile: string; line: string } => {
    const program = `
      Object.defineProperty(process, 'platform', { value: 'darwin' });
      const { seatbeltSandbox } = await import(${JSON.stringify(path.resolve('src/safety/sandbox/seatbelt.ts'))});
      const runtime = await import('@anthropic-ai/sandbox-runtime');
      const sandbox = seatbeltSandbox(${JSON.stringify(policy(changes))}, runtime);
      const { args } = await sandbox.prepare({ argv: ['echo', 'it is'], cwd: ${JSON.stringify(ws)}, env: {} });
      process.stdout.write(args.at(-1));`;
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--no-warnings', '--input-type=module', '-e', program],
      { encoding: 'utf8', env: { ...process.env, HOME: path.join(base, 'user') } },
    );
    expect(stderr).toBe('');
    // What bash makes of it: `exec` and the words behind it.
    const words = spawnSync('/bin/bash', ['-c', `printf '%s\\0' ${stdout.replace(/^exec /, '')}`], {
      encoding: 'utf8',
    }).stdout.split('\0');
    const [at, profile = ''] = [words.indexOf('-p'), words[words.indexOf('-p') + 1]];
    const line = [...words.slice(0, at), 'PROFILE', ...words.slice(at + 2, -1)].join(' ');
    return { profile, line };
  };
  /** The filters of each rule of an operation, in order. */
  const rules = (profile: string, head: string): string[][] =>
    profile
      .split(`\n(${head}\n`)
      .slice(1)
      .map((rest) =>
        rest
          .slice(0, rest.indexOf('(with message'))
          .split('\n')
          .map((filter) => filter.trim())
          .filter((filter) => filter !== ''),
      );
  const subpath = (file: string) => `(subpath ${JSON.stringify(file)})`;

  test('closes everything but the roots, and in them what is protected', () => {
    const { profile, line } = profileOf({});
    expect(line).toBe(
      '/usr/bin/env SANDBOX_RUNTIME=1 TMPDIR=/tmp/claude /usr/bin/sandbox-exec PROFILE ' +
        "/bin/bash -c unset SANDBOX_RUNTIME; unset TMPDIR; exec echo 'it is'",
    );
    expect(profile).toMatch(/^\(version 1\)\n\(deny default /);
    expect(profile).not.toMatch(/\(allow network/);
    const [allowed = []] = rules(profile, 'allow file-write*');
    expect(allowed.filter((filter) => filter.includes(base))).toEqual([
      subpath(path.join(base, 'user/.npm/_logs')),
      subpath(path.join(base, 'user/.claude/debug')),
      subpath(ws),
      subpath(tmp),
    ]);
    const denied = rules(profile, 'deny file-write*').flat();
    expect(denied).toEqual(
      expect.arrayContaining([
        ...names(ws, '.git', '.agents', '.claude', '.codex', '.oagent').map(subpath),
        ...names(tmp, '.git', '.agents', '.claude', '.codex', '.oagent').map(subpath),
        ...names(path.join(base, 'user'), '.npm/_logs', '.claude/debug').map(subpath),
        subpath('/tmp/claude'),
      ]),
    );
    // Parents of what is protected cannot be moved away.
    expect(rules(profile, 'deny file-write-unlink file-write-create').flat()).toEqual(
      expect.arrayContaining([subpath(path.join(ws, '.git')), `(literal ${JSON.stringify(ws)})`]),
    );
    // JSON's escapes are those of a profile's string.
    const patterns = denied.flatMap((filter) => /^\(regex (".*")\)$/.exec(filter)?.[1] ?? []);
    const regexes = patterns.map((text) => new RegExp(String(JSON.parse(text))));
    for (const name of ['.GIT/config', '.Git', '.OAGENT/config.toml']) {
      expect([name, regexes.some((regex) => regex.test(path.join(ws, name)))]).toEqual([name, true]);
    }
    expect(regexes.some((regex) => regex.test(path.join(ws, '.gitignore')))).toBe(false);
    expect(rules(profile, 'deny file-read*').flat()).toEqual(
      expect.arrayContaining(names(home, 'auth.json', 'outputs').map(subpath)),
    );
    expect(rules(profile, 'allow file-read*').flat()).toEqual([subpath(path.join(home, 'outputs', 'own'))]);
  });

  test('read-only with network: the network is open, no folder is', () => {
    const { profile } = profileOf({ mode: 'read-only', network: true });
    expect(profile).toContain('\n(allow network*)\n');
    const denied = new Set(rules(profile, 'deny file-write*').flat());
    const [allowed = []] = rules(profile, 'allow file-write*');
    expect(allowed.filter((filter) => !filter.includes('"/dev/') && !denied.has(filter))).toEqual([]);
  });
});
