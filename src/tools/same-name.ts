/** Files of a project with the name of one that does not exist, elsewhere in it. */
import path from 'node:path';
import { ripgrepFiles } from './ripgrep-files.ts';

/** A large project on a slow disk is given up on: the answer to a wrong path must not wait for it. */
const PATIENCE_MS = 1_000;
const MOST = 3;

/** Up to three absolute paths below `cwd`, shortest first; ignored files are left out. */
export async function sameNames(missing: string, cwd: string): Promise<readonly string[]> {
  const name = path.basename(missing);
  if (name === '' || name === '.' || name === '..') return [];
  const glob = `**/${name.replace(/[[\]{}*?!\\]/g, '\\$&')}`;
  const found: string[] = [];
  try {
    for await (const batch of ripgrepFiles(cwd, ['--glob', glob], AbortSignal.timeout(PATIENCE_MS))) {
      found.push(...batch.map((file) => path.join(cwd, file)));
    }
  } catch {
    return [];
  }
  return found.sort((a, b) => a.length - b.length || (a < b ? -1 : 1)).slice(0, MOST);
}
