/**
 * The environment of commands: which of the user's variables are passed on, and the settings for plain, English,
 * unpaged output that waits for no key and no editor, in a shell that is the same wherever oagent was started.
 *
 * Invariants: by default nothing that looks like a secret, by its name or its value, is passed on;
 * `shell_environment_policy.set` wins over everything except `include_only`. The files that a variable names are not
 * looked at.
 *
 * What looks like a secret: text/secrets.ts. Its patterns also match KEYBOARD_LAYOUT; the user can restore a variable with `set`.
 */
import type { ShellEnvironmentPolicy } from '../config/schema.ts';
import { namePatterns } from '../text/name-patterns.ts';
import { looksSecret } from '../text/secrets.ts';
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
  const excluded = namePatterns(policy.exclude);
  const included = policy.include_only.length === 0 ? /^/ : namePatterns(policy.include_only);
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
