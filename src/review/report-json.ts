/** A review as Codex writes it (`ReviewOutput`), with some keys of our own behind its own. Pure. */
import path from 'node:path';
import type { JsonObject } from '../protocol.ts';
import type { Finding } from './finding.ts';
import { inOrder } from './report-order.ts';
import { endLines, isComplete } from './report-text.ts';
import type { ReviewedChanges } from './review-changes.ts';

/** As Codex has it: P3 does not make a change wrong. */
const LEAST_WRONG = 2;

/** @param model as the server lists it. */
export function reportJson(reviewed: ReviewedChanges, model: string): JsonObject {
  const { findings, denied, outside, notReviewed, leftOut, pieces, top, what } = reviewed;
  const [first = ''] = endLines(reviewed, false);
  return {
    findings: inOrder(findings).map((finding) => findingJson(finding, top)),
    overall_correctness: correctness(reviewed),
    overall_explanation: first,
    overall_confidence_score: Math.max(0, ...findings.map(({ confidence }) => confidence)) || NOTHING_FOUND,
    reviewed: what,
    model,
    is_complete: isComplete(reviewed),
    pieces,
    not_reviewed: notReviewed.map(({ path: file, start, end, reason }) => ({
      path: file,
      line_range: { start, end },
      reason,
    })),
    left_out: leftOut,
    dropped: { denied: denied.length, outside },
  };
}

/** Nobody has looked twice at what was not found. */
const NOTHING_FOUND = 0.5;

function correctness(reviewed: ReviewedChanges): string {
  if (reviewed.findings.some(({ severity }) => severity <= LEAST_WRONG)) return 'patch is incorrect';
  return isComplete(reviewed) ? 'patch is correct' : 'unknown';
}

function findingJson(finding: Finding, top: string): JsonObject {
  const { severity, title, why, fix, confidence, start, end } = finding;
  return {
    title: `[P${severity}] ${title}`,
    body: fix === '' ? why : `${why}\n\nFix: ${fix}`,
    confidence_score: confidence,
    priority: severity,
    code_location: {
      absolute_file_path: path.join(top, finding.path),
      line_range: { start, end },
    },
  };
}
