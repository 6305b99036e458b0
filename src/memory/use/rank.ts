/**
 * Which memories a message is about: by its words, and by what they mean (`concepts.ts`).
 *
 * Invariants: pure; a memory below the floor is not returned, however few there are; the order depends on the texts alone.
 */
import { COMMON_WORDS, mayHave, tokensOf, wordsIn } from '../../repo-index/store/tokens.ts';
import { asksAboutOurs, asksAboutPast, withoutPast } from './asks-past.ts';
import { type Concept, DEVELOPER_CONCEPTS, hasConcept, type TextWords } from './concepts.ts';
import { NO_WORDS, ORDINARY, STOP_WORDS } from './ordinary-words.ts';

/** What can be recalled. */
export interface Rankable {
  /** What it is about: topic, or title. */
  readonly head: string;
  readonly text: string;
  /** Memories of one source often say the same thing: together they count as one. */
  readonly source: string;
}

export interface Ranked<T> {
  readonly memory: T;
  /** How much of the message it has, in words that tell. */
  readonly score: number;
}

/**
 * From where on a message is about a memory; one of them is enough. Tuned with `test/bench/memory-recall.ts`.
 * `words`: of it, different ones. `subjects`: those that name a thing, not only what is done with it.
 */
const FLOORS: readonly Floor[] = [
  { score: 1.1, coverage: 0.33, words: 2, subjects: 0 },
  { score: 0.95, coverage: 0.6, words: 2, subjects: 1 },
];
/** For a question, and for one about the past or about habits: memories answer these more often. */
const QUESTION: readonly Floor[] = [
  { score: 0.9, coverage: 0.36, words: 1, subjects: 1 },
  { score: 0.55, coverage: 0.75, words: 1, subjects: 1 },
];
const OURS: Floor = { score: 0.5, coverage: 0.24, words: 1, subjects: 1 };

interface Floor {
  readonly score: number;
  readonly coverage: number;
  readonly words: number;
  readonly subjects: number;
}
/** Of the best. */
const NEXT = 0.7;
const BY_CONCEPT = 0.6;
const IN_HEAD = 0.8;
const OF_ORDINARY = 0.5;
const UNKNOWN = 0.25;
const UNKNOWN_PAIR = 0.08;
const LEAST = 0.05;
/** With fewer memories a word that is in one of them still tells little. */
const LEAST_MEMORIES = 60;
const MOST_WORDS = 60;

interface Words {
  readonly head: ReadonlySet<string>;
  readonly text: ReadonlySet<string>;
  /** Of these, those that name something. */
  readonly names: ReadonlySet<string>;
  readonly all: TextWords;
}

interface Found {
  readonly part: number;
  readonly isSubject: boolean;
  readonly isPair: boolean;
}

/** A word of the message. */
interface Term {
  readonly token: string;
  readonly concepts: readonly Concept[];
  readonly isPair: boolean;
}

export class Ranking<T extends Rankable> {
  readonly #memories: readonly T[];
  /** In how many sources each token and each concept of the message is. */
  #counts = new Map<string, number>();

  constructor(memories: readonly T[]) {
    this.#memories = memories;
  }

  /** Those that the message is about, best first. */
  about(message: string): Ranked<T>[] {
    const floors = floorsFor(message);
    const ranked = this.#rated(message).filter((one) => floors.some((floor) => reaches(one, floor)));
    const best = ranked[0]?.score ?? 0;
    return ranked.filter(({ score }) => score >= best * NEXT);
  }

  /** All that have anything of it, best first. */
  search(query: string): Ranked<T>[] {
    return this.#rated(query);
  }

  #rated(message: string): (Ranked<T> & Floor)[] {
    const terms = termsOf(message);
    const candidates = this.#candidates(terms);
    this.#counts = countsIn(candidates);
    const total = terms.reduce((sum, term) => sum + this.#worth(term), 0);
    return candidates
      .map((candidate) => {
        const { memory } = candidate;
        const found = [...this.#found(terms, candidate).values()];
        const score = found.reduce((sum, { part }) => sum + part, 0);
        const subjects = found.filter(({ isSubject }) => isSubject).length + (hasPhrase(found) ? 1 : 0);
        return { memory, score, coverage: total === 0 ? 0 : score / total, words: found.length, subjects };
      })
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score);
  }

  /** All that can have any of it: reading the words of a text takes far longer than looking for them. */
  #candidates(terms: readonly Term[]): Candidate<T>[] {
    const concepts = [...new Set(terms.flatMap((term) => term.concepts))];
    const stems = new Set([...terms.map(({ token }) => token), ...concepts.flatMap((one) => one.stems)]);
    if (stems.size === 0) return [];
    const pattern = mayHave([...stems].map((stem) => stem.replaceAll(/[+*?()|\\]/g, '')));
    return this.#memories
      .filter(({ head, text }) => pattern.test(`${head} ${text}`))
      .map((memory) => {
        const words = wordsOf(memory);
        return { memory, words, concepts: concepts.filter((one) => hasConcept(one, words.all)) };
      });
  }

  /** What of the message is in a memory, and how much each tells. Another word for what is named already adds nothing. */
  #found(terms: readonly Term[], { words, concepts: held }: Candidate<T>): Map<string, Found> {
    const found = new Map<string, Found>();
    const named = new Set<Concept>();
    for (const { token, concepts, isPair } of terms) {
      const isInText = words.text.has(token);
      if (!isInText && !words.head.has(token)) continue;
      const isSubject =
        words.head.has(token) || words.names.has(token) || concepts.some(({ isWeak }) => !isWeak);
      found.set(token, { part: this.#tells(token) * (isInText ? 1 : IN_HEAD), isSubject, isPair });
      for (const concept of concepts) named.add(concept);
    }
    for (const concept of terms.flatMap(({ token, concepts }) => (found.has(token) ? [] : concepts))) {
      const { name, isWeak } = concept;
      if (held.includes(concept) && !named.has(concept))
        found.set(name, { part: this.#means(concept), isSubject: !isWeak, isPair: false });
    }
    return found;
  }

  /** How much a word tells: 1 if one memory alone has it. */
  #tells(word: string): number {
    const count = this.#counts.get(word) ?? 0;
    const all = Math.max(LEAST_MEMORIES, this.#memories.length);
    const rare = Math.max(LEAST, Math.log(all / Math.max(1, count)) / Math.log(all));
    return ORDINARY.has(word) ? rare * OF_ORDINARY : rare;
  }

  #means({ name, isWeak }: Concept): number {
    return this.#tells(name) * BY_CONCEPT * (isWeak ? OF_ORDINARY : 1);
  }

  #worth({ token, concepts, isPair }: Term): number {
    if (this.#counts.has(token)) return this.#tells(token);
    const known = concepts.filter(({ name }) => this.#counts.has(name));
    if (known.length > 0) return Math.max(...known.map((one) => this.#means(one)));
    return isPair ? UNKNOWN_PAIR : UNKNOWN;
  }
}

interface Candidate<T> {
  readonly memory: T;
  readonly words: Words;
  /** Those of the message that it has. */
  readonly concepts: readonly Concept[];
}

function countsIn(candidates: readonly Candidate<Rankable>[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const of of Map.groupBy(candidates, ({ memory }) => memory.source).values()) {
    const all = of.flatMap(({ words: { all }, concepts }) => [
      ...all.tokens,
      ...concepts.map(({ name }) => name),
    ]);
    for (const word of new Set(all)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

/** Two pairs of characters are a word of three or more. */
function hasPhrase(found: readonly Found[]): boolean {
  return found.filter(({ isPair }) => isPair).length > 1;
}

/** It has a word that tells what it is about. */
export function saysWhat(message: string): boolean {
  return termsOf(message).some(({ token }) => !ORDINARY.has(token));
}

function floorsFor(message: string): readonly Floor[] {
  if (asksAboutPast(message) || asksAboutOurs(message)) return [...FLOORS, ...QUESTION, OURS];
  return /[?？]/.test(message) ? [...FLOORS, ...QUESTION] : FLOORS;
}

function reaches(one: Floor, { score, coverage, words, subjects }: Floor): boolean {
  return one.score >= score && one.coverage >= coverage && one.words >= words && one.subjects >= subjects;
}

/** Of memories that stay what they are from one message to the next. */
const words = new WeakMap<Rankable, Words>();

function wordsOf(memory: Rankable): Words {
  const known = words.get(memory) ?? readWords(memory);
  words.set(memory, known);
  return known;
}

function readWords({ head, text }: Rankable): Words {
  const names = new Set(namesIn(text));
  const [inHead, inText] = [tokensIn(head), new Set([...tokensIn(text), ...names])];
  const tokens = new Set([...inHead, ...inText]);
  const written = wordsIn(`${head} ${text}`).map((word) => word.toLowerCase());
  return { head: inHead, text: inText, names, all: { tokens, words: written } };
}

function tokensIn(text: string): ReadonlySet<string> {
  return new Set(wordsIn(text).flatMap(tokensOf));
}

const FILE_NAME = /[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)+/gu;

/** Names of files whole, words with capitals or digits in them, and what a sentence begins with: mostly its subject. */
function namesIn(text: string): readonly string[] {
  const files = [...text.matchAll(FILE_NAME)].map(([name]) => name.toLowerCase());
  const words = wordsIn(text).filter((word) => /\p{Lu}|\p{L}\p{N}|\p{N}\p{L}/u.test(word) && !isNoWord(word));
  return [...files, ...words.flatMap(tokensOf)];
}

function isNoWord(word: string): boolean {
  const lower = word.toLowerCase();
  return NO_WORDS.has(lower) || COMMON_WORDS.has(lower) || STOP_WORDS.has(lower);
}

const PAIRS = /^[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,}/;

function termsOf(message: string): Term[] {
  const asked = withoutPast(message);
  const terms = new Map<string, Term>();
  for (const [name] of asked.matchAll(FILE_NAME)) {
    const token = name.toLowerCase();
    terms.set(token, { token, concepts: [], isPair: false });
  }
  for (const word of wordsIn(asked)
    .filter((one) => !isNoWord(one))
    .slice(0, MOST_WORDS)) {
    const isPair = PAIRS.test(word);
    const tokens = tokensOf(word);
    const meant = isPair ? DEVELOPER_CONCEPTS.of(word, '') : [];
    for (const concept of meant)
      terms.set(concept.name, { token: concept.name, concepts: [concept], isPair });
    for (const token of tokens) {
      const concepts = isPair ? [] : DEVELOPER_CONCEPTS.of(tokens.length === 1 ? word : token, token);
      if (!terms.has(token)) terms.set(token, { token, concepts, isPair });
    }
  }
  return [...terms.values()];
}
