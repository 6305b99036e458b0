/** Reviews what has changed in a repository: asks git, and has the pieces read. */
import type { ReviewWanted } from '../protocol.ts';
import { changesIn } from '../system/git-changes.ts';
import { describeChanges } from '../text/review-words.ts';
import { changedFiles } from './changed-files.ts';
import { type ReviewDeps, type Reviewed, type ReviewInput, review } from './review.ts';

/** Characters; no model reads as much in a day. */
const MOST_DIFF = 64 * 2 ** 20;
/** Unchanged lines around a change. */
const CONTEXT = 6;

export interface ReviewedChanges extends Reviewed {
  /** Completes "review of …". */
  readonly what: string;
  /** The folder of the repository, absolute. */
  readonly top: string;
}

export interface ReviewPlace extends Pick<ReviewInput, 'projectDoc'> {
  /** In the repository, absolute. */
  readonly cwd: string;
}

/** @throws Error for the user: there is no repository, a name means nothing, the diff is too large; what git says; the signal's reason. */
export async function reviewChanges(
  { changes, instructions }: ReviewWanted,
  { cwd, projectDoc }: ReviewPlace,
  deps: ReviewDeps,
  signal: AbortSignal,
): Promise<ReviewedChanges> {
  const { diff, top, unread, failed, isCut } = await changesIn(cwd, changes, {
    outputLimit: MOST_DIFF,
    context: CONTEXT,
    signal,
  });
  if (isCut) throw new Error('the diff is larger than 64 MB: review its commits one by one (--commit)');
  const reviewed = await review({ files: changedFiles(diff), instructions, projectDoc }, deps, signal);
  const missing = failed.map((name) => ({ path: name, start: 1, end: 1, reason: 'it cannot be read' }));
  return {
    ...reviewed,
    leftOut: [...reviewed.leftOut, ...unread],
    notReviewed: [...reviewed.notReviewed, ...missing],
    what: describeChanges(changes),
    top,
  };
}
