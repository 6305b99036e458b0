/**
 * A review for people, as plain text: by file, with the lines, and what was not reviewed. All of it may be foreign text, and no name of a
 * file begins a line of its own. Pure.
 */
import { printable } from '../config/errors.ts';
import { plural } from '../text/digits.ts';
import { CONFIDENCE } from './check.ts';
import type { Finding } from './finding.ts';
import { countsOf, inOrder, linesOf, type NumberedFinding } from './report-order.ts';
import type { Reviewed } from './review.ts';
import type { ReviewedChanges } from './review-changes.ts';

/** Names beyond these are counted. */
const MOST_NAMES = 10;

export interface ReportOptions {
  /** Also what the second look denied, and all that was left out. */
  readonly isVerbose: boolean;
}

export function reportText(reviewed: ReviewedChanges, { isVerbose }: ReportOptions): string {
  const ordered = inOrder(reviewed.findings);
  const paths = [...new Set(ordered.map(({ path }) => path))];
  const files = paths.map((path) =>
    [printable(path), ...ordered.filter((finding) => finding.path === path).map(findingText)].join('\n\n'),
  );
  const denied = isVerbose && reviewed.denied.length > 0 ? [deniedText(reviewed.denied)] : [];
  return `${[...files, ...denied, endLines(reviewed, isVerbose).join('\n')].join('\n\n')}\n`;
}

function findingText(finding: NumberedFinding): string {
  const { number, severity, title, why, fix, start, code } = finding;
  const width = String(start + code.length).length;
  const lines = code.map((line, at) => `     ${String(start + at).padStart(width)} | ${line.trimEnd()}`);
  const words = [why, ...(fix === '' ? [] : [`Fix: ${fix}`])];
  const about = `  ${number}. [P${severity}] ${title} (line ${linesOf(finding)}${doubt(finding)})`;
  return [about, ...lines, ...words.map((text) => text.replace(/^/gm, '     '))].join('\n');
}

/** The second look has not decided. */
export function doubt({ confidence }: Finding): string {
  return confidence < CONFIDENCE.true ? ', not confirmed' : '';
}

function deniedText(denied: readonly Finding[]): string {
  const lines = denied.map(
    (one) => `  ${printable(one.path)}:${linesOf(one)} [P${one.severity}] ${one.title}: ${one.why}`,
  );
  return ['Found, and denied by the second look:', ...lines].join('\n');
}

/** What came of it in a few lines: the last says whether all was reviewed. */
export function endLines(reviewed: ReviewedChanges, isVerbose: boolean): string[] {
  const { findings, denied, outside, notReviewed, leftOut, pieces } = reviewed;
  const counts = countsOf(findings);
  const found = counts === '' ? 'No bugs found' : `${plural(findings.length, 'finding')} (${counts})`;
  const read = pieces === 0 ? 'nothing to review' : plural(pieces, 'piece');
  const dropped = [
    ...(denied.length > 0 ? [`${denied.length} denied by the second look`] : []),
    ...(outside > 0 ? [`${outside} not about the change`] : []),
  ];
  const head = `${found} in ${reviewed.what}: ${read}${dropped.length > 0 ? `; dropped: ${dropped.join(', ')}` : ''}.`;
  const left = leftOut.map(({ path, reason }) => `${printable(path)} (${reason})`);
  const missing = notReviewed.map(
    ({ path, start, end, reason }) => `  ${printable(path)}:${start}-${end}: ${reason}`,
  );
  return [
    pieces === 0 && isComplete(reviewed) ? `There is nothing to review in ${reviewed.what}.` : head,
    ...(left.length === 0 ? [] : [`Left out: ${some(left, isVerbose).join(', ')}`]),
    ...(missing.length === 0 ? [] : ['NOT reviewed:', ...some(missing, isVerbose)]),
    ...(reviewed.isInterrupted ? ['The review was stopped: this is what was found until then.'] : []),
  ];
}

/** All that there is to read was read. */
export function isComplete({
  notReviewed,
  isInterrupted,
}: Pick<Reviewed, 'notReviewed' | 'isInterrupted'>): boolean {
  return notReviewed.length === 0 && !isInterrupted;
}

function some(names: readonly string[], isAll: boolean): readonly string[] {
  if (isAll || names.length <= MOST_NAMES) return names;
  return [...names.slice(0, MOST_NAMES), `and ${names.length - MOST_NAMES} more`];
}
