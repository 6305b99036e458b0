/**
 * Which lines begin inside a string or a comment that an earlier line opened.
 *
 * Not a parser: it knows quotes, comments and here-documents, because their contents say nothing about structure. What
 * is never closed counts as not opened. Linear, never throws.
 */
import type { Syntax } from './syntax.ts';

export type Inside = '' | 'string' | 'comment';

interface Opened {
  readonly inside: 'string' | 'comment';
  readonly close: string;
  /** A backslash in it escapes nothing. */
  readonly isRaw: boolean;
  /** The first line that begins inside. */
  readonly from: number;
  /** It is closed by a line of its own. */
  readonly isWholeLine: boolean;
}

const HEREDOC = /^<<[-~]?(["']?)([A-Za-z_]\w*)\1/;
/** A regular expression is not longer than this. */
const LONGEST_PATTERN = 200;

export function insideOf(lines: readonly string[], syntax: Syntax): Inside[] {
  const found: Inside[] = [];
  let opened: Opened | undefined;
  for (const [row, line] of lines.entries()) {
    found.push(opened?.inside ?? '');
    opened = stateAfter(line, row, opened, syntax);
  }
  return opened === undefined ? found : found.fill('', opened.from);
}

function stateAfter(
  line: string,
  row: number,
  before: Opened | undefined,
  syntax: Syntax,
): Opened | undefined {
  let at = 0;
  if (before !== undefined) {
    if (before.isWholeLine) return line.trim() === before.close ? undefined : before;
    at = endOf(line, 0, before.close, before.isRaw);
    if (at < 0) return before;
  }
  let heredoc: Opened | undefined;
  while (at < line.length) {
    const step = readAt(line, at, syntax);
    if (step === 'rest') break;
    if (typeof step === 'number') {
      at = step;
      continue;
    }
    const { inside, close, isRaw = inside === 'comment', isWholeLine = false } = step;
    at += step.length;
    if (isWholeLine) {
      heredoc ??= { inside, close, isRaw, from: row + 1, isWholeLine };
      continue;
    }
    at = endOf(line, at, close, isRaw);
    if (at < 0) return { inside, close, isRaw, from: row + 1, isWholeLine };
  }
  return heredoc;
}

interface Opening {
  readonly inside: 'string' | 'comment';
  readonly length: number;
  readonly close: string;
  readonly isRaw?: boolean;
  readonly isWholeLine?: true;
}

/**
 * What begins at a position: something that may span lines, a comment to the line's end, or the next position to read.
 */
function readAt(line: string, at: number, syntax: Syntax): number | 'rest' | Opening {
  const sign = line[at];
  if (sign === '\\') return at + 2;
  if (sign === '"' || sign === "'") {
    const triple = sign.repeat(3);
    if (syntax.tripleQuotes && line.startsWith(triple, at))
      return { inside: 'string', length: 3, close: triple };
    const end = endOf(line, at + 1, sign, false);
    // An apostrophe, or a string that continues: the rest is unclear, but what opens in it counts.
    return end < 0 ? at + 1 : end;
  }
  if (sign === '`' && syntax.backticks)
    return { inside: 'string', length: 1, close: '`', isRaw: syntax.rawBackticks };
  if (sign === '#' && syntax.hashComments && (at === 0 || /\s/.test(line[at - 1] ?? ''))) return 'rest';
  if (sign === '/' && syntax.slashComments) {
    if (line[at + 1] === '*') return { inside: 'comment', length: 2, close: '*/' };
    if (line[at + 1] === '/') return 'rest';
    if (syntax.backticks) return endOfPattern(line, at);
  }
  if (sign === '<' && syntax.heredocs && line[at + 1] === '<' && line[at - 1] !== '<') {
    const word = HEREDOC.exec(line.slice(at, at + LONGEST_PATTERN))?.[2];
    if (word !== undefined) return { inside: 'string', length: 2, close: word, isWholeLine: true };
  }
  return at + 1;
}

/** The position after `close`, or -1. */
function endOf(line: string, from: number, close: string, isRaw: boolean): number {
  for (let at = from; at < line.length; at += 1) {
    if (line[at] === '\\' && !isRaw) at += 1;
    else if (line.startsWith(close, at)) return at + close.length;
  }
  return -1;
}

/** A slash that begins a regular expression hides the quotes in it. */
function endOfPattern(line: string, at: number): number {
  const before = line.slice(Math.max(0, at - 20), at).trimEnd();
  if (before !== '' && !/(?:[(,=:[!&|?{};>]|\breturn|\bcase)$/.test(before)) return at + 1;
  let isInClass = false;
  for (let i = at + 1; i < Math.min(line.length, at + LONGEST_PATTERN); i += 1) {
    const sign = line[i];
    if (sign === '\\') i += 1;
    else if (sign === '[') isInClass = true;
    else if (sign === ']') isInClass = false;
    else if (sign === '/' && !isInClass) return i + 1;
  }
  return at + 1;
}
