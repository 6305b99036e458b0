/**
 * Finds lines in a file, exactly first and then with less and less attention to spaces and typography.
 *
 * A whole level is searched before the next one, and the first place wins. Time is linear in file and pattern at each level, so
 * repeated lines cannot make it hang.
 */

type Level = (line: string) => string;

const LEVELS: readonly Level[] = [
  (line) => line,
  (line) => line.trimEnd(),
  (line) => line.trim(),
  plainTypography,
];

/** Trims a line and replaces dashes, quotes and spaces that models type differently by their ASCII forms. */
function plainTypography(line: string): string {
  return line
    .trim()
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/[\u2018-\u201B]/g, "'")
    .replace(/[\u201C-\u201F]/g, '"')
    .replace(/[\u00A0\u2002-\u200A\u202F\u205F\u3000]/g, ' ');
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
 * The index of `pattern` in `lines`, searching forward from `start`; `endOfFile` looks at the last
 * possible place only. An empty pattern is found at `start`.
 * @param lines must not be changed between calls.
 */
export function seekSequence(
  lines: readonly string[],
  pattern: readonly string[],
  start: number,
  endOfFile: boolean,
): number | undefined {
  if (pattern.length === 0) return start;
  if (pattern.length > lines.length) return undefined;
  const from = endOfFile ? lines.length - pattern.length : start;
  if (from < start) return undefined;
  for (const [level, rule] of LEVELS.entries()) {
    const found = indexOfRun(linesAtLevel(lines, level, rule), pattern.map(rule), from);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Knuth-Morris-Pratt over whole lines. */
function indexOfRun(lines: readonly string[], pattern: readonly string[], from: number): number | undefined {
  const fallback = [0];
  for (let i = 1, length = 0; i < pattern.length; i++) {
    while (length > 0 && pattern[i] !== pattern[length]) length = fallback[length - 1] ?? 0;
    if (pattern[i] === pattern[length]) length++;
    fallback[i] = length;
  }
  for (let i = from, length = 0; i < lines.length; i++) {
    while (length > 0 && lines[i] !== pattern[length]) length = fallback[length - 1] ?? 0;
    if (lines[i] === pattern[length]) length++;
    if (length === pattern.length) return i - length + 1;
  }
  return undefined;
}
