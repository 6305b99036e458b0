/**
 * Words and meaning together: which memories a message is about if it is known how near each is.
 *
 * Invariants: without a measured floor, in another language than English, or without a vector, words alone decide.
 */
import type { MemoryFloors, QuestionVector } from '../../repo-index/vectors/embed-models.ts';
import { cosines } from '../vectors/vector-cache.ts';
import { asksAboutOurs, asksAboutPast } from './asks-past.ts';
import { isEnglish } from './english.ts';
import { saysWhat } from './rank.ts';

/** Of the nearest. */
const NEXT = 0.9;

interface Near<T> {
  readonly memory: T;
  /** Undefined: not known. */
  readonly cosine: number | undefined;
}

export class Meaning {
  readonly #home: string;
  readonly #question: QuestionVector;

  /** @param home oagent's own folder. */
  constructor(home: string, question: QuestionVector) {
    this.#home = home;
    this.#question = question;
  }

  /** @param byWords of `all`, what the message is about by its words, best first. */
  about<T extends { readonly shown: string }>(
    message: string,
    byWords: readonly T[],
    all: readonly T[],
  ): readonly T[] {
    const floors = this.#question.model.memoryFloors;
    if (floors === undefined) return byWords;
    const shown = all.map((memory) => memory.shown);
    const near = cosines(this.#home, this.#question, shown);
    const rated = all.map((memory, at) => ({ memory, cosine: near[at] }));
    return withMeaning(message, byWords, rated, floors);
  }
}

/** @param byWords what the message is about by its words, best first. */
export function withMeaning<T>(
  message: string,
  byWords: readonly T[],
  all: readonly Near<T>[],
  floors: MemoryFloors,
): readonly T[] {
  if (!isEnglish(message)) return byWords;
  const isQuestion = message.includes('?') || asksAboutPast(message) || asksAboutOurs(message);
  const cosine = new Map(all.map((one) => [one.memory, one.cosine]));
  const kept = isQuestion
    ? byWords
    : byWords.filter((memory) => (cosine.get(memory) ?? Number.POSITIVE_INFINITY) >= floors.words);
  const near = saysWhat(message) ? nearest(all, isQuestion ? floors.question : floors.other) : [];
  return [...new Set([...kept, ...near])];
}

function nearest<T>(all: readonly Near<T>[], floor: number): readonly T[] {
  const near = all
    .flatMap(({ memory, cosine = -1 }) => (cosine >= floor ? [{ memory, cosine }] : []))
    .sort((a, b) => b.cosine - a.cosine);
  const least = (near[0]?.cosine ?? 0) * NEXT;
  return near.filter(({ cosine }) => cosine >= least).map(({ memory }) => memory);
}
