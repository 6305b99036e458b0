/**
 * The place in a file that looks most like some wanted lines: rare words vote for window starts, then the best few starts are
 * compared letter by letter. The work is bounded (lines, letters and candidates), even for a file of 100,000 lines.
 */

const MAX_FILE_LINES = 200_000;
const MAX_WANTED = 60;
const MAX_LINE_LENGTH = 200;
const MAX_CANDIDATES = 24;
const MAX_PLACES = 1000;
/** Below this the "nearest" place has nothing to do with the wanted lines. */
const MIN_SCORE = 0.45;

export interface NearestPlace {
  /** Index of the first line of the window. */
  readonly index: number;
  /** Index, from the window's start, of the first line that differs; the wanted length if none does. */
  readonly firstDifference: number;
}

/** The window of `lines` that is most similar to `wanted`, or undefined if nothing is similar enough. */
export function findNearest(lines: readonly string[], wanted: readonly string[]): NearestPlace | undefined {
  const pattern = wanted.slice(0, MAX_WANTED);
  let best: { index: number; score: number } | undefined;
  for (const index of candidateStarts(lines.slice(0, MAX_FILE_LINES), pattern)) {
    const score = windowScore(lines, pattern, index);
    if (score >= MIN_SCORE && (best === undefined || score > best.score)) best = { index, score };
  }
  if (best === undefined) return undefined;
  const { index } = best;
  const difference = pattern.findIndex((line, k) => lines[index + k]?.trim() !== line.trim());
  return { index, firstDifference: difference === -1 ? pattern.length : difference };
}

/** Dice's coefficient over letter pairs, of texts without surrounding space: 1 for equal texts, 0 for unlike ones. */
function similarity(left: string, right: string): number {
  const a = left.trim().slice(0, MAX_LINE_LENGTH);
  const b = right.trim().slice(0, MAX_LINE_LENGTH);
  if (a === b) return 1;
  const pairs = new Map<string, number>();
  for (let i = 0; i + 1 < a.length; i++) {
    const pair = a.slice(i, i + 2);
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  }
  let shared = 0;
  for (let i = 0; i + 1 < b.length; i++) {
    const pair = b.slice(i, i + 2);
    const left = pairs.get(pair) ?? 0;
    if (left === 0) continue;
    shared++;
    pairs.set(pair, left - 1);
  }
  const total = a.length + b.length - 2;
  return total <= 0 ? 0 : (2 * shared) / total;
}

function words(line: string): readonly string[] {
  return line.slice(0, MAX_LINE_LENGTH).match(/\w+|[^\s\w]+/g) ?? [];
}

/** Each rare word that a file line shares with the k-th wanted line is a vote for the window k lines above. */
function candidateStarts(lines: readonly string[], pattern: readonly string[]): number[] {
  const offsets = new Map<string, number[]>();
  pattern.forEach((line, k) => {
    for (const word of new Set(words(line))) offsets.set(word, [...(offsets.get(word) ?? []), k]);
  });
  const places = new Map<string, { count: number; readonly first: number[] }>();
  for (let index = 0; index < lines.length; index++) {
    for (const word of words(lines[index] ?? '')) {
      if (!offsets.has(word)) continue;
      const known = places.get(word) ?? { count: 0, first: [] };
      known.count++;
      // A word that is everywhere tells little and would cost the most.
      if (known.first.length < MAX_PLACES) known.first.push(index);
      places.set(word, known);
    }
  }
  const votes = new Map<number, number>();
  for (const [word, { count, first }] of places) {
    const wantedAt = offsets.get(word) ?? [];
    const weight = 1 / (count * wantedAt.length);
    for (const index of first) {
      for (const k of wantedAt) {
        if (index >= k) votes.set(index - k, (votes.get(index - k) ?? 0) + weight);
      }
    }
  }
  return [...votes]
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, MAX_CANDIDATES)
    .map(([index]) => index);
}

function windowScore(lines: readonly string[], pattern: readonly string[], index: number): number {
  let sum = 0;
  let weights = 0;
  for (const [k, line] of pattern.entries()) {
    // Long lines say more than braces do.
    const weight = Math.min(line.trim().length, 40) + 1;
    weights += weight;
    const there = lines[index + k];
    if (there !== undefined) sum += weight * similarity(line, there);
  }
  return weights === 0 ? 0 : sum / weights;
}
