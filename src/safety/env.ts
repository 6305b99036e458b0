/**
 * The environment of commands: which of the user's variables are passed on, and the settings for plain, English,
 * unpaged output that waits for no key and no editor, in a shell that is the same wherever oagent was started.
 *
 * Invariants: by default nothing that looks like a secret, by its name or its value, is passed on;
 * `shell_environment_policy.set` wins over everything except `include_only`. The files that a variable names are not
 * looked at.
 *
 * Names are matched by Codex's patterns, `*` and `?`, case-insensitive, so `*KEY*` also matches KEYBOARD_LAYOUT; the
 * user can restore a variable with `set`. Exempt are the few that build tools need and that are known not to hold
 * secrets.
 */
import type { ShellEnvironmentPolicy } from '../config/schema.ts';
import { NO_EDITOR, NO_GIT_EDITOR } from './no-editor.ts';

interface EnvironmentExtras {
  /** Commands can reach the network; if not, a variable says so. */
  readonly networkAccess: boolean;
}

/** Applies if the user sets nothing. */
export const DEFAULT_ENVIRONMENT_POLICY: ShellEnvironmentPolicy = {
  inherit: 'all',
  ignore_default_excludes: false,
  exclude: [],
  set: {},
  include_only: [],
};

const CORE: ReadonlySet<string> = new Set([
  ...['PATH', 'SHELL', 'TMPDIR', 'TEMP', 'TMP', 'HOME'],
  ...['LANG', 'LC_ALL', 'LC_CTYPE', 'LOGNAME', 'USER'],
]);

const SECRET_NAMES = patterns([
  ...['*KEY*', '*SECRET*', '*TOKEN*', '*PASSWORD*', '*PASSWD*', '*PASSPHRASE*', '*PASS', '*_PWD'],
  ...['*AUTH*', '*CREDENTIAL*', '*PRIVATE*', '*CERT*', '*COOKIE*'],
  // Sockets on which the user's own agents sign and unlock.
  ...['SSH_AUTH_SOCK', 'GPG_AGENT_INFO', 'DBUS_SESSION_BUS_ADDRESS'],
]);

/** Names that match a pattern above but hold no secret. */
const PLAIN_NAMES = patterns([
  ...['GIT_AUTHOR_NAME', 'GIT_AUTHOR_EMAIL', 'GIT_AUTHOR_DATE'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS'],
]);

/** No command works without these, and neither holds a secret: kept whatever their values look like. */
const NEEDED: ReadonlySet<string> = new Set(['PATH', 'HOME']);

/** No two repetitions in an alternative can match the same characters, or they are bounded: the time is linear. */
const SECRET_VALUE = new RegExp(
  [
    '-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY',
    // GitHub, GitLab, npm, Hugging Face, Slack, Stripe, OpenAI and Anthropic, Google, AWS.
    'gh[pousr]_[A-Za-z0-9]{16}',
    'github_pat_\\w{16}',
    'glpat-[\\w-]{16}',
    'npm_[A-Za-z0-9]{30}',
    'hf_[A-Za-z0-9]{30}',
    'xox[abeoprs]-[\\w-]{10}',
    '[rs]k_(?:live|test)_\\w{16}',
    '(?<![A-Za-z0-9])sk-[\\w-]{20}',
    'AIza[\\w-]{35}',
    '(?:AKIA|ASIA)[A-Z0-9]{16}',
    // A JSON web token, recognised by its second part, which begins like a JSON object in base64.
    '[\\w-]{5}\\.eyJ[\\w-]{5}',
    '\\b[Bb](?:earer|asic) [\\w.~+/=-]{16}',
    // An address with a password; in http also one with only a user, which is how tokens are passed.
    '://[^\\s/@:]*:[^\\s/@]+@',
    '\\b[Hh][Tt][Tt][Pp][Ss]?://[^\\s/@]+@',
  ].join('|'),
);

/**
 * The environment that a command gets.
 *
 * In this order: what `inherit` selects from `source`; without what looks like a secret, unless
 * `ignore_default_excludes`; without `exclude`; with `set`; only `include_only`, if it is not empty. Plus the variables
 * that oagent gives every command, unless `set` overrides them.
 *
 * @param source usually the process's own environment.
 */
export function commandEnvironment(
  source: NodeJS.ProcessEnv,
  policy: ShellEnvironmentPolicy,
  extras: EnvironmentExtras,
): NodeJS.ProcessEnv {
  const excluded = patterns(policy.exclude);
  const included = policy.include_only.length === 0 ? /^/ : patterns(policy.include_only);
  const inherited = Object.entries(source).filter(
    ([name, value]) =>
      value !== undefined &&
      (policy.inherit === 'all' || (policy.inherit === 'core' && CORE.has(name))) &&
      (policy.ignore_default_excludes || !looksSecret(name, value)) &&
      !UNWANTED.test(name) &&
      !excluded.test(name),
  );
  const kept = (entries: [string, string | undefined][]) => entries.filter(([name]) => included.test(name));
  return Object.fromEntries([
    ...kept(inherited),
    ...Object.entries(ownVariables(extras)),
    ...kept(Object.entries(policy.set)),
  ]);
}

/** True if the variable looks as if it held a secret, or gave access to one. */
export function looksSecret(name: string, value: string): boolean {
  if (NEEDED.has(name)) return false;
  if (SECRET_NAMES.test(name) && !PLAIN_NAMES.test(name)) return true;
  // A proxy may be written without its scheme.
  return SECRET_VALUE.test(value) || (/_proxy$/i.test(name) && value.includes('@'));
}

/** Never passed on. */
const UNWANTED = new RegExp(
  [
    // They would override NO_COLOR.
    'FORCE_COLOR|CLICOLOR_FORCE',
    // What a shell reads or does before its script. With SSH_CLIENT bash reads .bashrc even for a command.
    'BASH_ENV|SHELLOPTS|BASHOPTS|BASH_XTRACEFD|CDPATH|GLOBIGNORE|SSH_CLIENT|SSH2_CLIENT',
    // How it reads a script, and functions that stand in for programs.
    'BASH_COMPAT|POSIXLY_CORRECT|BASH_FUNC_.*',
    // The user's own terminal, on which gpg would ask for a passphrase.
    'GPG_TTY',
    // Without them a program takes what PAGER or EDITOR names.
    '\\w*PAGER|(?:GH_|KUBE_|SUDO_|SVN_|JJ_|SYSTEMD_|PSQL_|BZR_|CVS|HG|P4)EDITOR|FCEDIT',
  ]
    .map((names) => `^(?:${names})$`)
    .join('|'),
);

function ownVariables({ networkAccess }: EnvironmentExtras): { readonly [name: string]: string } {
  // macOS has no C.UTF-8, and programs complain of a locale that does not exist.
  const locale = process.platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8';
  return {
    NO_COLOR: '1',
    TERM: 'dumb',
    PAGER: 'cat',
    // They come before what the configuration of their program names.
    ...{ GIT_PAGER: 'cat', GH_PAGER: 'cat', MANPAGER: 'cat', SYSTEMD_PAGER: 'cat', AWS_PAGER: 'cat' },
    ...{ EDITOR: NO_EDITOR, VISUAL: NO_EDITOR, GIT_EDITOR: NO_GIT_EDITOR, GIT_SEQUENCE_EDITOR: NO_EDITOR },
    ...{ GH_EDITOR: NO_EDITOR, HGEDITOR: NO_EDITOR, JJ_EDITOR: NO_EDITOR, SVN_EDITOR: NO_EDITOR },
    // Nor does a window ask for a password, which SSH_ASKPASS or git's `core.askPass` may name.
    ...{ GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: '', SSH_ASKPASS_REQUIRE: 'never' },
    // Tools that ask for such a variable leave out what only a person would want.
    ...{ OAGENT: '1', AI_AGENT: 'oagent' },
    LANG: locale,
    LC_ALL: locale,
    // Test suites made for such sandboxes look for Codex's name and skip their network tests.
    ...(networkAccess ? {} : { OAGENT_SANDBOX_NETWORK_DISABLED: '1', CODEX_SANDBOX_NETWORK_DISABLED: '1' }),
  };
}

/** One expression for names that match any of the patterns: `*` any text, `?` one character, without case. */
function patterns(globs: readonly string[]): RegExp {
  const sources = globs.map((glob) =>
    glob
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      // Several stars mean the same as one, and would take exponential time.
      .replace(/\*+/g, '[^]*')
      .replaceAll('?', '[^]'),
  );
  return sources.length === 0 ? /(?!)/ : new RegExp(`^(?:${sources.join('|')})$`, 'i');
}
