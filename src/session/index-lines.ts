/** The state of the repository index in words, for /status and `oagent index`. */
import type { ServiceStatus } from '../repo-index/service.ts';
import { vectorsLine } from '../repo-index/vectors/vectors-state.ts';
import { sanitizeForTerminal } from '../text/sanitize.ts';

/** A line each: files and chunks, the problem if there is one, the vectors. */
export function indexLines(status: ServiceStatus): string[] {
  if (status.state === 'off') return ['no index'];
  const { state, files, waiting, chunks, commits, unnamable, problem, vectors } = status;
  const parts = [`${files} files`, `${chunks} chunks`, `${commits} commits`];
  if (waiting > 0) parts.push(`${waiting} files to read`);
  if (unnamable > 0) parts.push(`${unnamable} left out, because their names are not UTF-8`);
  return [
    `${state}: ${parts.join(', ')}`,
    ...(problem === undefined ? [] : [problem]),
    ...(vectors === undefined ? [] : [vectorsLine(vectors)]),
  ].map((line) => sanitizeForTerminal(line));
}
