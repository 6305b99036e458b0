/** A review in an open session: with its model and its index. */
import type { ReviewTools } from '../agent/review-port.ts';
import type { ReviewWanted } from '../protocol.ts';
import { reportMarkdown } from '../review/report-markdown.ts';
import { progressWords } from '../review/report-order.ts';
import { type ReviewPlace, reviewChanges } from '../review/review-changes.ts';
import type { FindCode } from '../review/surroundings.ts';
import type { CodeIndex } from './code-index.ts';

interface SessionReview extends ReviewTools {
  readonly place: ReviewPlace;
  readonly index: CodeIndex | undefined;
}

/** @returns Markdown; undefined: it was stopped before anything was found. @throws Error for the user; the signal's reason */
export async function reviewInSession(
  { place, index, onPiece, ...tools }: SessionReview,
  wanted: ReviewWanted,
  signal: AbortSignal,
): Promise<string | undefined> {
  const findCode: FindCode | undefined = index && ((words, until) => index.parts(words, until));
  const deps = {
    ...tools,
    findCode,
    onProgress: (progress: Parameters<typeof progressWords>[0]) => onPiece(progressWords(progress)),
  };
  const reviewed = await reviewChanges(wanted, place, deps, signal);
  const isNothing = reviewed.isInterrupted && reviewed.findings.length === 0;
  return isNothing ? undefined : reportMarkdown(reviewed);
}
