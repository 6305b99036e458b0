/**
 * Fenced code that is still being written, in pieces of some lines each.
 *
 * Invariants: where a piece ends depends only on the lines before it; an unfinished line belongs to no piece. Fences
 * inside lists and quotes are part of those blocks.
 */
export interface Fence {
  readonly mark: '`' | '~';
  /** How many marks opened it: at least as many close it. */
  readonly count: number;
  /** Spaces before it, which are removed from its lines too. */
  readonly indent: number;
  readonly language: string;
  /** Lines of the piece before. */
  readonly context: readonly string[];
  /** A blank line precedes its first piece. */
  readonly hasGap: boolean;
}

interface FenceChunk {
  readonly lines: readonly string[];
  /** Characters of the source that it takes, including line ends and the closing mark. */
  readonly length: number;
  readonly isClosed: boolean;
}

const OPENING = /^( {0,3})(?:(`{3,})([^`\n]*)|(~{3,})([^\n]*))(?:\n|$)/;
/** A piece ends at the first blank line after `LEAST_LINES`, or at `MOST_LINES`. */
const LEAST_LINES = 10;
const MOST_LINES = 24;

/** The fence that a source begins with; `length` is that of its first line. */
export function openFence(source: string): (Fence & { readonly length: number }) | undefined {
  const found = OPENING.exec(source);
  if (found === null) return undefined;
  const [whole, indent = '', ticks, tickInfo, tildes = '', tildeInfo = ''] = found;
  return {
    mark: ticks === undefined ? '~' : '`',
    count: (ticks ?? tildes).length,
    indent: indent.length,
    language: (tickInfo ?? tildeInfo).trim(),
    context: [],
    hasGap: false,
    length: whole.length,
  };
}

/** The next piece of the code. Undefined: there is too little yet, and this is not the end. */
export function fenceChunk(source: string, fence: Fence, isEnd: boolean): FenceChunk | undefined {
  const lines: string[] = [];
  let at = 0;
  while (at < source.length) {
    const found = source.indexOf('\n', at);
    const line = source.slice(at, found < 0 ? source.length : found);
    at = found < 0 ? source.length : found + 1;
    if (closes(line, fence)) return { lines, length: at, isClosed: true };
    lines.push(line.replace(new RegExp(`^ {0,${fence.indent}}`), ''));
    const isFull = lines.length >= LEAST_LINES && (line.trim() === '' || lines.length >= MOST_LINES);
    if (isFull) return { lines, length: at, isClosed: false };
  }
  return isEnd ? { lines, length: at, isClosed: false } : undefined;
}

function closes(line: string, { mark, count }: Fence): boolean {
  const found = /^ {0,3}(`+|~+)[ \t]*$/.exec(line)?.[1] ?? '';
  return found.startsWith(mark) && found.length >= count;
}
