/**
 * Foreign text as lines that may be shown.
 *
 * Invariants: sanitised once; no newline, tab or control character is left; a line that was overwritten (a progress
 * bar) shows its last state; only what is shown is processed, however long the text is.
 */
import { cellWidth } from '../../text/cell-width.ts';
import { sanitizeForTerminal } from '../../text/sanitize.ts';

/** Tab stops: of source code, and of terminal output. */
export const CODE_TAB = 4;
export const OUTPUT_TAB = 8;

/** Characters of one line that are processed; a longer line ends with `…`. */
const LINE_LIMIT = 20_000;

interface CleanOptions {
  /** Cells between tab stops. */
  readonly tab?: number;
}

/** All lines, without trailing blank ones. */
export function cleanLines(text: string, { tab = CODE_TAB }: CleanOptions = {}): string[] {
  const lines = text.split('\n').map((line) => cleanLine(line, tab));
  let end = lines.length;
  while (end > 0 && lines[end - 1]?.trim() === '') end -= 1;
  return lines.slice(0, end);
}

/** One line of foreign text: line breaks and runs of white space become one space. */
export function oneLine(text: string, limit = LINE_LIMIT): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return sanitizeForTerminal(cut).replace(/\s+/g, ' ').trim();
}

interface HeadTail {
  readonly head: string[];
  /** Lines that are left out between the two. */
  readonly omitted: number;
  readonly tail: string[];
}

/** The first and last lines of a text, `most` in all, half of them at the end; all of them if at most one would be left out. */
export function headTail(text: string, most: number, { tab = OUTPUT_TAB }: CleanOptions = {}): HeadTail {
  const end = endOfText(text);
  const total = countLines(text, end);
  const clean = (lines: string[]): string[] => lines.map((line) => cleanLine(line, tab));
  if (total <= most + 1) {
    return { head: total === 0 ? [] : clean(text.slice(0, end).split('\n')), omitted: 0, tail: [] };
  }
  const last = Math.floor(most / 2);
  const head = firstLines(text, most - last, end);
  const tail = lastLines(text, last, end);
  return { head: clean(head), omitted: total - most, tail: clean(tail) };
}

/** The last lines of a text that grows, at most `most`. */
export function tailOf(text: string, most: number, { tab = OUTPUT_TAB }: CleanOptions = {}): string[] {
  const end = endOfText(text);
  if (end === 0 || most <= 0) return [];
  return lastLines(text, most, end).map((line) => cleanLine(line, tab));
}

/** Number of lines without trailing blank ones. */
export function countLinesOf(text: string): number {
  return countLines(text, endOfText(text));
}

function cleanLine(raw: string, tab: number): string {
  const long = raw.length > LINE_LIMIT * 4 ? lastState(raw.slice(0, LINE_LIMIT * 4)) : lastState(raw);
  const line = long.length > LINE_LIMIT ? `${long.slice(0, LINE_LIMIT)}…` : long;
  return expandTabs(sanitizeForTerminal(line), tab);
}

/** What a terminal would show of a line in the end: what was written after the last carriage return. */
function lastState(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === '\r') end -= 1;
  const shown = line.slice(line.lastIndexOf('\r', end - 1) + 1, end);
  return shown.includes('\b') ? withoutBackspaced(shown) : shown;
}

function withoutBackspaced(line: string): string {
  const kept: string[] = [];
  for (const char of line) {
    if (char === '\b') kept.pop();
    else kept.push(char);
  }
  return kept.join('');
}

/** Tabs as spaces up to the next stop. */
export function expandTabs(line: string, tab = CODE_TAB): string {
  if (!line.includes('\t')) return line;
  const [first = '', ...others] = line.split('\t');
  let text = first;
  let width = cellWidth(first);
  for (const part of others) {
    const gap = tab - (width % tab);
    text += ' '.repeat(gap) + part;
    width += gap + cellWidth(part);
  }
  return text;
}

/** Where the text ends without trailing blank lines. */
function endOfText(text: string): number {
  let end = text.length;
  while (end > 0 && ' \t\r\n'.includes(text[end - 1] ?? '')) end -= 1;
  const lineEnd = text.indexOf('\n', end);
  return end === 0 ? 0 : lineEnd < 0 ? text.length : lineEnd;
}

function countLines(text: string, end: number): number {
  if (end === 0) return 0;
  let count = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

function firstLines(text: string, count: number, end: number): string[] {
  let at = -1;
  for (let i = 0; i < count && at < end; i += 1) {
    const next = text.indexOf('\n', at + 1);
    at = next < 0 ? end : next;
  }
  return text.slice(0, Math.min(at, end)).split('\n');
}

function lastLines(text: string, count: number, end: number): string[] {
  let from = 0;
  let before = end;
  for (let i = 0; i < count; i += 1) {
    before = before === 0 ? -1 : text.lastIndexOf('\n', before - 1);
    from = before + 1;
    if (before < 0) break;
  }
  return count === 0 ? [] : text.slice(from, end).split('\n');
}
