/**
 * How much of a question a text contains, and which of its lines.
 *
 * Invariants: pure; words that are nowhere in the index count little: most of them are not about the code; no text contains a question
 * without any telling word.
 */
import { mayHave, tokensOf } from '../store/tokens.ts';

/** A block at the ends of a chunk is left out if it has less than this part of what the best block has. */
const LEAST_OF_BLOCK = 0.5;
/** More lines than these are cut to those that tell most. */
const MOST_LINES = 45;
const LEAST_WEIGHT = 0.01;
/** Of a word that the index does not know: measured, .2 to .3 are the same. */
const UNKNOWN_WEIGHT = 0.25;
/** What path and symbol have of the question, and each word of it that the index knows, relative to the coverage. */
const ABOUT_HEAD = 1 / 3;
const ABOUT_KNOWN = 0.2;
const MOST_KNOWN = 6;
/** A name of the code in the question leaves no doubt. */
const ABOUT_NAME = 1;

export interface Measured {
  /** The part of the question's words that the text has, rare words counting more: 0 to 1. */
  readonly coverage: number;
  /** How much these words tell: 1 is as much as a word that is in one chunk alone. */
  readonly weight: number;
  /** The lines that have them, with the whole definition or paragraph around them: from 0, the end not included. */
  readonly focus: { readonly from: number; readonly to: number };
  /** The line that has most of them; from 0. */
  readonly telling: number;
  /** How sure it is that the question is about this text, and about code at all: 0 to about 4. */
  readonly about: number;
}

/** The words of a question, as the index knows them. */
export interface Asked {
  /** How much each token tells: 0 to 1. */
  readonly weights: ReadonlyMap<string, number>;
  /** The number of tokens that are in the index. */
  readonly known: number;
  /** The question has a name that only code has, and that this code has. */
  readonly hasName: boolean;
}

/** @param names tokens that only code has. @param frequency the number of chunks with a token. */
export function askedOf(
  tokens: readonly string[],
  names: readonly string[],
  frequency: (token: string) => number,
  chunks: number,
): Asked {
  const isKnown = (token: string): boolean => frequency(token) > 0;
  return {
    weights: weightsOf(tokens, frequency, chunks),
    known: tokens.filter(isKnown).length,
    hasName: names.some(isKnown),
  };
}

/** How much each token of a question tells: 1 for one that is in one of the `chunks` alone. */
function weightsOf(
  tokens: readonly string[],
  frequency: (token: string) => number,
  chunks: number,
): Map<string, number> {
  const all = Math.max(2, chunks);
  const weightOf = (count: number): number =>
    count === 0 ? UNKNOWN_WEIGHT : Math.max(LEAST_WEIGHT, Math.log(all / count) / Math.log(all));
  return new Map(tokens.map((token) => [token, weightOf(frequency(token))]));
}

/** @param head what belongs to the lines without being in them: path and symbol. */
export function measure(
  { weights, known, hasName }: Asked,
  head: string,
  lines: readonly string[],
): Measured {
  const found = lines.map((line) => tokensIn(weights, line));
  const named = tokensIn(weights, head);
  const weight = sum(weights, [named, ...found]);
  const total = sum(weights, [new Set(weights.keys())]);
  const coverage = total === 0 ? 0 : weight / total;
  const each = found.map((tokens) => sum(weights, [tokens]));
  const focus = tellingRun(
    each,
    focusOf(lines, (from, to) => sum(weights, found.slice(from, to))),
  );
  const about =
    coverage +
    ABOUT_HEAD * sum(weights, [named]) +
    ABOUT_KNOWN * Math.min(MOST_KNOWN, known) +
    (hasName ? ABOUT_NAME : 0);
  return { coverage, weight, focus, telling: each.indexOf(Math.max(...each)), about };
}

/** How much of the question the symbol of a chunk contains. */
export function weigh(weights: ReadonlyMap<string, number>, text: string): number {
  return sum(weights, [tokensIn(weights, text)]);
}

function tokensIn(weights: ReadonlyMap<string, number>, text: string): Set<string> {
  const found = new Set<string>();
  if (!patternOf(weights).test(text)) return found;
  for (const [word] of text.matchAll(/[\p{L}\p{N}_$]+/gu))
    for (const token of tokensOf(word)) if (weights.has(token)) found.add(token);
  return found;
}

/** By the weights of a question, which are asked for thousands of lines. */
const patterns = new WeakMap<ReadonlyMap<string, number>, RegExp>();

function patternOf(weights: ReadonlyMap<string, number>): RegExp {
  const known = patterns.get(weights) ?? mayHave([...weights.keys()]);
  patterns.set(weights, known);
  return known;
}

function sum(weights: ReadonlyMap<string, number>, found: readonly ReadonlySet<string>[]): number {
  const all = new Set(found.flatMap((tokens) => [...tokens]));
  return [...all].reduce((total, token) => total + (weights.get(token) ?? 0), 0);
}

/** From the first to the last block that tells enough. A block begins after a blank line, with the least indentation of all. */
function focusOf(
  lines: readonly string[],
  weightOf: (from: number, to: number) => number,
): Measured['focus'] {
  const indents = lines.map((line) =>
    line.trim() === '' ? Infinity : line.length - line.trimStart().length,
  );
  const outer = Math.min(...indents);
  const starts = lines.flatMap((_, at) =>
    at === 0 || (lines[at - 1]?.trim() === '' && indents[at] === outer) ? [at] : [],
  );
  const blocks = starts.map((from, at) => {
    const to = starts[at + 1] ?? lines.length;
    return { from, to, weight: weightOf(from, to) };
  });
  const most = Math.max(...blocks.map(({ weight }) => weight));
  const telling = blocks.filter(({ weight }) => weight >= most * LEAST_OF_BLOCK);
  let to = telling.at(-1)?.to ?? lines.length;
  while (to > 1 && lines[to - 1]?.trim() === '') to -= 1;
  return { from: telling[0]?.from ?? 0, to };
}

/** The run of at most MOST_LINES lines in the focus that tells most. */
function tellingRun(each: readonly number[], focus: Measured['focus']): Measured['focus'] {
  const { from, to } = focus;
  if (to - from <= MOST_LINES) return focus;
  let weight = each.slice(from, from + MOST_LINES).reduce((total, one) => total + one, 0);
  let best = { at: from, weight };
  for (let at = from + 1; at + MOST_LINES <= to; at += 1) {
    weight += (each[at + MOST_LINES - 1] ?? 0) - (each[at - 1] ?? 0);
    if (weight > best.weight + 1e-9) best = { at, weight };
  }
  return { from: best.at, to: best.at + MOST_LINES };
}
