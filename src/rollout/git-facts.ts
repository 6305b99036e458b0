/**
 * The commit, branch and URL of a session's git repository, read from its files: git is not run.
 */
import path from 'node:path';
import { type GitFolders, headOf, repositoryAround } from '../system/git-folders.ts';
import { smallText } from '../text/regular-file.ts';
import type { GitFacts } from './lines.ts';

/** Undefined outside a repository. Never throws. */
export function gitFacts(cwd: string): GitFacts | undefined {
  const found = repositoryAround(cwd);
  return found === undefined ? undefined : factsOf(found);
}

function factsOf(repository: GitFolders): GitFacts {
  const { commit, branch } = headOf(repository);
  const url = originOf(smallText(path.join(repository.commonDir, 'config')) ?? '');
  return {
    commit_hash: commit,
    branch,
    // Without the user name and password in it.
    repository_url: url?.replace(/^(\w+:\/\/)[^/@]*@/, '$1'),
  };
}

function originOf(config: string): string | undefined {
  const section = /^\[remote "origin"\]([^[]*)/m.exec(config)?.[1];
  return /^[ \t]*url[ \t]*=(.*)$/m.exec(section ?? '')?.[1]?.trim() || undefined;
}
