/** Says each finding once, the worst first. Pure. */
import type { Finding } from './finding.ts';

export function merged(findings: readonly Finding[]): Finding[] {
  const kept: Finding[] = [];
  for (const finding of findings) {
    const at = kept.findIndex((known) => isSame(known, finding));
    const known = kept[at];
    if (known === undefined) kept.push(finding);
    else kept[at] = joined(known, finding);
  }
  return kept.toSorted(
    (one, other) => one.severity - other.severity || compare(one.path, other.path) || one.start - other.start,
  );
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

/** On the same line, or the next ones of the same file, in the same words. */
function isSame(one: Finding, other: Finding): boolean {
  if (one.path !== other.path) return false;
  return one.start === other.start || words(one.why) === words(other.why);
}

/** The worse of them, at the first place; surer, because it was found twice. */
function joined(one: Finding, other: Finding): Finding {
  const worse = other.severity < one.severity ? other : one;
  const first = other.start < one.start ? other : one;
  const { start, end, code } = first;
  return { ...worse, start, end, code, confidence: Math.max(one.confidence, other.confidence) };
}

function words(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
