/**
 * What is said of the repository index: for /status, `doctor` and `oagent index`.
 *
 * Does not: find any of it out.
 */
import type { ServiceStatus } from '../repo-index/service.ts';
import { vectorsLine } from '../repo-index/vectors/vectors-state.ts';
import { sanitizeForTerminal } from '../text/sanitize.ts';

/** The files and chunks, what is wrong with them, and the vectors: a line each. */
export function indexLines(status: ServiceStatus): string[] {
  if (status.state === 'off') return ['no index'];
  const { state, files, waiting, chunks, commits, unnamable, problem, vectors } = status;
  const parts = [`${files} files`, `${chunks} chunks`, `${commits} commits`];
  if (waiting > 0) parts.push(`${waiting} files to read`);
  if (unnamable > 0) parts.push(`${unnamable} left out, because their names are no UTF-8`);
  return [
    `${state}: ${parts.join(', ')}`,
    ...(problem === undefined ? [] : [problem]),
    ...(vectors === undefined ? [] : [vectorsLine(vectors)]),
  ].map((line) => sanitizeForTerminal(line));
}
