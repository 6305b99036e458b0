/**
 * One ranking out of all the evidence for a question.
 *
 * Owns: the weights. Each list is divided by its best score, so that none outweighs the others; a missing list does not count.
 * Files are ranked first, because most evidence is about files, then the chunks within them. Measured on commits and comments
 * of many repositories (test/bench/retrieval.ts): keywords .60, verbatim words .25, past commits .20, vectors .35; examples count half, and tests
 * and what is not code a third. Invariants: pure; scores are between 0 and about 1; equal evidence gives the order of the paths.
 */
import { grammarOf, isExample, isProse, isTest } from '../reading/file-kinds.ts';
import type { ChunkRow } from '../store/rows.ts';
import { type Asked, weigh } from './measure.ts';
import { type Named, namedLine } from './named.ts';
import type { ChunkHit } from './recall.ts';
import type { TextHit } from './text-pass.ts';

const KEYWORDS = 0.6;
const TEXT = 0.25;
const HISTORY = 0.2;
/** A file that the question names comes first, and what else speaks for others still counts. */
const NAMED = 1;
/** While the index is not complete, keywords cover only a part of the files. */
const PARTIAL = { keywords: 0.4, text: 0.45 };
/** Added to the others. Measured with all-minilm: from .2 to .8 they differ little; more is better for English, and worse for German. */
const VECTORS = 0.35;
/** How much the other hits of a file add to its best one. */
const REST = 0.06;
const MOST_REST = 11;
/** A word of the question in the path, relative to one match in the text; in the file's own name it counts more. */
const IN_PATH = 2;
const IN_NAME = 2;
/** How much more matches of a word add to the first one, by their logarithm: a file that says a word often is hardly more about it. */
const MORE_MATCHES = 0.2;
/** A word that the index does not know is at best a piece of another word, as German `der` of `header`. */
const UNKNOWN = 0.25;
const TEST_FACTOR = 0.3;
const EXAMPLE_FACTOR = 0.5;
const NO_CODE_FACTOR = 0.35;
/** Tie-breakers: they must not beat evidence. */
const NEAR = 0.03;
const RECENT = 0.02;
const RECENT_MS = 7 * 24 * 3_600_000;
/** Within a file, the symbol of a chunk tells nearly as much as its words. */
const SYMBOL = 0.5;
/** The part of a chunk's score that comes from its file; the rest is its own evidence, relative to the best chunk of the file. */
const FROM_FILE = 0.5;

export interface Evidence {
  /** Chunks by keywords, best first. */
  readonly keywords: readonly ChunkHit[];
  readonly text: readonly TextHit[];
  /** The words that `text` was searched for. */
  readonly words: readonly string[];
  readonly history: ReadonlyMap<string, number>;
  readonly named: ReadonlyMap<string, Named>;
  /** Chunks by their vectors; scores above 0. */
  readonly vectors: readonly ChunkHit[];
  /** The part of the chunks or files that has a word of `words`, given by its place: 0 to 1. */
  readonly frequency: (word: number) => number;
  readonly asked: Asked;
  /** All files have been read. */
  readonly isWhole: boolean;
  /** Files that the conversation is about; relative. */
  readonly near: readonly string[];
  /** Milliseconds since 1970 of a file's last change, and now. */
  readonly changedAt: (path: string) => number | undefined;
  readonly now: number;
}

export interface RankedFile {
  readonly path: string;
  readonly score: number;
}

/** A kind of evidence about files: what each has of it, relative to the best, and how much it counts. */
interface Kind {
  readonly name: string;
  readonly weight: number;
  readonly of: ReadonlyMap<string, number>;
  /** It alone makes a file an answer. */
  readonly finds: boolean;
}

/** Everything that `rankFiles` adds up. In words that `oagent index why` shows. */
function kindsOf(evidence: Evidence): readonly Kind[] {
  const keywords = scaled(filesOf(evidence.keywords));
  const weights = evidence.isWhole ? { keywords: KEYWORDS, text: TEXT } : PARTIAL;
  const all: readonly Kind[] = [
    { name: 'keywords', weight: weights.keywords, of: keywords, finds: true },
    {
      name: 'words as written',
      weight: weights.text,
      of: scaled(textScores(evidence, [...keywords.keys()])),
      finds: true,
    },
    { name: 'past commits', weight: HISTORY, of: scaled(evidence.history), finds: false },
    { name: 'meaning', weight: VECTORS, of: scaled(filesOf(aboveLast(evidence.vectors))), finds: true },
    { name: 'named in the question', weight: NAMED, of: namesOf(evidence), finds: true },
  ];
  // Words always count: a question of which nothing is found is no better answered by what else there is.
  return all.filter(({ of }, at) => at < 2 || of.size > 0);
}

/**
 * The files that the question names. A place counts in full whatever the file's kind takes away again; a text or a test that is only called
 * by its name is rather what the code is about, such as `.env`.
 */
function namesOf({ named }: Evidence): Map<string, number> {
  const scores = new Map<string, number>();
  for (const [path, { score, isPlace }] of named) {
    const factor = kindFactors(path).reduce((product, { by }) => product * by, 1);
    if (isPlace || factor === 1) scores.set(path, score / factor);
  }
  return scores;
}

function kindFactors(path: string): readonly Factor[] {
  const isCode = grammarOf(path) !== undefined && !isProse(path);
  return [
    { name: 'it is a test', by: isTest(path) ? TEST_FACTOR : 1 },
    { name: 'it is an example', by: isExample(path) && !isTest(path) ? EXAMPLE_FACTOR : 1 },
    { name: 'it is not code', by: isCode ? 1 : NO_CODE_FACTOR },
  ];
}

/** What a file's sum is multiplied by. */
function factorsOf(evidence: Evidence, path: string): readonly Factor[] {
  return [...kindFactors(path), { name: 'near, or changed lately', by: 1 + tieBreak(evidence, path) }];
}

/** The files, best first. Past commits alone do not make a file an answer. */
export function rankFiles(evidence: Evidence): RankedFile[] {
  const kinds = kindsOf(evidence);
  const total = kinds.reduce((sum, { weight }) => sum + weight, 0);
  const candidates = new Set(kinds.flatMap(({ of, finds }) => (finds ? [...of.keys()] : [])));
  const ranked = [...candidates].map((path) => {
    const sum = kinds.reduce((before, { weight, of }) => before + weight * (of.get(path) ?? 0), 0);
    const factor = factorsOf(evidence, path).reduce((product, { by }) => product * by, 1);
    return { path, score: (sum / total) * factor };
  });
  return ranked.sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1));
}

interface Factor {
  readonly name: string;
  /** 1: none. */
  readonly by: number;
}

/** One kind of evidence about one file. */
interface Reason {
  readonly name: string;
  /** How much of the largest possible sum this kind gave: all reasons together are the sum before the factors. */
  readonly points: number;
  readonly most: number;
  /** Among the files that have evidence of the kind, from 1; undefined: this file has none. */
  readonly place: number | undefined;
  readonly of: number;
  /** The best file by this kind alone. */
  readonly best: string | undefined;
}

export interface Reasons {
  readonly reasons: readonly Reason[];
  /** Those that are not 1. */
  readonly factors: readonly Factor[];
}

/** Where the score of a file comes from. */
export function reasonsOf(evidence: Evidence, path: string): Reasons {
  const kinds = kindsOf(evidence);
  const total = kinds.reduce((sum, { weight }) => sum + weight, 0);
  const reasons = kinds.map(({ name, weight, of }) => {
    const order = [...of].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([file]) => file);
    const at = order.indexOf(path);
    return {
      name,
      points: (weight * (of.get(path) ?? 0)) / total,
      most: weight / total,
      place: at < 0 ? undefined : at + 1,
      of: order.length,
      best: order[0],
    };
  });
  return { reasons, factors: factorsOf(evidence, path).filter(({ by }) => by !== 1) };
}

/**
 * The chunks of one file, best first; the best one has the score of the file.
 *
 * @param chunks all that could be shown of it.
 */
export function rankChunks(
  { path, score }: RankedFile,
  chunks: readonly ChunkRow[],
  evidence: Evidence,
): ChunkHit[] {
  const keywords = scaled(byKey(evidence.keywords, path));
  const vectors = scaled(byKey(aboveLast(evidence.vectors), path));
  const idf = idfOf(evidence);
  const hit = evidence.text.find((entry) => entry.path === path);
  const text = scaled(
    new Map(
      chunks.map((chunk) => {
        let sum = 0;
        for (const [word, lines] of hit?.lines ?? [])
          if (lines.some((line) => line >= chunk.start && line <= chunk.end)) sum += idf(word);
        return [chunk.key, sum];
      }),
    ),
  );
  const symbols = scaled(
    new Map(chunks.map(({ key, symbol }) => [key, weigh(evidence.asked.weights, symbol)])),
  );
  const own = scaled(
    new Map(
      chunks.map((chunk) => [
        chunk,
        SYMBOL * (symbols.get(chunk.key) ?? 0) +
          KEYWORDS * (keywords.get(chunk.key) ?? 0) +
          TEXT * (text.get(chunk.key) ?? 0) +
          (namedLine(chunk, evidence.named) === undefined ? 0 : NAMED) +
          VECTORS * (vectors.get(chunk.key) ?? 0),
      ]),
    ),
  );
  const hits = [...own].flatMap(([chunk, part]) =>
    part === 0 ? [] : [{ chunk, score: score * (FROM_FILE + (1 - FROM_FILE) * part) }],
  );
  return hits.sort((a, b) => b.score - a.score || a.chunk.start - b.chunk.start);
}

function filesOf(hits: readonly ChunkHit[]): Map<string, number> {
  const scores = Map.groupBy(hits, ({ chunk }) => chunk.path);
  return new Map(
    [...scores].map(([path, list]) => {
      const [best = 0, ...rest] = list.map(({ score }) => score).sort((a, b) => b - a);
      return [path, best + REST * rest.slice(0, MOST_REST).reduce((sum, score) => sum + score, 0)];
    }),
  );
}

/**
 * How much nearer each is than the last of the nearest: the cosines of all of them are high and differ by little. How high depends on
 * the model, so they cannot be compared with anything else.
 */
function aboveLast(nearest: readonly ChunkHit[]): ChunkHit[] {
  const last = Math.min(...nearest.map(({ score }) => score));
  return nearest.map(({ chunk, score }) => ({ chunk, score: score - last }));
}

function byKey(hits: readonly ChunkHit[], path: string): Map<string, number> {
  return new Map(hits.flatMap(({ chunk, score }) => (chunk.path === path ? [[chunk.key, score]] : [])));
}

/** Rare words count more, many matches a little more, words in the path most. */
function textScores(evidence: Evidence, others: readonly string[]): Map<string, number> {
  const { text, words } = evidence;
  const idf = idfOf(evidence);
  const scores = new Map<string, number>();
  for (const { path, lines } of text) {
    let sum = 0;
    for (const [word, found] of lines) sum += idf(word) * (1 + MORE_MATCHES * Math.log(found.length));
    scores.set(path, sum);
  }
  const lower = words.map((word) => word.toLowerCase());
  for (const path of new Set([...scores.keys(), ...others])) {
    const place = path.toLowerCase();
    const name = place.slice(place.lastIndexOf('/') + 1);
    const inPath = lower.reduce((sum, word, at) => {
      const weight = name.includes(word) ? IN_PATH + IN_NAME : place.includes(word) ? IN_PATH : 0;
      return sum + weight * idf(at);
    }, 0);
    if (inPath > 0) scores.set(path, (scores.get(path) ?? 0) + inPath);
  }
  return scores;
}

function idfOf({ frequency, isWhole }: Evidence): (word: number) => number {
  return (word) => {
    const part = frequency(word);
    return (isWhole && part === 0 ? UNKNOWN : 1) * Math.log(1 + 1 / Math.max(part, 1e-5));
  };
}

function tieBreak({ near, changedAt, now }: Evidence, path: string): number {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const isNear = near.includes(path)
    ? 1
    : near.some((other) => other.slice(0, other.lastIndexOf('/') + 1) === folder)
      ? 0.5
      : 0;
  const age = now - (changedAt(path) ?? 0);
  return NEAR * isNear + RECENT * Math.exp(-Math.max(0, age) / RECENT_MS);
}

function scaled<K>(scores: ReadonlyMap<K, number>): Map<K, number> {
  const best = Math.max(0, ...scores.values());
  return best === 0 ? new Map() : new Map([...scores].map(([key, score]) => [key, score / best]));
}
