/**
 * Cuts a text into chunks, which the index finds and the model reads.
 *
 * Code is cut at its definitions (a syntax tree, split where it is too large, joined where it is small: cAST, Zhang et al. 2025),
 * prose at its headings, other text by lines. Invariants: chunks are in order, do not overlap, and cover every line but blank ones at
 * their ends; a chunk is never empty.
 */
import type { Tree, TreeCursor } from '@vscode/tree-sitter-wasm';
import { grammarOf, isProse } from './file-kinds.ts';
import { type Heading, headingsOf } from './headings.ts';
import { isNameAfter, mayDefine, nameOf, shortName } from './symbols.ts';
import type { Syntax } from './syntax.ts';

export type ChunkKind = 'code' | 'prose' | 'text';

export interface Chunk {
  /** First and last line, from 1, both included. */
  readonly start: number;
  readonly end: number;
  /** What encloses it and what it defines, outermost first: `Client.send`, `Guide > Install`; empty if unknown. */
  readonly symbol: string;
  readonly kind: ChunkKind;
}

/** The most characters, without blanks, that a chunk of code or prose has. */
const LARGEST = 800;
/** Smaller ones are joined with the chunk before them. */
const SMALL = 150;
/** Lines of a chunk where the structure of the text is not known. */
const WINDOW = 40;
const LONGEST_SYMBOL = 120;
const LONGEST_LINE = 10_000;
const LONGEST_MEAN = 250;

/** Whether the text was written by a machine for a machine: its lines are too long to read. */
export function isMinified(lines: readonly string[]): boolean {
  let total = 0;
  for (const line of lines) {
    if (line.length > LONGEST_LINE) return true;
    total += line.length;
  }
  return total > 5_000 && total / lines.length > LONGEST_MEAN;
}

/** The chunks of a text. `lines` is the text, split at line feeds. */
export async function chunkText(
  path: string,
  text: string,
  lines: readonly string[],
  syntax: Syntax,
): Promise<Chunk[]> {
  const weights = weightsOf(lines);
  if (isProse(path)) return chunkProse(path, lines, weights);
  const grammar = grammarOf(path);
  const read = (tree: Tree): Chunk[] => chunkCode(tree, lines.length, weights);
  const chunks = grammar === undefined ? undefined : await syntax.read(text, grammar, read);
  return chunks ?? byWindows(0, lines.length, weights, { symbol: '', kind: 'text' });
}

/** `weights[n]`: characters in the first n lines, without blanks. */
function weightsOf(lines: readonly string[]): Uint32Array {
  const weights = new Uint32Array(lines.length + 1);
  for (const [at, line] of lines.entries()) {
    let count = 0;
    for (let i = 0; i < line.length; i += 1) if (line.charCodeAt(i) > 32) count += 1;
    weights[at + 1] = (weights[at] ?? 0) + count;
  }
  return weights;
}

/** Rows `from` to `to` (not included), from 0, with the names of the definitions in it. */
interface Piece {
  readonly from: number;
  readonly to: number;
  readonly outer: string;
  readonly names: readonly string[];
}

function weigh(weights: Uint32Array, from: number, to: number): number {
  return (weights[to] ?? 0) - (weights[from] ?? 0);
}

function chunkCode(tree: Tree, rows: number, weights: Uint32Array): Chunk[] {
  const cursor = tree.walk();
  try {
    return joined(piecesOf(cursor, 0, rows, '', weights), weights).flatMap((piece) => {
      const about = { symbol: symbolOf(piece), kind: 'code' as const };
      // One node that cannot be split: a long table, a text.
      if (weigh(weights, piece.from, piece.to) > LARGEST * 2)
        return byWindows(piece.from, piece.to, weights, about);
      return trimmed(piece.from, piece.to, weights, about);
    });
  } finally {
    cursor.delete();
  }
}

/** The children of the cursor's node as pieces that cover the rows without a gap; those too large are split again. */
function piecesOf(
  cursor: TreeCursor,
  from: number,
  to: number,
  outer: string,
  weights: Uint32Array,
): Piece[] {
  const pieces: Piece[] = [];
  const isError = cursor.nodeType === 'ERROR';
  if (!cursor.gotoFirstChild()) return [{ from, to, outer, names: [] }];
  let at = from;
  let names: string[] = [];
  /** The row at which the current node begins, with the comments before it. */
  let head = from;
  const close = (row: number): void => {
    if (row > at) {
      pieces.push({ from: at, to: row, outer, names });
      names = [];
      at = row;
    }
  };
  let isAttached = false;
  let before = '';
  do {
    const start = Math.max(cursor.startPosition.row, at);
    const end = Math.min(Math.max(cursor.endPosition.row + 1, start), to);
    if (!isAttached) head = start;
    const type = cursor.nodeType;
    const isUnread = isError && isNameAfter(before, type);
    before = type;
    // A comment or decorator belongs to the definition after it.
    isAttached = /comment|decorator|attribute_item|annotation/.test(type);
    if (isAttached) continue;
    // A node that begins on the row on which the last one ended stays with it.
    if (head > at) close(head);
    // Nobody looks for the local variables of a function.
    const isLocal = outer !== '' && /^(?:lexical|variable|short_var)_declaration$/.test(type);
    const name = isUnread ? shortName(cursor.currentNode) : isLocal ? undefined : nameAt(cursor, type);
    if (weigh(weights, head, end) > LARGEST && end - head > 1) {
      const inner = name === undefined ? outer : within(outer, name);
      const parts = piecesOf(cursor, Math.max(head, at), end, inner, weights);
      pieces.push(...parts);
      at = parts.at(-1)?.to ?? at;
      names = [];
    } else if (name !== undefined) names.push(name);
  } while (cursor.gotoNextSibling());
  cursor.gotoParent();
  close(to);
  return pieces;
}

function nameAt(cursor: TreeCursor, type: string): string | undefined {
  return cursor.nodeIsNamed && mayDefine(type) ? nameOf(cursor.currentNode) : undefined;
}

/** Neighbours together as long as they fit; small remainders with the piece before them. */
function joined(pieces: readonly Piece[], weights: Uint32Array): Piece[] {
  const out: Piece[] = [];
  for (const piece of pieces) {
    const last = out.at(-1);
    const size = last === undefined ? 0 : weigh(weights, last.from, piece.to);
    const isSmall = weigh(weights, piece.from, piece.to) < SMALL;
    if (last !== undefined && (size <= LARGEST || (isSmall && size <= LARGEST + SMALL))) {
      const outer = last.outer === piece.outer ? last.outer : common(last.outer, piece.outer);
      out[out.length - 1] = {
        from: last.from,
        to: piece.to,
        outer,
        names: [...relative(last, outer), ...relative(piece, outer)],
      };
    } else out.push(piece);
  }
  return out;
}

function relative({ outer, names }: Piece, common: string): readonly string[] {
  if (outer === common) return names;
  const inside = common === '' ? outer : outer.slice(common.length + 1);
  return names.length === 0 ? [inside] : names.map((name) => within(inside, name));
}

/** A wrapper (`export class A`) has the name of what is in it. */
function within(outer: string, name: string): string {
  if (outer === '') return name;
  return outer === name || outer.endsWith(`.${name}`) ? outer : `${outer}.${name}`;
}

function common(a: string, b: string): string {
  const [left, right] = [a.split('.'), b.split('.')];
  const at = left.findIndex((part, i) => part !== right[i]);
  return (at < 0 ? left : left.slice(0, at)).join('.');
}

function symbolOf({ outer, names }: Piece): string {
  const unique = [...new Set(names)];
  const inner = unique.filter((name) => !unique.some((other) => other.startsWith(`${name}.`))).join(', ');
  return (inner === '' ? outer : within(outer, inner)).slice(0, LONGEST_SYMBOL);
}

function chunkProse(path: string, lines: readonly string[], weights: Uint32Array): Chunk[] {
  const headings = headingsOf(path, lines);
  const starts: readonly Heading[] = headings[0]?.row === 0 ? headings : [{ row: 0, trail: '' }, ...headings];
  const pieces = starts.map(({ row, trail }, i) => ({
    from: row,
    to: starts[i + 1]?.row ?? lines.length,
    outer: trail,
    names: [],
  }));
  return pieces.flatMap(({ from, to, outer }) =>
    byWindows(from, to, weights, { symbol: outer.slice(0, LONGEST_SYMBOL), kind: 'prose' }),
  );
}

/** Windows of 40 lines, smaller where the lines are long. */
function byWindows(
  from: number,
  to: number,
  weights: Uint32Array,
  about: Pick<Chunk, 'symbol' | 'kind'>,
): Chunk[] {
  const chunks: Chunk[] = [];
  let at = from;
  for (let row = from; row < to; row += 1) {
    const isFull = row > at && (row - at >= WINDOW || weigh(weights, at, row + 1) > LARGEST * 2);
    if (!isFull) continue;
    chunks.push(...trimmed(at, row, weights, about));
    at = row;
  }
  return [...chunks, ...trimmed(at, to, weights, about)];
}

/** The chunk without blank lines at its ends; none if all lines are blank. */
function trimmed(
  from: number,
  to: number,
  weights: Uint32Array,
  about: Pick<Chunk, 'symbol' | 'kind'>,
): Chunk[] {
  let [first, last] = [from, to];
  while (first < last && weigh(weights, first, first + 1) === 0) first += 1;
  while (last > first && weigh(weights, last - 1, last) === 0) last -= 1;
  return first === last ? [] : [{ start: first + 1, end: last, ...about }];
}
