/**
 * How much of a question a text contains, and which of its lines.
 *
 * Invariants: pure; words that are nowhere in the index count as the rarest; no text contains a question without any
 * telling word.
 */
import { tokensOf } from '../store/tokens.ts';

/** A block at the ends of a chunk is left out if it has less than this part of what the best block has. */
const LEAST_OF_BLOCK = 0.5;
const LEAST_WEIGHT = 0.01;

export interface Measured {
  /** The part of the question's words that the text has, rare words counting more: 0 to 1. */
  readonly coverage: number;
  /** How much these words tell: 1 is as much as a word that is in one chunk alone. */
  readonly weight: number;
  /** The lines that have them, with the whole definition or paragraph around them: from 0, the end not included. */
  readonly focus: { readonly from: number; readonly to: number };
}

/** How much each token of a question tells: 1 for one that is in one of the `chunks` alone. */
export function weightsOf(
  tokens: readonly string[],
  frequency: (token: string) => number,
  chunks: number,
): Map<string, number> {
  const most = Math.log(Math.max(2, chunks));
  return new Map(
    tokens.map((token) => [
      token,
      Math.max(LEAST_WEIGHT, Math.log(Math.max(2, chunks) / Math.max(1, frequency(token))) / most),
    ]),
  );
}

/** @param head what belongs to the lines without being in them: path and symbol. */
export function measure(
  weights: ReadonlyMap<string, number>,
  head: string,
  lines: readonly string[],
): Measured {
  const found = lines.map((line) => tokensIn(weights, line));
  const weight = sum(weights, [tokensIn(weights, head), ...found]);
  const total = sum(weights, [new Set(weights.keys())]);
  const focus = focusOf(lines, (from, to) => sum(weights, found.slice(from, to)));
  return { coverage: total === 0 ? 0 : weight / total, weight, focus };
}

/** How much of the question the symbol of a chunk contains. */
export function weigh(weights: ReadonlyMap<string, number>, text: string): number {
  return sum(weights, [tokensIn(weights, text)]);
}

function tokensIn(weights: ReadonlyMap<string, number>, text: string): Set<string> {
  const found = new Set<string>();
  for (const [word] of text.matchAll(/[\p{L}\p{N}_$]+/gu))
    for (const token of tokensOf(word)) if (weights.has(token)) found.add(token);
  return found;
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
