/** The findings of a review in the order in which every report has them: by file, the file with the worst one first. Pure. */
import { printable } from '../config/errors.ts';
import type { Finding, Severity } from './finding.ts';
import type { ReviewProgress } from './review.ts';

export interface NumberedFinding extends Finding {
  /** From 1; people and models name it so. */
  readonly number: number;
}

/** @param findings the worst first. */
export function inOrder(findings: readonly Finding[]): NumberedFinding[] {
  const paths = [...new Set(findings.map(({ path }) => path))];
  return paths
    .flatMap((path) => findings.filter((finding) => finding.path === path))
    .map((finding, at) => ({ ...finding, number: at + 1 }));
}

/** `2/7 src/a.ts:10-40`. */
export function progressWords({ done, total, path, start, end }: ReviewProgress): string {
  return `${done + 1}/${Math.max(total, done + 1)} ${printable(path)}:${linesOf({ start, end })}`;
}

/** `3`, or `3-5`. */
export function linesOf({ start, end }: Pick<Finding, 'start' | 'end'>): string {
  return start === end ? String(start) : `${start}-${end}`;
}

/** `1 P1, 2 P3`; empty for none. */
export function countsOf(findings: readonly Finding[]): string {
  return ([0, 1, 2, 3] as const)
    .map((severity): [Severity, number] => [
      severity,
      findings.filter((one) => one.severity === severity).length,
    ])
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${count} P${severity}`)
    .join(', ');
}
