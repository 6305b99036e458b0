/**
 * The indentation of added lines where the hunk's old lines have another one in the file (deeper, shallower, tabs for blanks): they
 * get the file's. What the old lines say about an indentation counts; where they say nothing, or two things, there is no answer.
 */
import type { PatchLine } from './parse.ts';

/** An indentation in the patch, and that of the same line in the file. */
interface Pair {
  readonly from: string;
  readonly to: string;
}

/** Where a hunk stands. */
export interface Surroundings {
  readonly lines: readonly string[];
  /** Index of its first old line; without old lines, of the line that it is put in front of. */
  readonly index: number;
}

/**
 * The hunk with the file's indentation on its added lines; undefined if that is not certain.
 * @param anchor the `@@` line, for a hunk without old lines that was put behind it.
 */
export function fitIndentation(
  body: readonly PatchLine[],
  place: Surroundings,
  anchor?: string,
): readonly PatchLine[] | undefined {
  const pairs = pairsOf(body, place, anchor);
  if (pairs.every(({ from, to }) => from === to)) return inKindOfFile(inBlock(body, place, anchor), place);
  const ruleOf = new Indentation(pairs, body, place);
  const fitted: PatchLine[] = [];
  for (const [at, line] of body.entries()) {
    if (line.kind !== 'add' || line.text.trim() === '') {
      fitted.push(line);
      continue;
    }
    const indent = ruleOf.at(at);
    if (indent === undefined) return undefined;
    fitted.push({ kind: 'add', text: indent + line.text.trimStart() });
  }
  return fitted;
}

function indentOf(line: string): string {
  return line.slice(0, line.length - line.trimStart().length);
}

function pairsOf(
  body: readonly PatchLine[],
  { lines, index }: Surroundings,
  anchor?: string,
): readonly Pair[] {
  const old = body.filter(({ kind }) => kind !== 'add').map(({ text }) => text);
  const start = old.length === 0 ? index - 1 : index;
  const wanted = old.length === 0 && anchor !== undefined ? [anchor] : old;
  return wanted.flatMap((text, k) =>
    text.trim() === '' ? [] : [{ from: indentOf(text), to: indentOf(lines[start + k] ?? '') }],
  );
}

class Indentation {
  readonly #pairs: readonly Pair[];
  readonly #body: readonly PatchLine[];
  readonly #place: Surroundings;
  /** What an indentation of the patch is in the file. */
  readonly #known = new Map<string, ReadonlySet<string>>();
  /** Characters of one step in the patch, as far as the hunk shows it. */
  readonly #patchStep: number;

  constructor(pairs: readonly Pair[], body: readonly PatchLine[], place: Surroundings) {
    this.#pairs = pairs;
    this.#body = body;
    this.#place = place;
    for (const { from, to } of pairs) this.#known.set(from, new Set(this.#known.get(from)).add(to));
    const all = body.filter(({ text }) => text.trim() !== '').map(({ text }) => indentOf(text).length);
    this.#patchStep = all.reduce(greatestDivisor, 0);
  }

  /** For the added line at `at` of the body. */
  at(at: number): string | undefined {
    const from = indentOf(this.#body[at]?.text ?? '');
    const replaced = this.#replacedBy(at);
    if (replaced !== undefined && replaced.from === from) return replaced.to;
    // A single line may have lost its indentation, and the others not: the file around the added lines decides.
    const isAlone = this.#pairs.length === 1 && this.#pairs[0]?.from === '';
    return isAlone ? this.#plausible(at, from) : this.#shifted(from);
  }

  #shifted(from: string): string | undefined {
    const known = this.#known.get(from);
    if (known === undefined) return this.#unseen(from);
    return known.size === 1 ? [...known][0] : undefined;
  }

  /** The one removed line that the one added line at `at` is put in the place of. */
  #replacedBy(at: number): Pair | undefined {
    const kindAt = (index: number): string | undefined => this.#body[index]?.kind;
    const isPair = kindAt(at - 1) === 'remove' && kindAt(at - 2) !== 'remove' && kindAt(at + 1) !== 'add';
    const removed = this.#body[at - 1]?.text ?? '';
    if (!isPair || removed.trim() === '') return undefined;
    return { from: indentOf(removed), to: indentOf(this.#place.lines[this.#fileIndex(at) - 1] ?? '') };
  }

  /** The index of the file's line that the body's line at `at` is put in front of. */
  #fileIndex(at: number): number {
    return this.#place.index + this.#body.slice(0, at).filter(({ kind }) => kind !== 'add').length;
  }

  /** An indentation that no old line of the hunk has: on the line through those that it has. */
  #unseen(from: string): string | undefined {
    const indents = this.#pairs.flatMap((pair) => [pair.from, pair.to]);
    if (![...indents, from].every((indent) => /^(?: *|\t*)$/.test(indent))) return undefined;
    const unit = this.#pairs.some(({ to }) => to.includes('\t')) ? '\t' : ' ';
    const [first, ...others] = this.#pairs.toSorted((a, b) => a.from.length - b.from.length);
    const last = others.at(-1);
    if (first === undefined) return undefined;
    if (last === undefined || last.from.length === first.from.length) return this.#fromOne(first, from, unit);
    const slope = (last.to.length - first.to.length) / (last.from.length - first.from.length);
    const lengthOf = (indent: string): number =>
      first.to.length + (indent.length - first.from.length) * slope;
    if (slope <= 0 || this.#pairs.some((pair) => lengthOf(pair.from) !== pair.to.length)) return undefined;
    return repeated(unit, lengthOf(from));
  }

  /** All old lines have one indentation: the file's steps are wider or narrower, or whole steps are missing; not both. */
  #fromOne(known: Pair, from: string, unit: string): string | undefined {
    const fileStep = unit === '\t' ? 1 : usualStep(this.#place.lines);
    if (fileStep === 0) return undefined;
    const steps = from.length / this.#patchStep;
    const isSameDepth = known.to.length / fileStep === known.from.length / this.#patchStep;
    if (isSameDepth || known.from === '')
      return repeated(unit, (known.from === '' ? known.to.length : 0) + steps * fileStep);
    const isSameUnit = known.from.includes('\t') === (unit === '\t') && this.#patchStep === fileStep;
    return isSameUnit ? repeated(unit, known.to.length + from.length - known.from.length) : undefined;
  }

  /** The indentation as it is or shifted: what makes the first of the added lines fit in. */
  #plausible(at: number, from: string): string | undefined {
    const start = this.#body.slice(0, at).findLastIndex(({ kind }) => kind !== 'add') + 1;
    const head = this.#body.slice(start).find(({ text }) => text.trim() !== '')?.text ?? '';
    const around = this.#around(start);
    const fitsAsIs = around.includes(indentOf(head));
    const shifted = this.#shifted(indentOf(head));
    const fitsShifted = shifted !== undefined && around.includes(shifted);
    if (!fitsAsIs && !fitsShifted) return undefined;
    const own = this.#shifted(from);
    if (fitsAsIs && fitsShifted) return own === from ? own : undefined;
    return fitsAsIs ? from : own;
  }

  /** The indentations that a line in front of the body's line at `at` may have. */
  #around(at: number): readonly string[] {
    return indentsAround(this.#place.lines, this.#fileIndex(at));
  }
}

const CLOSES = /^\s*(?:[)\]}]|<\/)/;

/** What a line in front of `index` may have: the indentation of the next line if a block begins there, else of either neighbour. */
function indentsAround(lines: readonly string[], index: number): readonly string[] {
  const above = indentOf(lines.slice(0, index).findLast((line) => line.trim() !== '') ?? '');
  const next = lines.slice(index).find((line) => line.trim() !== '');
  if (next === undefined) return [above];
  const below = indentOf(next);
  // A block that is closed here: what comes before that is in it.
  if (CLOSES.test(next) && below.length < above.length) return [above];
  return below.length > above.length ? [below] : [above, below];
}

/** A line of Python or YAML that indented lines follow; not a case that another one follows. */
const OPENS_BLOCK = /^\s*(?!case\b|default\b|- )\S.*:\s*(?:#.*)?$/;

/** Lines that were put behind `anchor`, whose block is deeper than they are: as deep as that block. */
function inBlock(
  body: readonly PatchLine[],
  { lines, index }: Surroundings,
  anchor: string | undefined,
): readonly PatchLine[] {
  const first = lines.slice(index).find((line) => line.trim() !== '') ?? '';
  const line = lines[index - 1] ?? '';
  const outer = indentOf(line);
  const inner = indentOf(first);
  const head = body.find(({ text }) => text.trim() !== '')?.text ?? '';
  const isShallow = indentOf(head) === outer && inner.startsWith(outer) && inner !== outer;
  if (anchor === undefined || !isShallow || !OPENS_BLOCK.test(line)) return body;
  return body.map(({ kind, text }) =>
    text.trim() === '' ? { kind, text } : { kind, text: inner.slice(outer.length) + text },
  );
}

/**
 * Tabs for blanks, or blanks for tabs, on the added lines of a hunk that matched exactly, where the file has only the other kind, or
 * the lines around have. Where the first of them would not fit in then, all stay as they are.
 */
function inKindOfFile(body: readonly PatchLine[], place: Surroundings): readonly PatchLine[] {
  const { lines, index } = place;
  const added = body.filter(isAdded).map(({ text }) => indentOf(text));
  const wrong = added.some((indent) => indent.includes('\t')) ? '\t' : ' ';
  const isWrong =
    added.some((indent) => indent !== '') && added.every((indent) => indent === wrong.repeat(indent.length));
  if (!isWrong) return body;
  const others = lines.some((line) => line.startsWith(wrong)) ? linesAround(body, place) : lines;
  if (others.some((line) => line.startsWith(wrong))) return body;
  const fileStep = wrong === '\t' ? ' '.repeat(usualStep(lines)) : '\t';
  if (fileStep === '' || !others.some((line) => line.startsWith(fileStep))) return body;
  const patchStep = added.reduce((step, { length }) => greatestDivisor(step, length), 0);
  // One blank is no step: ` * ` of a comment.
  if (wrong === ' ' && patchStep < 2) return body;
  const convert = (indent: string): string => fileStep.repeat(indent.length / patchStep);
  const head = body.findIndex(isAdded);
  const at = index + body.slice(0, head).filter(({ kind }) => kind !== 'add').length;
  const fits = added[0] === '' || indentsAround(lines, at).includes(convert(added[0] ?? ''));
  if (!fits) return body;
  return body.map((line) =>
    isAdded(line) ? { kind: 'add', text: convert(indentOf(line.text)) + line.text.trimStart() } : line,
  );
}

function isAdded({ kind, text }: PatchLine): boolean {
  return kind === 'add' && text.trim() !== '';
}

/** The old lines of a hunk, and the next ones above and below it. */
function linesAround(body: readonly PatchLine[], { lines, index }: Surroundings): readonly string[] {
  const end = index + body.filter(({ kind }) => kind !== 'add').length;
  const isText = (line: string): boolean => line.trim() !== '';
  const above = lines.slice(0, index).findLast(isText) ?? '';
  const below = lines.slice(end).find(isText) ?? '';
  return [above, ...lines.slice(index, end), below];
}

/** Undefined for a part of a unit. */
function repeated(unit: string, count: number): string | undefined {
  return Number.isInteger(count) && count >= 0 ? unit.repeat(count) : undefined;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

/** By how many blanks a file mostly goes deeper; 0 if it never does. */
function usualStep(lines: readonly string[]): number {
  const counts = new Map<number, number>();
  let last = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    if (line.trim() === '') continue;
    const { length } = indentOf(line);
    if (length > last) counts.set(length - last, (counts.get(length - last) ?? 0) + 1);
    last = length;
  }
  return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0]?.[0] ?? 0;
}
