/**
 * Which folders the user trusts (`[projects."DIR"] trust_level`), and which are too wide to be writable.
 *
 * Invariants: folders are compared by their names on the disk, so a link inside a trusted project does not pass its trust on;
 * a repository cannot claim to be a worktree of a trusted one, because that one must name it in return. Nothing here
 * throws.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { gitDirNamedIn } from '../text/git-pointer.ts';
import { smallText } from '../text/regular-file.ts';
import { printable } from './errors.ts';
import { userHome } from './home.ts';
import { formatKeyPath } from './key-path.ts';
import { isOurs, isPlaceholderMark } from './owner.ts';
import { folderName, holds, isSameFolder, realPath } from './paths.ts';
import type { Config } from './schema.ts';

export type TrustLevel = 'trusted' | 'untrusted';

export interface ProjectTrust {
  readonly level: TrustLevel | 'unknown';
  /** The folder with that level, as written in the configuration; if there is none, the project's root. */
  readonly root: string;
  /** Hash of the only content of the folder's configuration that is trusted (project-file.ts); absent: any. */
  readonly hash?: string;
}

export type TrustConfig = Pick<Config, 'projects' | 'project_root_markers'>;

/** No file that git writes there is longer; longer ones are not read. */
const POINTER_LIMIT = 8192;

/**
 * How far the user trusts the content of `cwd` (absolute). The first of these that the configuration lists decides:
 * the folder itself; the project's root; the main worktree of the git repository.
 */
export function projectTrust(config: TrustConfig, cwd: string): ProjectTrust {
  const dir = folderName(cwd);
  const root = projectRoot(config, cwd);
  for (const candidate of [dir, root, mainWorktree(dir)]) {
    const listed = candidate === undefined ? undefined : listedAs(config, candidate);
    if (listed === undefined) continue;
    const { trust_level: level, config_sha256: hash } = config.projects[listed] ?? {};
    if (level !== undefined) return { level, root: listed, hash };
  }
  return { level: 'unknown', root };
}

/** How far a session in `cwd` trusts what `folder`, of the same project, says: a distrusted folder counts even from above. */
export function trustWithin(config: TrustConfig, cwd: string, folder: string): ProjectTrust['level'] {
  const levels = [...new Set([cwd, folder])].map((one) => projectTrust(config, one).level);
  if (levels.includes('untrusted')) return 'untrusted';
  return levels.includes('unknown') ? 'unknown' : 'trusted';
}

/**
 * The folder, as written in the configuration, in which the user has switched memories off for `cwd` (absolute) and what else
 * is below it. The nearest folder that says anything decides; a linked worktree is also as its main one is.
 */
export function memoriesOffIn({ projects }: TrustConfig, cwd: string): string | undefined {
  const dir = folderName(cwd);
  const said = Object.entries(projects).filter(
    ([name, { memories }]) => memories !== undefined && path.isAbsolute(name),
  );
  if (said.length === 0) return undefined;
  for (const folder of [dir, mainWorktree(dir)]) {
    if (folder === undefined) continue;
    const above = said.filter(([name]) => holds(realPath(name), folder));
    const [nearest] = above.toSorted(([a], [b]) => realPath(b).length - realPath(a).length);
    if (nearest?.[1].memories === false) return nearest[0];
  }
  return undefined;
}

/** The command that the user has set for tests in `cwd` (absolute): of the nearest folder that has one, or for all projects. */
export function testCommandIn(
  config: Pick<Config, 'projects' | 'test_command'>,
  cwd: string,
): string | undefined {
  const dir = folderName(cwd);
  const set = Object.entries(config.projects).filter(
    ([name, { test_command }]) =>
      test_command !== undefined && path.isAbsolute(name) && holds(realPath(name), dir),
  );
  const [nearest] = set.toSorted(([a], [b]) => realPath(b).length - realPath(a).length);
  return nearest?.[1].test_command ?? config.test_command;
}

/** The real path of the nearest folder from `cwd` upwards that has one of `project_root_markers`, or of `cwd`. */
export function projectRoot(config: Pick<TrustConfig, 'project_root_markers'>, cwd: string): string {
  return rootAbove(config, folderName(cwd));
}

function rootAbove(
  { project_root_markers: markers }: Pick<TrustConfig, 'project_root_markers'>,
  dir: string,
): string {
  return findUp(dir, markers) ?? dir;
}

/**
 * Why commands must not write to all of `cwd`, phrased to continue a sentence, or undefined if they may: the
 * system's root, the user's home and oagent's own folder contain far more than one project.
 *
 * @param env HOME is read; without it the system is asked.
 * @param home oagent's folder, absolute; undefined: there is none.
 */
export function tooWideForWriting(
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
  home: string | undefined,
): string | undefined {
  const dir = realPath(cwd);
  const [own, user] = [home, userHome(env)].map((folder) =>
    folder === undefined ? folder : realPath(folder),
  );
  if (dir === path.parse(dir).root) return 'it is the root of the file system';
  if (dir === user) return 'it is your home folder';
  if (user !== undefined && holds(dir, user)) return `it contains your home folder (${user})`;
  if (dir === own) return "it is oagent's own folder";
  return own !== undefined && holds(dir, own) ? `it contains oagent's own folder (${own})` : undefined;
}

/** The folders from the project's root down to `cwd`, both included. */
export function projectFolders(config: Pick<TrustConfig, 'project_root_markers'>, cwd: string): string[] {
  const dir = folderName(cwd);
  const root = rootAbove(config, dir);
  const folders = [dir];
  for (let folder = dir; folder !== root && folder !== path.dirname(folder); ) {
    folder = path.dirname(folder);
    folders.unshift(folder);
  }
  return folders;
}

/**
 * The nearest folder, from `start` (absolute) upwards, that contains one of the names; what another user has put there does not
 * count.
 */
export function findUp(start: string, names: readonly string[]): string | undefined {
  for (let dir = start; ; dir = path.dirname(dir)) {
    if (names.some((name) => isMark(path.join(dir, name), dir, start))) return dir;
    if (path.dirname(dir) === dir) return undefined;
  }
}

function isMark(mark: string, dir: string, start: string): boolean {
  return existsSync(mark) && isOurs(mark, start) && !isPlaceholderMark(mark, dir);
}

/** The name under which `projects` lists a folder: its own, or a link to it. */
function listedAs({ projects }: TrustConfig, dir: string): string | undefined {
  if (Object.hasOwn(projects, dir)) return dir;
  const names = Object.keys(projects).filter((name) => path.isAbsolute(name) && isSameFolder(name, dir));
  return names.find((name) => projects[name]?.trust_level === 'untrusted') ?? names[0];
}

/**
 * The main worktree of the linked worktree that contains `dir`. A `.git` file can come with any archive and name any
 * repository, so the repository must know of this worktree: git keeps the way back in `gitdir`.
 */
function mainWorktree(dir: string): string | undefined {
  const worktree = findUp(dir, ['.git']);
  if (worktree === undefined) return undefined;
  const dotGit = path.join(worktree, '.git');
  const named = gitDirNamedIn(smallText(dotGit, POINTER_LIMIT) ?? '', worktree);
  if (named === undefined) return undefined;
  const gitDir = realPath(named);
  const worktrees = path.dirname(gitDir);
  const commonDir = path.dirname(worktrees);
  if (path.basename(worktrees) !== 'worktrees' || path.basename(commonDir) !== '.git') return undefined;
  const wayBack = smallText(path.join(gitDir, 'gitdir'), POINTER_LIMIT)?.replace(/[\r\n]+$/, '');
  // Not the real path of the whole: `.git` could be a link to that of a genuine worktree.
  if (wayBack === undefined || realPath(path.dirname(path.resolve(gitDir, wayBack))) !== worktree)
    return undefined;
  return path.dirname(commonDir);
}

/** What to do about a folder that is not trusted, for the end of a message. @param root as `projects` lists it. @param home oagent's own folder. */
export function howToTrust(root: string, home: string): string {
  const table = printable(formatKeyPath(['projects', root]));
  const file = printable(path.join(home, 'config.toml'));
  return `To trust it, start oagent in it and say yes, or set trust_level = "trusted" under [${table}] in ${file}`;
}
