/** The line that is meant where an answer names a thing of the code and a wrong line. */
import { type Cited, citations } from './citations.ts';

/** So far from the line a thing may be. */
const NEAR = 3;
const NAME = /`([A-Za-z_$][\w$.]{2,80})(?:\(\))?`/g;

/** @returns undefined: the line may be right, or nothing says which one is. */
export function namedLine(text: string, cited: Cited, lines: readonly string[]): number | undefined {
  const from = text.lastIndexOf('\n', cited.at) + 1;
  const until = text.indexOf('\n', cited.end);
  const around = text.slice(from, until === -1 ? undefined : until);
  // With several places it is open which name belongs to which.
  if (citations(around).length !== 1) return undefined;
  const names = [...around.matchAll(NAME)].map(([, name = '']) => name);
  const near = lines.slice(Math.max(0, cited.first - 1 - NEAR), cited.last + NEAR).join('\n');
  if (names.length === 0 || names.some((name) => near.includes(name))) return undefined;
  for (const name of names) {
    const at = lines.flatMap((line, index) => (line.includes(name) ? [index + 1] : []));
    if (at.length === 1) return at[0];
  }
  return undefined;
}
