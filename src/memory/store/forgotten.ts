/**
 * What the user wants forgotten: sessions, and lines of text. A line is known again by its words, in any case and with other
 * marks, and if a model has changed a few of them.
 */
import type { Sqlite } from '../../system/sqlite.ts';
import { hasSameFacts, tellingWords, type Words } from '../alike.ts';
import { sentences } from '../extract/words.ts';

/** How much of the telling words of both lines must be common. */
const ALIKE = 0.8;
/** A line of fewer words is in many others. */
const LEAST_CONTAINED = 3;
/** A longer line says more than the other. */
const MOST_LONGER = 2;
/** Two words with a common beginning of so many letters are forms of one. */
const LEAST_STEM = 5;
/** What phase 1 writes in front of a line. */
const KIND = /^(?:preference|fact|procedure|failure) /;

export function isForgottenThread(store: Sqlite, thread: string): boolean {
  return store.sql("SELECT 1 FROM forgotten WHERE what = ? AND kind = 'thread'").get(thread) !== undefined;
}

/** @param now milliseconds of the epoch. */
export function noteForgottenThread(store: Sqlite, thread: string, now: number): void {
  store.sql("INSERT OR REPLACE INTO forgotten (what, kind, at) VALUES (?, 'thread', ?)").run(thread, now);
}

export function noteForgottenText(store: Sqlite, text: string, now: number): void {
  const words = wordsOf(text);
  if (words === '') return;
  store.sql("INSERT OR REPLACE INTO forgotten (what, kind, at) VALUES (?, 'text', ?)").run(words, now);
}

/** The user wants it remembered after all. */
export function unforgetText(store: Sqlite, text: string): void {
  const drop = store.sql("DELETE FROM forgotten WHERE what = ? AND kind = 'text'");
  for (const what of forgottenTexts(store).alike(text)) drop.run(what);
}

/** What is forgotten, as it is at this moment. */
export class ForgottenTexts {
  readonly #known: readonly { readonly what: string; readonly words: Words }[];

  constructor(what: readonly string[]) {
    this.#known = what.map((one) => ({ what: one, words: tellingWords(one.replace(KIND, '')) }));
  }

  has(line: string): boolean {
    return this.alike(line).length > 0;
  }

  alike(line: string): string[] {
    const own = wordsOf(line);
    if (own === '') return [];
    const words = tellingWords(own.replace(KIND, ''));
    return this.#known
      .filter(({ what, words: known }) => what === own || isAlike(words, known))
      .map(({ what }) => what);
  }

  /** The text without the lines, and the sentences of others, that are forgotten. */
  without(text: string): string {
    if (this.#known.length === 0) return text;
    return text
      .split('\n')
      .flatMap((line) => this.#rest(line))
      .join('\n');
  }

  #rest(line: string): string[] {
    const own = wordsOf(line);
    if (this.#known.some(({ what }) => what === own)) return [];
    const parts = sentences(line);
    const kept = parts.filter((part) => !this.has(part));
    if (kept.length === parts.length) return this.has(line) ? [] : [line];
    // Marks that stood between sentences say nothing on their own.
    return kept.some((part) => wordsOf(part) !== '') ? [kept.join(' ')] : [];
  }
}

export function forgottenTexts(store: Sqlite): ForgottenTexts {
  const rows = store.sql("SELECT what FROM forgotten WHERE kind = 'text' ORDER BY what").all();
  return new ForgottenTexts(rows.map(({ what }) => String(what)));
}

function isAlike(one: Words, other: Words): boolean {
  const [shorter, longer] = [one.tokens, other.tokens].sort((a, b) => a.length - b.length);
  if (shorter === undefined || longer === undefined || shorter.length === 0) return false;
  const common = shorter.filter((token) => longer.some((known) => isForm(token, known))).length;
  const isContained =
    common === shorter.length && common >= LEAST_CONTAINED && longer.length <= MOST_LONGER * shorter.length;
  return (isContained || common >= ALIKE * longer.length) && hasSameFacts(one, other);
}

function isForm(one: string, other: string): boolean {
  if (one === other) return true;
  const [short = '', long = ''] = [one, other].sort((a, b) => a.length - b.length);
  return short.length >= LEAST_STEM && /^\p{L}+$/u.test(long) && long.startsWith(short);
}

/** The words of a line in lower case, without the marks around them. */
export function wordsOf(text: string): string {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}_]+/gu) ?? []
  ).join(' ');
}
