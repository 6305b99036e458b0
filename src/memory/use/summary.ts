/**
 * What a session is told of `memory_summary.md`: lines about all projects and about its own, quoted, within a budget.
 *
 * Invariants: whole lines only; the same file gives the same bytes; a line is marked, so that none can look like anything else
 * than a part of the quotation.
 */
import opening from '../../../prompts/memory/opening.md?raw';
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import { mostTokens } from '../most-tokens.ts';
import { isOfProject, type Project } from './project.ts';

/** Of the window, and at most so many tokens. */
const SHARE = 0.02;
const MOST_TOKENS = 600;

/** @returns ready to send; undefined: there is nothing for this project, or no line of it fits. */
export function openingText(summary: string, project: Project, numCtx: number): string | undefined {
  const frame = opening.trim();
  let left = Math.min(SHARE * numCtx, MOST_TOKENS) - mostTokens(frame);
  const taken: string[] = [];
  for (const line of linesFor(summary, project)) {
    left -= mostTokens(`${line}\n`);
    if (left < 0) break;
    taken.push(line);
  }
  return taken.length === 0 ? undefined : frame.replace('{lines}', () => taken.join('\n'));
}

/** A heading with the absolute path of a folder says which project the lines below it are about; others divide by topic. */
export function linesFor(summary: string, project: Project): string[] {
  let isWanted = true;
  return summary.split(/\r\n?|[\n\u0085\u2028\u2029]/).flatMap((line) => {
    const heading = /^#{1,6}\s+(.*)$/.exec(line)?.[1];
    if (heading !== undefined) {
      const about = heading.startsWith('/') ? heading.trim() : /\s`?(\/[^`]*?)`?\s*$/.exec(heading)?.[1];
      isWanted = about === undefined || isOfProject(about, project);
      return [];
    }
    const text = sanitizeForTerminal(line)
      .replace(/^\s*[-*+>]\s+/, '')
      .trim();
    return isWanted && text !== '' ? [`> ${text}`] : [];
  });
}
