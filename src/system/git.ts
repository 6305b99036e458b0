/**
 * Asks git about a repository that nobody has to trust: the one way for the index, `/diff` and what is said of a session.
 *
 * Git is given a shared folder of our own in place of the repository's (GIT_COMMON_DIR), so it reads no configuration but
 * that: no file system monitor, hook, filter, text conversion, signature check, pager, alias, credential helper or included
 * file can be named, whatever they are called, neither by this repository nor by a submodule. The repository itself gives
 * the index, the objects and what is checked out. The user's configuration is left out too, for the programs that it names
 * would work on files that others have written; what decides which files count is taken from it (`SETTINGS`).
 *
 * Invariants: git answers for the repository around the folder, whatever the variables of git name; it never prompts,
 * fetches or writes; a repository that belongs to another user is asked only if the user's `safe.directory` says so; a
 * pipe in the place of a file costs time, but never more than a limit.
 */
import { existsSync, lstatSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { realPath } from '../config/paths.ts';
import { smallText } from '../text/regular-file.ts';
import { shellWord } from '../text/shell-word.ts';
import { type GitFolders, type Head, headOf, type Repository, repositoryAround } from './git-folders.ts';
import { ProgramError, type RunOptions, run } from './run.ts';

const QUICK_MS = 3_000;
const CONFIG_LIMIT = 2 ** 20;
/** The index of a very large repository has a third of it. */
const FILE_LIMIT = 2 ** 30;

type GitOptions = Omit<RunOptions, 'env' | 'variables'>;

/**
 * What git prints. `args` may begin with `-c` settings. No name of a reference can be relied on: `checkedOut` has the commit.
 *
 * @throws GitRefused; TimeoutError; Error if there is no repository, if git cannot be started or fails; the signal's reason.
 */
export async function git(args: readonly string[], options: GitOptions): Promise<Buffer> {
  const repository = await askable(options.cwd);
  const own = plainSettings(path.join(repository.commonDir, 'config'));
  const settings = [...(await userSettings()), ...comparing(own)];
  return start([...settings, ...args], options, variablesFor(repository, objectFormat(own)));
}

/** References are in a form that only git reads. */
export function hasReftable({ commonDir }: GitFolders): boolean {
  return existsSync(path.join(commonDir, 'reftable'));
}

/** What is checked out in the repository around `cwd`. @throws GitRefused; Error if there is no repository. */
export async function checkedOut(cwd: string, signal?: AbortSignal): Promise<Head> {
  const repository = await askable(cwd);
  const head = headOf(repository);
  if (head.commit !== undefined || !hasReftable(repository)) return head;
  const said = await askReferences(['rev-parse', '--verify', '--quiet', 'HEAD'], { cwd, signal });
  return { commit: said.trim() || undefined };
}

/**
 * What `rev-parse` or `for-each-ref` says of the names in the repository around `cwd`: for a form of references that only git can
 * read. It needs the repository's own configuration for that, but runs nothing for these questions.
 *
 * @throws GitRefused; Error if there is no repository; ProgramError
 */
export async function askReferences(
  args: readonly ['rev-parse' | 'for-each-ref', ...string[]],
  { cwd, signal }: Pick<GitOptions, 'cwd' | 'signal'>,
): Promise<string> {
  const { gitDir, worktree } = await askable(cwd);
  const options = { cwd, signal, timeoutMs: QUICK_MS, goodCodes: [0, 1] };
  return (await start(args, options, { GIT_DIR: gitDir, GIT_WORK_TREE: worktree })).toString();
}

/** Flags of `ls-files`: what is ignored in the repository around `cwd`. */
export function ignoreRules(cwd: string): readonly string[] {
  const repository = repositoryAround(realPath(cwd));
  const exclude = repository && path.join(repository.commonDir, 'info', 'exclude');
  const hasOwn = exclude !== undefined && smallText(exclude) !== undefined;
  return hasOwn ? ['--exclude-standard', '-X', exclude] : ['--exclude-standard'];
}

/** The top folder of the repository around `cwd`; undefined if there is none. */
export function topFolder(cwd: string): string | undefined {
  return repositoryAround(realPath(cwd))?.worktree;
}

/** Git does not work in a repository of another user. */
export class GitRefused extends Error {
  override readonly name = 'GitRefused';

  constructor(folder: string) {
    const cure = `git config --global --add safe.directory ${shellWord(folder)}`;
    super(`git refuses ${folder}, because it belongs to another user. If you trust it: ${cure}`);
  }
}

/** Why git does not work around `cwd`, with its cure; undefined if it does, or there is no repository. */
export async function gitProblem(cwd: string): Promise<string | undefined> {
  return askable(cwd).then(
    () => undefined,
    (error: unknown) => (error instanceof GitRefused ? error.message : undefined),
  );
}

async function askable(cwd: string): Promise<Repository> {
  const repository = repositoryAround(realPath(cwd));
  if (repository === undefined) throw new Error('not a git repository');
  if (!isOurs(repository)) await askOwner(repository.worktree);
  const opened = filesOpened(repository).find((file) => !isOrdinary(file));
  if (opened !== undefined) throw new Error(`${opened} is not a regular file, or far too large`);
  return repository;
}

/** Git waits for a pipe in their place. Those that lie deeper cost time, until a limit. */
function filesOpened({ worktree, gitDir, commonDir }: Repository): readonly string[] {
  const own = ['index', 'commondir', 'packed-refs'].map((name) => path.join(gitDir, name));
  const project = ['.gitignore', '.gitattributes', '.gitmodules'].map((name) => path.join(worktree, name));
  return [...own, path.join(commonDir, 'packed-refs'), ...project];
}

/** Also if there is none. A link is passed over by git, or leads to what the size is asked of. */
function isOrdinary(file: string): boolean {
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    return stats === undefined || stats.isDirectory() || (stats.isFile() && stats.size <= FILE_LIMIT);
  } catch {
    return true;
  }
}

/** Git asks the same of these folders. */
function isOurs({ worktree, gitDir }: Repository): boolean {
  const user = process.geteuid?.();
  if (user === undefined) return true;
  // As git does: who became root with sudo may look at the own repositories.
  const users = user === 0 ? [0, Number(process.env.SUDO_UID)] : [user];
  const isOwn = (file: string): boolean => {
    const uid = lstatSync(file, { throwIfNoEntry: false })?.uid;
    return uid === undefined || users.includes(uid);
  };
  return [worktree, path.join(worktree, '.git'), gitDir].every(isOwn);
}

const DUBIOUS = /detected dubious ownership in repository at '(.+)'/;

/** @throws GitRefused unless the user's configuration says that the repository is safe. */
async function askOwner(worktree: string): Promise<void> {
  try {
    await start(['rev-parse', '--git-dir'], { cwd: worktree, timeoutMs: QUICK_MS }, USERS);
  } catch (error) {
    const folder = error instanceof ProgramError ? DUBIOUS.exec(error.stderr)?.[1] : undefined;
    throw folder === undefined ? error : new GitRefused(folder);
  }
}

/** With the user's own configuration. */
const USERS: NodeJS.ProcessEnv = {};

/** By the variables that say where it is: what decides which files count, of the user's own configuration. */
const userSettingsOf = new Map<string, Promise<readonly string[]>>();

function userSettings(): Promise<readonly string[]> {
  const { HOME, XDG_CONFIG_HOME } = process.env;
  const key = `${HOME}\0${XDG_CONFIG_HOME}`;
  const known = userSettingsOf.get(key) ?? askUserSettings().catch(() => []);
  userSettingsOf.set(key, known);
  return known;
}

async function askUserSettings(): Promise<readonly string[]> {
  const args = [
    'config',
    '--null',
    '--includes',
    '--get-regexp',
    String.raw`^core\.(excludesfile|autocrlf|eol)$`,
  ];
  const said = await start(args, { cwd: '/', timeoutMs: QUICK_MS, goodCodes: [0, 1] }, USERS);
  return said
    .toString()
    .split('\0')
    .flatMap((entry) => {
      const [, key = '', value = ''] = /^([^\n]+)\n([\s\S]*)$/.exec(entry) ?? [];
      return key === '' ? [] : ['-c', `${key}=${value}`];
    });
}

const HARMLESS = [
  ...['--no-pager', '-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null'],
  ...['-c', 'core.untrackedCache=false', '-c', 'core.quotePath=false', '-c', 'log.showSignature=false'],
  ...['-c', 'log.mailmap=false', '-c', 'protocol.allow=never', '-c', 'submodule.active=.'],
];

const NEVER_ASKS = {
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_LAZY_FETCH: '1',
  GIT_TERMINAL_PROMPT: '0',
  LC_ALL: 'C',
};

function start(args: readonly string[], options: GitOptions, variables: NodeJS.ProcessEnv): Promise<Buffer> {
  const { PATH, HOME, XDG_CONFIG_HOME, TMPDIR, SystemRoot } = process.env;
  const env = { PATH, HOME, XDG_CONFIG_HOME, TMPDIR, SystemRoot };
  return run('git', [...HARMLESS, ...args], { ...options, env, variables: { ...NEVER_ASKS, ...variables } });
}

function variablesFor(
  { worktree, gitDir, commonDir }: Repository,
  format: 'sha1' | 'sha256',
): NodeJS.ProcessEnv {
  const shallow = path.join(commonDir, 'shallow');
  return {
    GIT_DIR: gitDir,
    GIT_WORK_TREE: worktree,
    GIT_COMMON_DIR: sharedFolder(format),
    GIT_OBJECT_DIRECTORY: path.join(commonDir, 'objects'),
    GIT_SHALLOW_FILE: existsSync(shallow) ? shallow : undefined,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ATTR_NOSYSTEM: '1',
  };
}

/** Beside the sources, or at the top of a build. */
function sharedFolder(format: string): string {
  const found = ['./git-common', '../git-common']
    .map((place) => fileURLToPath(new URL(`${place}/${format}`, import.meta.url)))
    .find(existsSync);
  if (found === undefined) throw new Error('git-common is missing: reinstall oagent');
  return found;
}

/** How files are compared: these keys name no program and no file. */
const SETTINGS: ReadonlyMap<string, RegExp> = new Map([
  ...['filemode', 'ignorecase', 'precomposeunicode', 'symlinks', 'trustctime'].map(
    (key): [string, RegExp] => [`core.${key}`, /^(?:true|false)$/],
  ),
  ['core.autocrlf', /^(?:true|false|input)$/],
  ['core.eol', /^(?:lf|crlf|native)$/],
]);

type Setting = readonly [key: string, value: string];

/** What the repository's configuration says of that. */
function comparing(own: readonly Setting[]): string[] {
  return own.flatMap(([key, value]) => (SETTINGS.get(key)?.test(value) ? ['-c', `${key}=${value}`] : []));
}

function objectFormat(own: readonly Setting[]): 'sha1' | 'sha256' {
  const isLong = own.some(([key, value]) => key === 'extensions.objectformat' && value === 'sha256');
  return isLong ? 'sha256' : 'sha1';
}

const SECTION = /^[ \t]*\[([a-z]+)\][ \t]*/i;
const SETTING = /^[ \t]*([a-z]+)[ \t]*=[ \t]*([a-z0-9]+)[ \t]*(?:[#;].*)?$/i;

/** The settings in plain form, in lower case; whatever is written in another way is passed over. */
function plainSettings(file: string): Setting[] {
  let section = '';
  return (smallText(file, CONFIG_LIMIT) ?? '').split(/\r?\n/).flatMap((line) => {
    const head = SECTION.exec(line);
    if (head === null && /^[ \t]*\[/.test(line)) section = '';
    if (head !== null) section = head[1] ?? '';
    const [, key, value] = SETTING.exec(line.slice(head?.[0].length ?? 0)) ?? [];
    if (section === '' || key === undefined || value === undefined) return [];
    return [[`${section}.${key}`.toLowerCase(), value.toLowerCase()] as const];
  });
}
