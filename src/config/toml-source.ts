/** Parses TOML with errors that point at the position, and locates keys: the parser itself keeps no positions. */
import { parse, TomlError } from 'smol-toml';
import { loadError, located, type Position, positionAt } from './errors.ts';
import { readKeyPath } from './key-path.ts';
import type { Table } from './table.ts';

/** Parses a TOML text. Throws a ConfigError with line, column and caret. `file` is only for the message. */
export function parseToml(file: string, text: string): Table {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const reason = (error.message.split('\n')[0] ?? '').replace(/^Invalid TOML document: /, '');
    throw loadError(located(file, text, error, reason));
  }
}

/**
 * Where a key is written, or else the nearest enclosing table that the text spells out.
 * `text` must be valid TOML. Undefined if not even the first segment is spelled out.
 */
export function findKey(text: string, path: readonly PropertyKey[]): Position | undefined {
  const offsets = keyOffsets(text);
  for (let length = path.length; length > 0; length--) {
    const offset = offsets.get(pathId(path.slice(0, length)));
    if (offset !== undefined) return positionAt(text, offset);
  }
  return undefined;
}

const pathId = (path: readonly PropertyKey[]): string => JSON.stringify(path.map(String));

/** The offset of every key's first mention, by path. */
function keyOffsets(text: string): Map<string, number> {
  const offsets = new Map<string, number>();
  let position = 0;
  let table: readonly string[] = [];
  while (position < text.length) {
    position = skipBlank(text, position);
    if (position >= text.length) break;
    if (text[position] === '[') {
      while (text[position] === '[') position++;
      const header = keyAt(position, ']', []);
      table = header.path;
      position = header.end;
    } else {
      position = pairAt(position, table);
    }
    // The rest of the line: a comment, a second bracket, or the time after a date.
    const lineEnd = text.indexOf('\n', position);
    position = lineEnd < 0 ? text.length : lineEnd;
  }
  return offsets;

  function keyAt(start: number, stops: string, base: readonly string[]) {
    const { segments, end } = readKeyPath(text, start, stops);
    let path = base;
    for (const segment of segments) {
      path = [...path, segment.name];
      const id = pathId(path);
      if (!offsets.has(id)) offsets.set(id, segment.at);
    }
    return { path, end };
  }

  /** Reads `key = value` and returns the offset after the value. */
  function pairAt(start: number, base: readonly string[]): number {
    const key = keyAt(start, '=', base);
    return valueAt(skipBlank(text, key.end + 1), key.path);
  }

  function valueAt(start: number, path: readonly string[]): number {
    const first = text[start];
    if (first === '"' || first === "'") return skipString(text, start);
    if (first === '[' || first === '{') {
      const close = first === '[' ? ']' : '}';
      let position = start + 1;
      for (;;) {
        position = skipBlank(text, position, ',');
        if (position >= text.length) return position;
        if (text[position] === close) return position + 1;
        position = first === '[' ? valueAt(position, path) : pairAt(position, path);
        if (first === '{') position = skipUntil(text, position, ',}');
      }
    }
    return Math.max(start + 1, skipUntil(text, start, ' \t\r\n,]}#'));
  }
}

function skipUntil(text: string, start: number, stops: string): number {
  let position = start;
  while (position < text.length && !stops.includes(text[position] ?? '')) position++;
  return position;
}

/** Skips blanks, line ends, comments and the characters in `also`. */
function skipBlank(text: string, start: number, also = ''): number {
  let position = start;
  while (position < text.length) {
    const char = text[position] ?? '';
    if (char === '#') position = skipUntil(text, position, '\n');
    else if (` \t\r\n${also}`.includes(char)) position++;
    else break;
  }
  return position;
}

/** Skips a string of any of the four kinds. */
function skipString(text: string, start: number): number {
  const quote = text[start] ?? '';
  const fence = text.startsWith(quote.repeat(3), start) ? quote.repeat(3) : quote;
  let position = start + fence.length;
  while (position < text.length && !text.startsWith(fence, position)) {
    position += quote === '"' && text[position] === '\\' ? 2 : 1;
  }
  position += fence.length;
  // A multi-line string may end in up to two quotes of its own.
  if (fence.length === 3) while (text[position] === quote) position++;
  return position;
}
