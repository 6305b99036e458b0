/** A review as the answer of a turn, in Markdown. Pure. */
import { printable } from '../config/errors.ts';
import { inOrder, linesOf, type NumberedFinding } from './report-order.ts';
import { doubt, endLines } from './report-text.ts';
import type { ReviewedChanges } from './review-changes.ts';

export function reportMarkdown(reviewed: ReviewedChanges): string {
  const findings = inOrder(reviewed.findings).map(findingMarkdown);
  return [...findings, endLines(reviewed, false).join('\n')].join('\n\n');
}

function findingMarkdown(finding: NumberedFinding): string {
  const { number, severity, title, why, fix, path, code } = finding;
  const head = `**${number}. [P${severity}] ${title}** \`${printable(path)}:${linesOf(finding)}\`${doubt(finding)}`;
  const words = fix === '' ? [why] : [why, `Fix: ${fix}`];
  return [head, fenced(code.join('\n')), ...words].join('\n\n');
}

/** With more marks than the code has. */
function fenced(code: string): string {
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map(([marks]) => marks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${code.trimEnd()}\n${fence}`;
}
