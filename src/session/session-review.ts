/** A review in an open session: with its model and its index. */
import type { ReviewTools } from '../agent/review-turn.ts';
import type { ReviewWanted } from '../protocol.ts';
import { reportMarkdown } from '../review/report-markdown.ts';
import { progressWords } from '../review/report-order.ts';
import { reviewChanges } from '../review/review-changes.ts';
import type { FindCode } from '../review/surroundings.ts';
import { projectDoc } from './build-agent.ts';
import type { CodeIndex } from './code-index.ts';
import type { SessionPlan } from './plan.ts';
import { MOST_PARTS } from './reviewer.ts';

/** @returns Markdown; undefined: it was stopped before anything was found. @throws Error for the user; the signal's reason */
export async function reviewInSession(
  plan: SessionPlan,
  index: CodeIndex | undefined,
  wanted: ReviewWanted,
  { onPiece, ...tools }: ReviewTools,
  signal: AbortSignal,
): Promise<string | undefined> {
  const findCode: FindCode | undefined = index && ((words, until) => index.parts(words, MOST_PARTS, until));
  const place = { cwd: plan.cwd, projectDoc: projectDoc(plan).text };
  const deps = { ...tools, findCode, onProgress: onPieceOf(onPiece) };
  const reviewed = await reviewChanges(wanted, place, deps, signal);
  const isNothing = reviewed.isInterrupted && reviewed.findings.length === 0;
  return isNothing ? undefined : reportMarkdown(reviewed);
}

function onPieceOf(onPiece: ReviewTools['onPiece']) {
  return (progress: Parameters<typeof progressWords>[0]): void => onPiece(progressWords(progress));
}
