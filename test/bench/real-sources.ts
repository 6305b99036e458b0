/** The sources that the index is measured on: folders of real code, in a repository of their own. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';

/** The folders that are given, or the packages in node_modules. */
export function sourceFolders(given: readonly string[]): readonly string[] {
  if (given.length > 0) return given.map((folder) => path.resolve(folder));
  return [path.resolve(import.meta.dirname, '../../node_modules')];
}

/** The sources, without what they ignore, in a repository of their own. */
export function repositoryOf(folders: readonly string[], root: string): void {
  mkdirSync(root);
  for (const [at, folder] of folders.entries())
    cpSync(folder, path.join(root, `part${at}`), {
      recursive: true,
      filter: (from) => !/\/(?:\.git|\.cache|\.vite)$/.test(from),
    });
  execFileSync('git', ['init', '--quiet'], { cwd: root });
}
