/**
 * What a model needs to see around a piece, from the index: the functions that the lines are in, who calls them, and what the new
 * lines call.
 *
 * Invariants: what is shown is in the files now, at these lines, and has the name as a whole word; nothing that the piece has is
 * shown again. Without an index there is nothing.
 */
import type { DiffLine } from './changed-files.ts';
import { MOST_LINE } from './left-out.ts';
import { type Piece, rangeOf } from './pieces.ts';

/** A part of a file, as the index knows it. */
export interface CodePart {
  /** Relative to the repository. */
  readonly path: string;
  /** From 1. */
  readonly start: number;
  /** What the part defines; may be empty. */
  readonly symbol: string;
  readonly lines: readonly string[];
}

/** Finds the parts that words are about, best first. */
export type FindCode = (words: string, signal: AbortSignal) => Promise<readonly CodePart[]>;

const MOST_NAMES = 8;
/** Each name is a search. */
const MOST_CALLERS = 2;
const CALLER_LINES = 3;
const DEFINITION_LINES = 40;
const NAME = /[A-Za-z_$][\w$]{2,}/g;
const CALLED = /([A-Za-z_$][\w$]{2,})\s*\(/g;
const DEFINED =
  /(?:\b(?:function|def|fn|func|class|interface|struct|enum|trait|type|const|let|var)\s+\*?|^\s*(?:public|private|protected|static|async|export)\s+(?:[\w<>[\]]+\s+)*)([A-Za-z_$][\w$]{2,})/;
/** Words that stand before a bracket and call nothing. */
const KEYWORDS = new Set(
  'if for while switch catch return function typeof await new super constructor elif with match assert print import require and not sizeof'.split(
    ' ',
  ),
);

interface Shown {
  readonly path: string;
  readonly start: number;
  readonly lines: readonly string[];
}

/** At most `mostBytes`; empty: nothing was found. @throws the signal's reason */
export async function around(
  piece: Piece,
  find: FindCode,
  mostBytes: number,
  signal: AbortSignal,
): Promise<string> {
  const { defined, called } = namesIn(piece);
  const names = [...new Set([...defined, ...called])].slice(0, MOST_NAMES);
  const parts = await Promise.all(names.map((name) => find(name, signal)));
  const shown: Shown[] = [];
  for (const [at, name] of names.entries()) {
    const found = (parts[at] ?? []).filter((part) => !isOfPiece(part, piece));
    const isOwn = defined.includes(name);
    const definition = found.find(({ symbol }) => lastName(symbol) === name);
    if (definition !== undefined && !isOwn) shown.push(startOf(definition));
    if (isOwn) shown.push(...found.flatMap((part) => callIn(part, name)).slice(0, MOST_CALLERS));
  }
  return textWithin(shown, mostBytes);
}

/** @returns names that the piece defines or changes the definition of, and those that its new lines call. */
function namesIn({ hunks }: Piece): { readonly defined: string[]; readonly called: string[] } {
  const lines = hunks.flatMap((hunk) => hunk.lines);
  // Of a long line the rest is not read either.
  const changed = lines
    .filter(({ kind }) => kind !== ' ')
    .map((line) => ({ ...line, text: line.text.slice(0, MOST_LINE) }));
  const sections = hunks.map(({ section }) => section);
  const defined = [...changed.map(({ text }) => text), ...sections].flatMap(
    (text) => DEFINED.exec(text)?.[1] ?? firstCalled(text, sections),
  );
  const called = changed.filter(({ kind }) => kind === '+').flatMap(callsIn);
  return {
    defined: defined.filter((name) => !KEYWORDS.has(name)),
    called: called.filter((name) => !KEYWORDS.has(name) && !defined.includes(name)),
  };
}

/** In C and Java a function's head has no word of its own: only git's section is known to be one. */
function firstCalled(text: string, sections: readonly string[]): readonly string[] {
  return sections.includes(text) ? [...text.matchAll(CALLED)].slice(0, 1).map(([, name = '']) => name) : [];
}

function callsIn({ text }: DiffLine): string[] {
  return [...text.matchAll(CALLED)].map(([, name = '']) => name);
}

function lastName(symbol: string): string {
  return symbol.match(NAME)?.at(-1) ?? '';
}

function isOfPiece({ path, start, lines }: CodePart, piece: Piece): boolean {
  const range = rangeOf(piece);
  return path === piece.path && start <= range.end && start + lines.length - 1 >= range.start;
}

function startOf({ path, start, lines }: CodePart): Shown {
  return { path, start, lines: lines.slice(0, DEFINITION_LINES) };
}

/** The lines around the first use of the name. */
function callIn({ path, start, lines }: CodePart, name: string): readonly Shown[] {
  const word = new RegExp(`(?<![\\w$])${name.replaceAll('$', '\\$')}(?![\\w$])`);
  const at = lines.findIndex((line) => word.test(line));
  if (at < 0) return [];
  const from = Math.max(0, at - CALLER_LINES);
  return [{ path, start: start + from, lines: lines.slice(from, at + CALLER_LINES + 1) }];
}

function textWithin(shown: readonly Shown[], mostBytes: number): string {
  const texts: string[] = [];
  let room = mostBytes;
  for (const { path, start, lines } of shown) {
    const text = [path, ...lines.map((line, at) => `${start + at}  ${line}`)].join('\n');
    const size = Buffer.byteLength(JSON.stringify(text)) + 2;
    if (size > room || texts.includes(text)) continue;
    texts.push(text);
    room -= size;
  }
  return texts.join('\n\n');
}
