/**
 * Reads and writes dotted keys such as `projects."/a.b".trust_level`. As in TOML, a segment is bare, "basic" or
 * 'literal'.
 */
import { parse } from 'smol-toml';
import { printable } from './errors.ts';

export interface KeySegment {
  readonly name: string;
  /** Offset of its first character. */
  readonly at: number;
  /** False for a bare segment, which must not be empty. */
  readonly quoted: boolean;
}

/**
 * Reads a dotted key from `start` to the first of `stops` outside quotes, or to the end of the text.
 * Lenient: a bare segment may contain any character, and a quote that is never closed is part of the name.
 */
export function readKeyPath(
  text: string,
  start: number,
  stops: string,
): { readonly segments: readonly KeySegment[]; readonly end: number } {
  const segments: KeySegment[] = [];
  let position = start;
  for (;;) {
    while (text[position] === ' ' || text[position] === '\t') position++;
    const quoted = readQuoted(text, position, stops);
    let end = quoted?.end ?? position;
    if (quoted) {
      segments.push({ name: quoted.name, at: position, quoted: true });
    } else {
      while (end < text.length && text[end] !== '.' && !stops.includes(text[end] ?? '')) end++;
      segments.push({ name: text.slice(position, end).trim(), at: position, quoted: false });
    }
    if (text[end] !== '.') return { segments, end };
    position = end + 1;
  }
}

/** A quoted segment, if there is one here with only blanks before the next dot, stop or end. */
function readQuoted(
  text: string,
  start: number,
  stops: string,
): { readonly name: string; readonly end: number } | undefined {
  const quoted = /^(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*')/.exec(text.slice(start))?.[0];
  if (quoted === undefined) return undefined;
  let end = start + quoted.length;
  while (text[end] === ' ' || text[end] === '\t') end++;
  if (end < text.length && text[end] !== '.' && !stops.includes(text[end] ?? '')) return undefined;
  try {
    const name = parse(`_x_ = ${quoted}`)._x_;
    return typeof name === 'string' ? { name, end } : undefined;
  } catch {
    return undefined;
  }
}

/** The dotted key of a path, with quotes where a segment needs them; safe to print. Numbers are array indexes. */
export function formatKeyPath(path: readonly PropertyKey[]): string {
  return path
    .map((segment, index) => {
      if (typeof segment === 'number') return `[${segment}]`;
      const name = String(segment);
      return (index > 0 ? '.' : '') + (/^[\w-]+$/.test(name) ? name : printable(JSON.stringify(name)));
    })
    .join('');
}
