/** ripgrep: which one is run, and its start. Its output is read as it comes, so it is not run by run.ts. */
import { access } from 'node:fs/promises';
import { findProgram, unsafeFolders } from './find-program.ts';
import { type ProcessGroup, startGroup } from './process-group.ts';

/**
 * The rg that OAGENT_RG names, else the one that came with oagent, else the one on PATH.
 *
 * @param cwd where it is to search.
 * @throws Error if there is none.
 */
export async function ripgrepPath(cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  if (env.OAGENT_RG) return env.OAGENT_RG;
  try {
    // Throws while loading on a platform that has no binary.
    const { rgPath } = await import('@vscode/ripgrep');
    await access(rgPath);
    return rgPath;
  } catch {
    const found = findProgram('rg', env.PATH, unsafeFolders(cwd, env));
    if (found === undefined) throw new Error('rg is not installed');
    return found;
  }
}

/** Starts it in `cwd`. @throws Error if it cannot be started. */
export async function startRipgrep(
  args: readonly string[],
  { cwd, env = process.env }: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Promise<ProcessGroup> {
  return startGroup(await ripgrepPath(cwd, env), args, { cwd, env });
}
