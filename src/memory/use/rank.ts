/**
 * Which memories a message is about: by its words, and by what they mean (`concepts.ts`).
 *
 * Invariants: pure; a memory below the floor is not returned, however few there are; the order depends on the texts alone.
 */
import { COMMON_WORDS, tokensOf, wordsIn } from '../../repo-index/store/tokens.ts';
import { asksAboutOurs, asksAboutPast, withoutPast } from './asks-past.ts';
import { conceptsOf, isWeak } from './concepts.ts';
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
  { score: 0.85, coverage: 0.5, words: 2, subjects: 1 },
];
/** For a question, and for one about the past or about habits: memories answer these more often. */
const QUESTION: Floor = { score: 0.9, coverage: 0.36, words: 1, subjects: 1 };
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
  readonly concepts: ReadonlySet<string>;
}

interface Found {
  readonly part: number;
  readonly isSubject: boolean;
}

/** A word of the message. */
interface Term {
  readonly token: string;
  readonly concepts: readonly string[];
  readonly isPair: boolean;
}

export class Ranking<T extends Rankable> {
  readonly #memories: readonly { readonly memory: T; readonly words: Words }[];
  /** In how many sources each token and each concept is. */
  readonly #counts = new Map<string, number>();

  constructor(memories: readonly T[]) {
    this.#memories = memories.map((memory) => ({ memory, words: wordsOf(memory) }));
    for (const of of Map.groupBy(this.#memories, ({ memory }) => memory.source).values()) {
      for (const word of new Set(
        of.flatMap(({ words: { head, text, concepts } }) => [...head, ...text, ...concepts]),
      ))
        this.#counts.set(word, (this.#counts.get(word) ?? 0) + 1);
    }
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
    const total = terms.reduce((sum, term) => sum + this.#worth(term), 0);
    return this.#memories
      .map(({ memory, words }) => {
        const found = [...this.#found(terms, words).values()];
        const score = found.reduce((sum, { part }) => sum + part, 0);
        const subjects = found.filter(({ isSubject }) => isSubject).length;
        return { memory, score, coverage: total === 0 ? 0 : score / total, words: found.length, subjects };
      })
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score);
  }

  /** What of the message is in a memory, and how much each tells. Another word for what is named already adds nothing. */
  #found(terms: readonly Term[], words: Words): Map<string, Found> {
    const found = new Map<string, Found>();
    const named = new Set<string>();
    for (const { token, concepts } of terms) {
      const isInText = words.text.has(token);
      if (!isInText && !words.head.has(token)) continue;
      const isSubject =
        words.head.has(token) || words.names.has(token) || concepts.some((one) => !isWeak(one));
      found.set(token, { part: this.#tells(token) * (isInText ? 1 : IN_HEAD), isSubject });
      for (const concept of concepts) named.add(concept);
    }
    for (const concept of terms.flatMap(({ token, concepts }) => (found.has(token) ? [] : concepts))) {
      if (!words.concepts.has(concept) || named.has(concept)) continue;
      found.set(concept, { part: this.#tells(concept) * BY_CONCEPT, isSubject: !isWeak(concept) });
    }
    return found;
  }

  /** How much a word tells: 1 if one memory alone has it. */
  #tells(word: string): number {
    const count = this.#counts.get(word) ?? 0;
    const all = Math.max(LEAST_MEMORIES, this.#memories.length);
    const rare = Math.max(LEAST, Math.log(all / Math.max(1, count)) / Math.log(all));
    return ORDINARY.has(word) || isWeak(word) ? rare * OF_ORDINARY : rare;
  }

  #worth({ token, concepts, isPair }: Term): number {
    if (this.#counts.has(token)) return this.#tells(token);
    const known = concepts.filter((concept) => this.#counts.has(concept));
    if (known.length > 0) return Math.max(...known.map((one) => this.#tells(one))) * BY_CONCEPT;
    return isPair ? UNKNOWN_PAIR : UNKNOWN;
  }
}

function floorsFor(message: string): readonly Floor[] {
  if (asksAboutPast(message) || asksAboutOurs(message)) return [...FLOORS, QUESTION, OURS];
  return /[?？]/.test(message) ? [...FLOORS, QUESTION] : FLOORS;
}

function reaches(one: Floor, { score, coverage, words, subjects }: Floor): boolean {
  return one.score >= score && one.coverage >= coverage && one.words >= words && one.subjects >= subjects;
}

function wordsOf({ head, text }: Rankable): Words {
  const concepts = new Set(
    wordsIn(`${head} ${text}`).flatMap((word) => tokensOf(word).flatMap((token) => conceptsOf(word, token))),
  );
  const names = new Set(namesIn(text));
  return { head: tokensIn(head), text: new Set([...tokensIn(text), ...names]), names, concepts };
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
    const meant = isPair ? conceptsOf(word, '') : [];
    for (const concept of meant) terms.set(concept, { token: concept, concepts: [concept], isPair });
    for (const token of tokens) {
      const concepts = isPair ? [] : conceptsOf(tokens.length === 1 ? word : token, token);
      if (!terms.has(token)) terms.set(token, { token, concepts, isPair });
    }
  }
  return [...terms.values()];
}
