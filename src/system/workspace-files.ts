/**
 * Which files belong to a workspace, as flags of ripgrep: those that no ignore rule excludes, hidden ones too, without
 * `.git`.
 *
 * Rules from above the workspace count only where git would use them: in a folder of a larger repository, unless they
 * exclude all of it (a home folder that is a repository for its settings ignores everything else). Without a repository
 * the workspace's own `.gitignore` counts.
 */
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { smallText } from '../text/regular-file.ts';
import { startRipgrep } from './ripgrep.ts';

const ALL = ['--no-config', '--no-messages', '--hidden', '--glob=!.git'];
const OWN_RULES = ['--no-ignore-parent', '--no-require-git'];
const RULE_FILES = ['.gitignore', '.ignore', '.rgignore'];
/** Nobody writes as many rules. */
const RULES_LIMIT = 16 * 2 ** 20;
const SWITCHES = [
  ['.git', '--no-ignore-vcs'],
  ['.gitignore', '--no-ignore-vcs'],
  ['.git/info/exclude', '--no-ignore-exclude'],
  ['.ignore', '--no-ignore-dot'],
  ['.rgignore', '--no-ignore-dot'],
] as const;
const KILL_GRACE_MS = 100;

/** Of a workspace: whether the rules above exclude all of it. Asked once in a process. */
const excluded = new Map<string, Promise<boolean>>();

/**
 * @param root absolute.
 * @param isBelow ripgrep is told to look in folders below the root: for it, the root is above then.
 * @throws Error if ripgrep cannot be started.
 */
export async function workspaceFlags(
  root: string,
  {
    isBelow = false,
    env = process.env,
  }: { readonly isBelow?: boolean; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<readonly string[]> {
  const safe = withoutSpecial(root);
  if (isInRepository(root) && !(await isAllExcluded(root, env))) return [...ALL, ...safe];
  const own = RULE_FILES.filter((name) => isBelow && smallText(path.join(root, name)) !== undefined);
  return [...ALL, ...safe, ...OWN_RULES, ...own.map((name) => `--ignore-file=${path.join(root, name)}`)];
}

/** Without the rules that ripgrep would wait for, or read without end. Deeper ones cost time and memory, until a limit. */
function withoutSpecial(root: string): readonly string[] {
  const flags = new Set<string>();
  for (let folder = root; ; folder = path.dirname(folder)) {
    for (const [name, flag] of SWITCHES) {
      if (isSpecial(path.join(folder, name))) flags.add(flag);
    }
    if (folder === path.dirname(folder)) return [...flags];
  }
}

function isSpecial(file: string): boolean {
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats === undefined || stats.isDirectory()) return false;
    return !stats.isFile() || stats.size > RULES_LIMIT;
  } catch {
    // A link in a circle, or one that we may not follow: neither may ripgrep.
    return false;
  }
}

function isAllExcluded(root: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  // At the top of a repository git's own rules do not come from above, and others are rare.
  if (isTop(root) && !hasRulesAbove(root)) return Promise.resolve(false);
  const known = excluded.get(root) ?? askExcluded(root, env);
  excluded.set(root, known);
  return known;
}

async function askExcluded(root: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const all = [...ALL, ...withoutSpecial(root)];
  return !(await hasFiles(root, all, env)) && (await hasFiles(root, [...all, ...OWN_RULES], env));
}

async function hasFiles(root: string, flags: readonly string[], env: NodeJS.ProcessEnv): Promise<boolean> {
  const group = await startRipgrep(['--files', ...flags], { cwd: root, env });
  group.stderr.resume();
  try {
    for await (const _ of group.stdout) return true;
    return false;
  } finally {
    group.stdout.destroy();
    await group.terminate(KILL_GRACE_MS);
  }
}

function isTop(folder: string): boolean {
  return existsSync(path.join(folder, '.git'));
}

function isInRepository(folder: string): boolean {
  const above = path.dirname(folder);
  return isTop(folder) || (above !== folder && isInRepository(above));
}

function hasRulesAbove(folder: string): boolean {
  const above = path.dirname(folder);
  if (above === folder) return false;
  return RULE_FILES.some((name) => existsSync(path.join(above, name))) || hasRulesAbove(above);
}
