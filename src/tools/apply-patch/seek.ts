/**
 * Finds lines in a file, exactly first and then with less and less attention to spaces and typography.
 *
 * A whole level is searched before the next one: what one level finds is not looked for at a looser one. Time is linear in file and pattern at each level, so
 * repeated lines cannot make it hang.
 */

import { foldLook } from '../../text/look.ts';

type Level = (line: string) => string;

const LEVELS: readonly Level[] = [
  (line) => line,
  (line) => line.trimEnd(),
  (line) => line.trim(),
  plainTypography,
  // How a reader that knows only UTF-8 shows the bytes of other encodings.
  (line) => plainTypography(line).replace(/[^\0-\x7f]/g, '\ufffd'),
];

/** Trims a line and replaces what models type differently: dashes, quotes, spaces, composed letters, invisible characters. */
function plainTypography(line: string): string {
  return foldLook(line)
    .trim()
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/[\u2018-\u201B]/g, "'")
    .replace(/[\u201C-\u201F]/g, '"');
}

/** A file's lines at each level; a patch with many hunks asks for them again and again. */
const cache = new WeakMap<readonly string[], (readonly string[])[]>();

function linesAtLevel(lines: readonly string[], level: number, rule: Level): readonly string[] {
  if (level === 0) return lines;
  const known = cache.get(lines) ?? [];
  cache.set(lines, known);
  const mapped = known[level] ?? lines.map(rule);
  known[level] = mapped;
  return mapped;
}

/**
 * Every index of `pattern` in `lines` from `start` on, ascending, at the strictest level that has any; places may overlap.
 * `endOfFile` looks at the last possible place only. An empty pattern is found at `start`.
 * @param lines must not be changed between calls.
 */
export function seekAll(
  lines: readonly string[],
  pattern: readonly string[],
  start: number,
  endOfFile: boolean,
): readonly number[] {
  if (pattern.length === 0) return [start];
  if (pattern.length > lines.length) return [];
  const from = endOfFile ? lines.length - pattern.length : start;
  if (from < start) return [];
  // The last level is for patches that have the sign themselves.
  const levels = pattern.some((line) => line.includes('\ufffd')) ? LEVELS : LEVELS.slice(0, -1);
  for (const [level, rule] of levels.entries()) {
    const found = indexesOfRun(linesAtLevel(lines, level, rule), pattern.map(rule), from);
    if (found.length > 0) return found;
  }
  return [];
}

/** The first place that `seekAll` finds. */
export function seekSequence(
  lines: readonly string[],
  pattern: readonly string[],
  start: number,
  endOfFile: boolean,
): number | undefined {
  return seekAll(lines, pattern, start, endOfFile)[0];
}

/** Knuth-Morris-Pratt over whole lines. */
function indexesOfRun(lines: readonly string[], pattern: readonly string[], from: number): readonly number[] {
  const fallback = [0];
  for (let i = 1, length = 0; i < pattern.length; i++) {
    while (length > 0 && pattern[i] !== pattern[length]) length = fallback[length - 1] ?? 0;
    if (pattern[i] === pattern[length]) length++;
    fallback[i] = length;
  }
  const found: number[] = [];
  for (let i = from, length = 0; i < lines.length; i++) {
    while (length > 0 && lines[i] !== pattern[length]) length = fallback[length - 1] ?? 0;
    if (lines[i] === pattern[length]) length++;
    if (length < pattern.length) continue;
    found.push(i - length + 1);
    length = fallback[length - 1] ?? 0;
  }
  return found;
}
