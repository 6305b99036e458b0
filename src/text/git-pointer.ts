import path from 'node:path';

/** The folder (absolute) that the text of the file `.git` of a worktree names; undefined if that is no such text. */
export function gitDirNamedIn(text: string, worktree: string): string | undefined {
  const target = /^gitdir: (.+?)[\r\n]*$/.exec(text)?.[1];
  return target === undefined ? undefined : path.resolve(worktree, target);
}
