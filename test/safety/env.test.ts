import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ShellEnvironmentPolicy } from '../../src/config/schema.ts';
import { commandEnvironment, DEFAULT_ENVIRONMENT_POLICY } from '../../src/safety/env.ts';
import { NO_EDITOR, NO_GIT_EDITOR } from '../../src/safety/no-editor.ts';
import { looksSecret } from '../../src/text/secrets.ts';
import { cpuTime } from '../support/cpu-time.ts';

const LOCALE = process.platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8';

/** What every command is told. */
const TOLD = {
  NO_COLOR: '1',
  TERM: 'dumb',
  PAGER: 'cat',
  GIT_PAGER: 'cat',
  GH_PAGER: 'cat',
  MANPAGER: 'cat',
  SYSTEMD_PAGER: 'cat',
  AWS_PAGER: 'cat',
  EDITOR: NO_EDITOR,
  VISUAL: NO_EDITOR,
  GIT_EDITOR: NO_GIT_EDITOR,
  GIT_SEQUENCE_EDITOR: NO_EDITOR,
  GH_EDITOR: NO_EDITOR,
  HGEDITOR: NO_EDITOR,
  JJ_EDITOR: NO_EDITOR,
  SVN_EDITOR: NO_EDITOR,
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: '',
  SSH_ASKPASS_REQUIRE: 'never',
  OAGENT: '1',
  AI_AGENT: 'oagent',
  LANG: LOCALE,
  LC_ALL: LOCALE,
};

function made(
  source: NodeJS.ProcessEnv,
  policy: Partial<ShellEnvironmentPolicy> = {},
  networkAccess = true,
): NodeJS.ProcessEnv {
  return commandEnvironment(source, { ...DEFAULT_ENVIRONMENT_POLICY, ...policy }, { networkAccess });
}

describe('what commands get', () => {
  test('is the user’s environment, plain, English and unpaged', () => {
    const source = {
      PATH: '/bin',
      HOME: '/root',
      TERM: 'xterm',
      LANG: 'de_DE',
      FORCE_COLOR: '1',
      X: undefined,
    };
    expect(made({ ...source, CLICOLOR_FORCE: '1', EDITOR: 'vi' })).toEqual({
      ...TOLD,
      PATH: '/bin',
      HOME: '/root',
    });
  });

  test('names no editor or pager of the user, and nothing that a shell reads before its script', () => {
    const waiting = [
      'GH_EDITOR',
      'KUBE_EDITOR',
      'SUDO_EDITOR',
      'HGEDITOR',
      'P4EDITOR',
      'FCEDIT',
      'BAT_PAGER',
      'DELTA_PAGER',
      'GPG_TTY',
      'SSH_ASKPASS',
    ];
    const shell = ['BASH_ENV', 'SHELLOPTS', 'BASHOPTS', 'CDPATH', 'GLOBIGNORE', 'SSH_CLIENT', 'SSH2_CLIENT'];
    shell.push('BASH_FUNC_ls%%', 'POSIXLY_CORRECT', 'BASH_COMPAT');
    const source = Object.fromEntries(
      [...waiting, ...shell, 'GIT_EDITOR', 'MANPAGER'].map((name) => [name, 'x']),
    );
    expect(made({ ...source, SSH_CONNECTION: 'x', UNITY_EDITOR: '/opt/unity' })).toEqual({
      ...TOLD,
      SSH_CONNECTION: 'x',
      UNITY_EDITOR: '/opt/unity',
    });
  });

  test('but what the user sets for commands is theirs', () => {
    const set = { EDITOR: 'ed', GIT_PAGER: 'less', BASH_ENV: '/rc' };
    expect(made({}, { set })).toEqual({ ...TOLD, ...set });
  });

  test('tells them when the network is off', () => {
    expect(made({}, {}, false)).toEqual({
      ...TOLD,
      OAGENT_SANDBOX_NETWORK_DISABLED: '1',
      CODEX_SANDBOX_NETWORK_DISABLED: '1',
    });
  });

  const source = { PATH: '/bin', HOME: '/h', USER: 'u', LESS: 'R', API_KEY: 'k', npm_config_x: '1' };
  const cases: readonly (readonly [string, Partial<ShellEnvironmentPolicy>, NodeJS.ProcessEnv])[] = [
    ['inherit core', { inherit: 'core' }, { PATH: '/bin', HOME: '/h', USER: 'u' }],
    ['inherit none', { inherit: 'none' }, {}],
    ['no default excludes', { ignore_default_excludes: true }, source],
    [
      'exclude, without case, over PATH too',
      { exclude: ['NPM_*', 'p?th', 'HOM', '*.*', 'les[s]'] },
      { HOME: '/h', USER: 'u', LESS: 'R' },
    ],
    [
      'set over what was taken away, by any rule',
      { inherit: 'none', exclude: ['A*'], set: { API_KEY: 'mine', TERM: 'xterm', FORCE_COLOR: '1' } },
      { API_KEY: 'mine', TERM: 'xterm', FORCE_COLOR: '1' },
    ],
    [
      'include_only last, also over set',
      { include_only: ['path', 'S?T', 'API*'], set: { SET: '1', TERM: 'xterm', OTHER: '2' } },
      { PATH: '/bin', SET: '1' },
    ],
  ];
  test.each(cases)('%s', (_name, policy, expected) => {
    expect(made(source, policy)).toEqual({ ...TOLD, ...expected });
  });
});

describe('by default', () => {
  const secretNames = [
    ...['OPENAI_API_KEY', 'aws_secret_access_key', 'GITHUB_TOKEN', 'DB_PASSWORD', 'SSHPASS', 'MYSQL_PWD'],
    ...['SSH_AUTH_SOCK', 'GOOGLE_APPLICATION_CREDENTIALS', 'PRIVATE_THING', 'CLIENT_CERT', 'SESSION_COOKIE'],
    ...[
      'DBUS_SESSION_BUS_ADDRESS',
      'NPM_CONFIG__AUTH',
      'GPG_PASSPHRASE',
      'KEYBOARD_LAYOUT',
      'GPG_AGENT_INFO',
    ],
  ];
  const secretValues = [
    '-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl',
    '-----BEGIN PGP PRIVATE KEY BLOCK-----',
    'ghp_0123456789abcdefABCDEF0123456789abcd',
    'github_pat_11AAAAAAA0123456789_abc',
    'glpat-0123456789abcdefghij',
    'xoxb-1234567890-abcdef',
    'sk-proj-0123456789abcdefghij',
    'AKIAIOSFODNN7EXAMPLE',
    'x ASIAIOSFODNN7EXAMPLE y',
    `AIza${'a'.repeat(35)}`,
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
    'Authorization: Bearer 0123456789abcdef0123',
    'postgres://app:hunter2@db/main',
    'redis://:hunter2@cache:6379',
    'https://0123456789abcdef@github.com/me/it.git',
    'two words and HTTP://me@host',
  ];
  const plain = {
    PATH: '/usr/bin:/x/ghp_0123456789abcdefABCDEF0123456789abcd',
    HOME: '/home/AKIAIOSFODNN7EXAMPLE',
    PWD: '/work',
    OLDPWD: '/',
    GIT_AUTHOR_EMAIL: 'me@example.org',
    SSL_CERT_FILE: '/etc/ca.pem',
    HTTPS_PROXY: 'http://proxy:3128',
    OLLAMA_HOST: '127.0.0.1:11434',
    REMOTE: 'ssh://git@github.com/me/it.git',
    PAGE: 'https://example.org/@me:x',
    RISK: 'risk-free-0123456789abcdefghij',
  };

  test.each(secretNames)('%s does not get through, whatever its value', (name) => {
    expect(made({ [name]: 'x' })).toEqual(TOLD);
    expect(made({ [name.toLowerCase()]: '' })).toEqual(TOLD);
  });

  test.each(secretValues)('%j does not get through, whatever its name', (value) => {
    expect(made({ HARMLESS: value })).toEqual(TOLD);
  });

  test.each([
    'http_proxy',
    'HTTPS_PROXY',
    'all_proxy',
  ])('%s with credentials does not get through', (name) => {
    expect(made({ [name]: 'me:pw@proxy:3128', OTHER: 'me:pw@proxy:3128' })).toEqual({
      ...TOLD,
      OTHER: 'me:pw@proxy:3128',
    });
  });

  test('what only resembles a secret does', () => {
    expect(made(plain)).toEqual({ ...TOLD, ...plain });
  });

  test('a name that is exempt is still judged by its value', () => {
    expect(made({ SSL_CERT_FILE: '-----BEGIN RSA PRIVATE KEY-----', GIT_AUTHOR_NAME: 'eve' })).toEqual({
      ...TOLD,
      GIT_AUTHOR_NAME: 'eve',
    });
  });

  test('no secret survives, wherever it stands in a value or a name', () => {
    const text = fc.string({ unit: 'binary-ascii', maxLength: 20 });
    const value = fc
      .tuple(text, fc.constantFrom(...secretValues), text)
      .map(([a, secret, b]) => `${a} ${secret} ${b}`);
    const part = fc.stringMatching(/^[A-Za-z0-9_]{0,10}$/);
    const stem = fc.constantFrom(
      'KEY',
      'Secret',
      'token',
      'PASSWORD',
      'AUTH',
      'Credential',
      'PRIVATE',
      'CERT',
    );
    const name = fc
      .tuple(part, stem, part)
      .map((parts) => parts.join(''))
      .filter(
        (word) => !/^(git_author_(name|email|date)|ssl_cert_(file|dir)|node_extra_ca_certs)$/i.test(word),
      );
    fc.assert(
      fc.property(fc.dictionary(name, text), value, part, (named, secret, other) => {
        fc.pre(!['PATH', 'HOME'].includes(other));
        expect(made({ ...named, [`x${other}`]: secret })).toEqual(TOLD);
      }),
      { numRuns: 200 },
    );
  });

  test('a value of a megabyte is judged at once', () => {
    const judge = () => {
      const values = ['a', 'a://', 'eyJ', '://:', 'http://', 'Basic ', '-----BEGIN '].map((text) =>
        looksSecret('LONG', text.repeat(2 ** 20 / text.length)),
      );
      expect(values.some(Boolean)).toBe(false);
    };
    expect(cpuTime(judge)).toBeLessThan(1_500);
  });
});

test('for any policy: set wins, include_only is last, and all else comes from the source', () => {
  const name = fc.constantFrom('A', 'AB', 'B_KEY', 'C', 'PATH', 'TERM', 'HOME', 'x.y');
  const glob = fc.oneof(name, fc.constantFrom('*', 'a*', '?', '*_*', 'x?y', '[', '(', '**b**', ''));
  const table = fc.dictionary(name, fc.string());
  const policy = fc.record({
    inherit: fc.constantFrom('all', 'core', 'none'),
    ignore_default_excludes: fc.boolean(),
    exclude: fc.array(glob, { maxLength: 3 }),
    set: table,
    include_only: fc.array(glob, { maxLength: 3 }),
  } as const);
  /** By definition, one character at a time. */
  const matches = (pattern: string, text: string): boolean => {
    if (pattern === '') return text === '';
    if (pattern[0] === '*')
      return matches(pattern.slice(1), text) || (text !== '' && matches(pattern, text.slice(1)));
    return (
      text !== '' &&
      (pattern[0] === '?' || pattern[0] === text[0]) &&
      matches(pattern.slice(1), text.slice(1))
    );
  };
  fc.assert(
    fc.property(table, policy, (source, rules) => {
      const some = (globs: readonly string[], text: string): boolean =>
        globs.some((pattern) => matches(pattern.toLowerCase(), text.toLowerCase()));
      const isIncluded = (text: string): boolean =>
        rules.include_only.length === 0 || some(rules.include_only, text);
      const core = ['PATH', 'HOME'];
      const expected: NodeJS.ProcessEnv = {};
      for (const [key, value] of Object.entries(source)) {
        if (rules.inherit === 'none' || (rules.inherit === 'core' && !core.includes(key))) continue;
        if (!rules.ignore_default_excludes && looksSecret(key, value)) continue;
        if (!some(rules.exclude, key) && isIncluded(key)) expected[key] = value;
      }
      Object.assign(expected, TOLD);
      for (const [key, value] of Object.entries(rules.set)) if (isIncluded(key)) expected[key] = value;
      expect(made(source, rules)).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});
