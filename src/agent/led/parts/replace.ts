/**
 * The text of a part, and the file with another text in its place.
 *
 * Never throws. What is outside the part stays as it is, byte for byte; replacing a part with its own text changes
 * nothing.
 */
import type { Part } from '../parts.ts';

/** Lines with their line endings. */
export function rowsOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** With all line endings and the blank lines that follow it: the texts of all parts in order are the file. */
export function partText(text: string, part: Part): string {
  return rowsOf(text)
    .slice(Math.max(0, part.start - 1), part.end)
    .join('');
}

/**
 * The file with `newText` as the part. Line endings, the blank lines around the part and the file's last line ending
 * stay as they were. A text that lost or gained indentation as a whole, or on its first line only, gets that of the old
 * part. A blank text removes the part.
 */
export function replacePart(text: string, part: Part, newText: string): string {
  const rows = rowsOf(text);
  const from = Math.max(0, part.start - 1);
  const old = rows.slice(from, part.end);
  if (withoutReturns(old.join('')) === withoutReturns(newText)) return text;
  const [before, after] = [rows.slice(0, from), rows.slice(Math.max(from, part.end))];
  const fresh = withoutReturns(newText).split('\n');
  const body = fresh.slice(leadingBlanks(fresh), fresh.length - trailingBlanks(fresh));
  if (body.length === 0)
    return ended(after.length === 0 ? withoutTrailing(before) : [...before, ...after], text);
  const end = lineEnd(old, text);
  const trail = old.slice(old.length - trailingBlanks(old));
  const lead = trail.length === old.length ? [] : old.slice(0, leadingBlanks(old));
  const lines = reindented(body, old).map((line) => line + end);
  return ended([...before, ...lead, ...lines, ...trail, ...after], text);
}

function withoutReturns(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

function isBlank(line: string): boolean {
  return line.trim() === '';
}

function leadingBlanks(lines: readonly string[]): number {
  const at = lines.findIndex((line) => !isBlank(line));
  return at < 0 ? lines.length : at;
}

function trailingBlanks(lines: readonly string[]): number {
  return lines.length - 1 - lines.findLastIndex((line) => !isBlank(line));
}

function withoutTrailing(lines: readonly string[]): readonly string[] {
  return lines.slice(0, lines.length - trailingBlanks(lines));
}

/** The line ending of most of the part's lines; if it has none, that of the file. */
function lineEnd(old: readonly string[], text: string): string {
  const ends = old.filter((line) => line.endsWith('\n'));
  if (ends.length === 0) return text.includes('\r\n') ? '\r\n' : '\n';
  const returns = ends.filter((line) => line.endsWith('\r\n')).length;
  return returns * 2 > ends.length ? '\r\n' : '\n';
}

/** The lines, with a line ending at the very end only if the file had one. */
function ended(rows: readonly string[], text: string): string {
  const joined = rows.join('');
  const hasEnd = text.endsWith('\n');
  if (joined === '' || joined.endsWith('\n') === hasEnd) return joined;
  return hasEnd ? joined + (text.endsWith('\r\n') ? '\r\n' : '\n') : joined.replace(/\r?\n$/, '');
}

function reindented(lines: readonly string[], old: readonly string[]): readonly string[] {
  const [first = '', ...rest] = lines;
  const wanted = blanksBefore(old.find((line) => !isBlank(line)) ?? '');
  const given = blanksBefore(first);
  if (wanted === given) return lines;
  const oldRest = commonBlanks(old.slice(leadingBlanks(old) + 1));
  const newRest = commonBlanks(rest);
  const isFirstOnly = newRest !== undefined && newRest === oldRest;
  if (wanted.startsWith(given)) {
    const missing = wanted.slice(given.length);
    if (isFirstOnly) return [missing + first, ...rest];
    return lines.map((line) => (isBlank(line) ? line : missing + line));
  }
  if (!given.startsWith(wanted)) return lines;
  const surplus = given.length - wanted.length;
  if (isFirstOnly) return [first.slice(surplus), ...rest];
  // If a line is indented less, the surplus is not common to the whole text.
  return newRest !== undefined && newRest < surplus
    ? lines
    : lines.map((line) => (isBlank(line) ? line : line.slice(surplus)));
}

function blanksBefore(line: string): string {
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}

/** The smallest indentation of a line; undefined if there are only blank lines. */
function commonBlanks(lines: readonly string[]): number | undefined {
  let least: number | undefined;
  for (const line of lines)
    if (!isBlank(line)) least = Math.min(least ?? Number.POSITIVE_INFINITY, blanksBefore(line).length);
  return least;
}
