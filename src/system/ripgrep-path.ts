/**
 * Which ripgrep is run.
 *
 * Invariant: OAGENT_RG wins, then the one that came with oagent, then the one on the PATH. Does not: run it.
 */
import { access } from 'node:fs/promises';

/** The path of rg, or `rg` where only the PATH can help. @param env holds OAGENT_RG. */
export async function ripgrepPath(env: NodeJS.ProcessEnv): Promise<string> {
  if (env.OAGENT_RG) return env.OAGENT_RG;
  try {
    // Throws while loading on a platform that has no binary.
    const { rgPath } = await import('@vscode/ripgrep');
    await access(rgPath);
    return rgPath;
  } catch {
    return 'rg';
  }
}
