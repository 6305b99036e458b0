/**
 * What the user wants forgotten: sessions, and lines of text. A line is known again by its words, in any case and with other
 * marks, and if a model has changed a few of them.
 */
import type { Sqlite } from '../../system/sqlite.ts';

/** How much of the words of both lines must be common. */
const ALIKE = 0.8;
/** Words that come and go with the wording. */
const FILLING: ReadonlySet<string> = new Set(
  'a an the user users is are be was to of in on for and that this it always please wants want prefers says said should must'.split(
    ' ',
  ),
);
const NEGATIONS: ReadonlySet<string> = new Set([
  'no',
  'not',
  'never',
  'without',
  'cannot',
  'don',
  'isn',
  'nicht',
  'kein',
]);

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
  readonly #known: readonly { readonly what: string; readonly words: ReadonlySet<string> }[];

  constructor(what: readonly string[]) {
    this.#known = what.map((one) => ({ what: one, words: tellingWords(one) }));
  }

  has(line: string): boolean {
    return this.alike(line).length > 0;
  }

  alike(line: string): string[] {
    const own = wordsOf(line);
    if (own === '') return [];
    const words = tellingWords(own);
    return this.#known
      .filter(({ what, words: known }) => what === own || isAlike(words, known))
      .map(({ what }) => what);
  }

  /** The text without the lines that are forgotten. */
  without(text: string): string {
    if (this.#known.length === 0) return text;
    return text
      .split('\n')
      .filter((line) => !this.has(line))
      .join('\n');
  }
}

export function forgottenTexts(store: Sqlite): ForgottenTexts {
  const rows = store.sql("SELECT what FROM forgotten WHERE kind = 'text' ORDER BY what").all();
  return new ForgottenTexts(rows.map(({ what }) => String(what)));
}

function tellingWords(words: string): ReadonlySet<string> {
  const all = words.split(' ');
  const telling = all.filter((word) => !FILLING.has(word));
  return new Set(telling.length === 0 ? all : telling);
}

/** Digits and a "not" make another statement of the same words. */
function isAlike(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  const differing = [...one].filter((word) => !other.has(word));
  const common = one.size - differing.length;
  if (common < ALIKE * Math.max(one.size, other.size)) return false;
  differing.push(...[...other].filter((word) => !one.has(word)));
  return differing.every((word) => !/\p{N}/u.test(word) && !NEGATIONS.has(word));
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
