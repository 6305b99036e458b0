/**
 * Which files belong to a workspace, as flags of ripgrep: those that no ignore rule excludes, hidden ones too, without
 * `.git`.
 *
 * Rules from above the workspace count only where git would use them: in a folder of a larger repository, unless they
 * exclude all of it (a home folder that is a repository for its settings ignores everything else). Without a repository
 * the workspace's own `.gitignore` counts.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { startRipgrep } from './ripgrep.ts';

const ALL = ['--no-config', '--no-messages', '--hidden', '--glob=!.git'];
const OWN_RULES = ['--no-ignore-parent', '--no-require-git'];
const RULE_FILES = ['.gitignore', '.ignore', '.rgignore'];
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
  if (isInRepository(root) && !(await isAllExcluded(root, env))) return ALL;
  const own = RULE_FILES.filter((name) => isBelow && existsSync(path.join(root, name)));
  return [...ALL, ...OWN_RULES, ...own.map((name) => `--ignore-file=${path.join(root, name)}`)];
}

function isAllExcluded(root: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  // At the top of a repository git's own rules do not come from above, and others are rare.
  if (isTop(root) && !hasRulesAbove(root)) return Promise.resolve(false);
  const known = excluded.get(root) ?? askExcluded(root, env);
  excluded.set(root, known);
  return known;
}

async function askExcluded(root: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  return !(await hasFiles(root, ALL, env)) && (await hasFiles(root, [...ALL, ...OWN_RULES], env));
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
