/** Which changed files are not reviewed, and why: there is nothing of them to read, or nobody wrote it. Pure. */
import { leftOutAs } from '../repo-index/reading/file-kinds.ts';
import type { ChangedFile } from './changed-files.ts';

export interface LeftOut {
  readonly path: string;
  /** Completes "it is not reviewed: it is …". */
  readonly reason: string;
}

/** A longer line was not written by hand; of other files such a line is cut. */
export const MOST_LINE = 1_000;
/** Characters, on average, of the lines that a minifier makes. */
const MINIFIED_LINE = 400;
/** Its size is not known, and does not decide. */
const SOME_BYTES = 1;

/** Undefined: it is reviewed. */
export function whyLeftOut({
  path,
  change,
  hunks,
  isBinary,
  isSubmodule,
  movedFrom,
}: ChangedFile): string | undefined {
  if (isSubmodule) return 'a submodule';
  if (isBinary) return 'binary, by what it holds or by .gitattributes, or larger than 2 MB';
  if (change === 'delete') return 'deleted';
  if (hunks.length === 0) {
    if (movedFrom !== undefined) return `moved from ${movedFrom}, unchanged`;
    return change === 'add' ? 'empty' : 'changed only in its mode';
  }
  const added = hunks.flatMap(({ lines }) => lines.filter(({ kind }) => kind === '+'));
  const characters = added.reduce((sum, { text }) => sum + text.length, 0);
  if (added.length > 0 && characters / added.length > MINIFIED_LINE) return 'minified';
  return leftOutAs(path, SOME_BYTES);
}
