/**
 * What a session remembers of its git repository: commit, branch, address. Only files are read, no program is run; an address is
 * kept without the name and password in it.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gitFolders } from '../safety/git-repository.ts';
import type { GitFacts } from './lines.ts';

/** Undefined outside of a repository. Never throws. */
export function gitFacts(cwd: string): GitFacts | undefined {
  for (let folder = cwd; ; folder = path.dirname(folder)) {
    const found = gitFolders(folder);
    if (found !== undefined) return factsOf(found);
    if (folder === path.dirname(folder)) return undefined;
  }
}

function factsOf({ gitDir, commonDir }: { readonly gitDir: string; readonly commonDir: string }): GitFacts {
  const head = read(path.join(gitDir, 'HEAD')).trim();
  const ref = /^ref: (refs\/heads\/(.+))$/.exec(head);
  const commit = ref === null ? head : commitOf(commonDir, ref[1] ?? '');
  const url = originOf(read(path.join(commonDir, 'config')));
  return {
    commit_hash: /^[0-9a-f]{40,64}$/.test(commit) ? commit : undefined,
    branch: ref?.[2] === '.invalid' ? undefined : ref?.[2],
    repository_url: url?.replace(/^(\w+:\/\/)[^/@]*@/, '$1'),
  };
}

function commitOf(commonDir: string, ref: string): string {
  const loose = read(path.join(commonDir, ref)).trim();
  if (loose !== '') return loose;
  const line = read(path.join(commonDir, 'packed-refs'))
    .split('\n')
    .find((packed) => packed.endsWith(` ${ref}`));
  return line?.split(' ')[0] ?? '';
}

function originOf(config: string): string | undefined {
  const section = /^\[remote "origin"\]([^[]*)/m.exec(config)?.[1];
  return /^\s*url\s*=\s*(.+?)\s*$/m.exec(section ?? '')?.[1];
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
