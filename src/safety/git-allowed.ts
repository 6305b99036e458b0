/**
 * Which calls of git a rule may let out of the sandbox: those in which nothing that the model has written, in the call or in a folder
 * that commands can write to, makes git run another program, open an editor or ask on a terminal.
 *
 * What a call is refused for it can still do in the sandbox, or after a question. The words of the rule itself are the user's.
 */
import { lstatSync, readdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { exists, holds, physicalPath, physicalPaths } from '../config/paths.ts';
import { gitFolders } from '../system/git-folders.ts';
import { smallText } from '../text/regular-file.ts';
import { isHarmlessRepository } from './git-repository.ts';
import { isOwnSubcommand } from './git-words.ts';
import { type Permissions, writableFolders } from './permissions.ts';
import type { PlainCommand } from './plain-commands.ts';

/** They only change what git prints or how it reads its arguments. */
const GLOBAL_FLAGS =
  /^(?:-P|--(?:no-pager|no-optional-locks|no-advice|literal-pathspecs|noglob-pathspecs|icase-pathspecs|glob-pathspecs))$/;

/** They run what an argument, a setting or the remote end names, or wait for a person. */
const NEVER = new Set([
  ...[
    'archive',
    'bisect',
    'citool',
    'config',
    'daemon',
    'difftool',
    'fast-import',
    'filter-branch',
    'for-each-repo',
    'gui',
  ],
  ...[
    'help',
    'hook',
    'http-backend',
    'instaweb',
    'mergetool',
    'receive-pack',
    'send-email',
    'send-pack',
    'shell',
  ],
  ...['submodule', 'upload-archive', 'upload-pack'],
]);

/** Long options; git takes every clear abbreviation. */
const RUNS = [
  ...[
    '--upload-pack',
    '--receive-pack',
    '--exec',
    '--open-files-in-pager',
    '--ext-diff',
    '--textconv',
    '--template',
    '--config',
  ],
  ...['--strategy', '--extcmd', '--repo', '--multiple', '--output', '--paginate'],
];
const ASKS = ['--edit', '--interactive', '--patch', '--reedit-message'];

/** Short options that run something or need a person, by subcommand; letters in front may be bundled. */
const SHORT: Readonly<Record<string, RegExp>> = {
  add: /^-[a-zA-Z]*[eip]/,
  am: /^-[a-z0-9]*i/,
  'cherry-pick': /^-[nsx]*e/,
  checkout: /^-[flqt]*p/,
  clean: /^-[a-z]*i/,
  clone: /^-[a-z]*[cu]/,
  commit: /^-[aqsnvoiz]*[ecp]/,
  grep: /^-[a-zA-Z]*O/,
  merge: /^-[nq]*[es]/,
  notes: /^-[a-z]*c/,
  pull: /^-[nq]*[es]/,
  rebase: /^-[fiknqv]*[isx]/,
  reset: /^-[qN]*p/,
  restore: /^-[qSW]*p/,
  revert: /^-[ns]*e/,
  stash: /^-[akqSu]*p/,
};

/** Their first operand is a repository. */
const REMOTE = new Set(['clone', 'fetch', 'ls-remote', 'pull', 'push', 'remote']);

interface Leaving {
  /** All the commands of a plain script. */
  readonly segments: readonly PlainCommand[];
  /** How many words of a command the rule names that allows it. */
  readonly given: (segment: PlainCommand) => number;
  /** Absolute. */
  readonly cwd: string;
  readonly permissions: Permissions;
}

/** True if the script has no call of git, or only such that may leave the sandbox by a rule. */
export function mayGitLeave({ segments, given, cwd, permissions }: Leaving): boolean {
  const calls = segments.filter(({ name }) => path.posix.basename(name) === 'git');
  if (calls.length === 0) return true;
  const entered = segments
    .filter(({ name }) => name === 'cd')
    .map(({ args: [to] }) => path.resolve(cwd, to ?? ''));
  // Any other folder a command can replace, even while git starts.
  const known = [cwd, permissions.cwd, ...permissions.writableRoots];
  if (!entered.every((folder) => known.includes(folder))) return false;
  if (![cwd, ...entered].every((folder) => isTrustedRepository(folder, permissions))) return false;
  return calls.every((segment) => {
    const words = [segment.name, ...segment.args];
    const remote = remoteOf(words);
    const isOpen = segment.hasGlob && segment.args.some((arg) => /[*?]/.test(arg) && !arg.includes('/'));
    if (isOpen || !isPlainCall(words, given(segment))) return false;
    return remote === undefined || !isLocalRemote(remote, entered.at(-1) ?? cwd);
  });
}

/**
 * The `.git` of a repository further down in a writable folder that the calls of git in a script may write, which a rule allows: they
 * run nothing but git itself there. They stay in the sandbox, since commands of an earlier session may have made the repository.
 */
export function repositoryToOpen({ segments, given, cwd, permissions }: Leaving): string | undefined {
  const folder = physicalPath(cwd);
  const worktree = folder === undefined ? undefined : worktreeOf(folder);
  if (folder === undefined || worktree === undefined || !isHarmlessRepository(folder)) return undefined;
  const dotGit = path.join(worktree, '.git');
  const { workspaces } = writableFolders(permissions);
  const roots = physicalPaths(workspaces);
  if (roots.includes(worktree) || !roots.some((root) => holds(root, worktree))) return undefined;
  const isGit = ({ name }: PlainCommand) => path.posix.basename(name) === 'git';
  const arePlain = segments.every(
    (segment) => isGit(segment) && isPlainCall([segment.name, ...segment.args], given(segment)),
  );
  return arePlain && hasNoHooks(dotGit) && hookFolders(worktree).length === 0 ? dotGit : undefined;
}

/** True for a folder of its own (no worktree of another repository) with nothing but git's samples. */
function hasNoHooks(dotGit: string): boolean {
  try {
    if (!lstatSync(dotGit).isDirectory() || exists(path.join(dotGit, 'commondir'))) return false;
    const hooks = path.join(dotGit, 'hooks');
    return !exists(hooks) || readdirSync(hooks).every((name) => name.endsWith('.sample'));
  } catch {
    return false;
  }
}

/**
 * True if the words after the first `given`, which the rule names, make git do nothing but its own work. Pure.
 *
 * @param words `git` and its arguments.
 */
export function isPlainCall(words: readonly string[], given: number): boolean {
  let at = 1;
  while (at < words.length && (at < given || GLOBAL_FLAGS.test(words[at] ?? ''))) {
    if (at < given && !words[at]?.startsWith('-')) break;
    at += 1;
  }
  const subcommand = words[at];
  if (subcommand === undefined) return true;
  // An alias, or a program git-NAME.
  if (at >= given && !isOwnSubcommand(subcommand)) return false;
  if (NEVER.has(subcommand)) return words.length <= given;
  const args = words.slice(Math.max(at + 1, given));
  const end = args.indexOf('--');
  const options = args.slice(0, end < 0 ? undefined : end).filter((word) => word.startsWith('-'));
  if (options.some((option) => doesMore(subcommand, option))) return false;
  return !REMOTE.has(subcommand) || !args.some((word) => word.includes('::'));
}

function doesMore(subcommand: string, option: string): boolean {
  if (!option.startsWith('--')) return SHORT[subcommand]?.test(option) === true;
  const name = option.split('=', 1)[0] ?? '';
  return [...RUNS, ...ASKS].some(
    (long) => name.startsWith(long) || (name.length > 2 && long.startsWith(name)),
  );
}

/** True if no command can have written the settings, hooks and remotes that git finds in `cwd` (absolute). */
function isTrustedRepository(cwd: string, permissions: Permissions): boolean {
  const { workspaces, temporary } = writableFolders(permissions);
  const roots = physicalPaths([...workspaces, ...temporary]);
  const folder = physicalPath(cwd);
  if (folder === undefined || !isHarmlessRepository(folder)) return false;
  const worktree = worktreeOf(folder);
  if (worktree === undefined) return true;
  // Of a writable folder's own .git nobody can write anything; of one further down anybody can.
  if (!roots.includes(worktree) && roots.some((root) => holds(root, worktree))) return false;
  const hooks = hookFolders(worktree);
  return [...hooks, ...hooksIn(worktree, hooks), ...remoteFolders(worktree)].every((named) => {
    const real = physicalPath(path.resolve(worktree, named));
    const isProtected = real !== undefined && roots.some((root) => holds(path.join(root, '.git'), real));
    return real !== undefined && (isProtected || !roots.some((root) => holds(root, real)));
  });
}

/** True unless `name` is a repository elsewhere or a remote of the repository in `cwd`: commands may have written it, hooks and all. */
function isLocalRemote(name: string, cwd: string): boolean {
  if (isElsewhere(name)) return false;
  const worktree = worktreeOf(physicalPath(cwd) ?? cwd);
  const config = worktree === undefined ? '' : configOf(worktree);
  const remotes = [...config.matchAll(/^[ \t]*\[remote "([^"\\]+)"\]/gm)].map(([, remote]) => remote);
  return !remotes.includes(name);
}

function isElsewhere(url: string): boolean {
  return /^(?:https?|ssh|git):\/\//.test(url) || /^[\w.-]+@[\w.-]+:/.test(url);
}

/** What a call of `push` and the like names as the other repository. */
function remoteOf(words: readonly string[]): string | undefined {
  const at = words.findIndex((word) => REMOTE.has(word));
  if (at < 0 || words.slice(1, at).some((word) => !word.startsWith('-'))) return undefined;
  const args = words.slice(at + 1);
  if (words[at] !== 'remote') return args.find((word) => !word.startsWith('-'));
  if (!args.some((word) => word === 'add' || word === 'set-url')) return undefined;
  return args.length === 3 && isElsewhere(args[2] ?? '') ? args[2] : '.';
}

function worktreeOf(folder: string): string | undefined {
  for (let at = folder; ; at = path.dirname(at)) {
    if (exists(path.join(at, '.git'))) return at;
    if (at === path.dirname(at)) return undefined;
  }
}

/** The hooks themselves, each of which may be a link. */
function hooksIn(worktree: string, named: readonly string[]): readonly string[] {
  const own = path.join(gitFolders(worktree)?.commonDir ?? path.join(worktree, '.git'), 'hooks');
  return [own, ...named.map((folder) => path.resolve(worktree, folder))].flatMap((folder) => {
    try {
      return readdirSync(folder).flatMap((name) => (name.endsWith('.sample') ? [] : path.join(folder, name)));
    } catch {
      return [];
    }
  });
}

/** Where the configuration of the repository and the user's have their hooks, as written. */
function hookFolders(worktree: string): readonly string[] {
  const home = os.homedir();
  const users = [
    path.join(home, '.gitconfig'),
    path.join(process.env.XDG_CONFIG_HOME ?? path.join(home, '.config'), 'git/config'),
  ];
  return [configOf(worktree), ...users.map((file) => smallText(file) ?? '')].flatMap((text) =>
    [...text.matchAll(/^(?:[ \t]*\[core\])?[ \t]*hookspath[ \t]*=[ \t]*"?([^"\n;#]*)/gim)].map(
      ([, hooks = '']) => hooks.trim().replace(/^~(?=\/)/, home),
    ),
  );
}

/** The folders on this machine that its remotes name, as written. */
function remoteFolders(worktree: string): readonly string[] {
  const urls = [...configOf(worktree).matchAll(/^[ \t]*(?:push)?url[ \t]*=[ \t]*"?([^"\n]*)/gim)];
  return urls.flatMap(([, url = '']) => (isElsewhere(url) ? [] : [url.trim().replace(/^file:\/\//, '')]));
}

function configOf(worktree: string): string {
  const folders = gitFolders(worktree);
  return folders === undefined ? '' : (smallText(path.join(folders.commonDir, 'config')) ?? '');
}
