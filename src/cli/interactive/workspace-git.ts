/** What the view shows of git: the branch, and the changes in the working tree. */
import { changesIn } from '../../system/git-changes.ts';
import { headOf, repositoryAround } from '../../system/git-folders.ts';
import { plural } from '../../text/digits.ts';

const OUTPUT_LIMIT = 10 * 1024 * 1024;
/** New files beyond these are counted, not shown. */
const NEW_FILES_SHOWN = 200;
/** As git does by itself. */
const CONTEXT = 3;

/**
 * The changes since the last commit, staged or not, and the untracked files as one diff; empty if there are none.
 * Paths are relative to the repository's root.
 *
 * @throws Error if `cwd` is not in a repository, or git is not installed.
 */
export async function gitDiff(cwd: string, signal?: AbortSignal): Promise<string> {
  const { diff, unread, failed, isCut } = await changesIn(
    cwd,
    { type: 'uncommitted' },
    { outputLimit: OUTPUT_LIMIT, context: CONTEXT, mostNewFiles: NEW_FILES_SHOWN, signal },
  );
  if (isCut) return `${diff}[diff cut at 10 MiB]\n`;
  const more = unread.length + failed.length;
  return more > 0 ? `${diff}[${plural(more, 'more new file')}]\n` : diff;
}

/** The current branch, or the start of a commit id; undefined outside of a repository. Runs no program. */
export function gitBranch(cwd: string): string | undefined {
  const found = repositoryAround(cwd);
  if (found === undefined) return undefined;
  const { branch, commit } = headOf(found);
  // Without a branch, HEAD itself is the commit.
  return branch ?? commit?.slice(0, 7);
}
