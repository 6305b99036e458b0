/**
 * The parts that a message is about, best first, within a budget; none if no word of the message is in the file.
 */
import { queryWords, tokensOf } from '../../../repo-index/store/tokens.ts';
import type { Part } from '../parts.ts';
import { rowsOf } from './replace.ts';

/** Weight of a word as written, compared with one of its pieces in another form. */
const EXACT = 3;
/** Weight of a word in the label, compared with one in the text. */
const IN_LABEL = 3;
/** Below this share of the best score, a part has only a common word of the message. */
const LEAST_SHARE = 1 / 5;
const LEAST_LETTERS = 3;

const WORD = /[\p{L}\p{N}_$]+/gu;
const QUOTED = /`([^`\n]{1,200})`/g;
const CALLED = /([\p{L}_$][\p{L}\p{N}_$]*)\(/gu;
const KINDS =
  'functions?|methods?|class(?:es)?|sections?|tests?|keys?|tables?|rules?|targets?|types?|interfaces?';
const NAMED = new RegExp(
  String.raw`\b(?:${KINDS})\s+(?:named |called )?([\w$]+)|([\w$]+)\s+(?:${KINDS})\b`,
  'gi',
);

interface Wanted {
  /** As written. */
  readonly words: ReadonlySet<string>;
  /** Names of functions and the like. They may be common words, so they count only in labels. */
  readonly names: ReadonlySet<string>;
  readonly tokens: ReadonlySet<string>;
}

interface Words {
  readonly words: ReadonlySet<string>;
  readonly tokens: ReadonlySet<string>;
}

/** @param budgetBytes of their texts. A part that does not fit is skipped; smaller ones after it may still fit. */
export function relevantParts(
  parts: readonly Part[],
  text: string,
  message: string,
  budgetBytes: number,
): Part[] {
  const rows = rowsOf(text);
  const wanted = wantedOf(message);
  const cache = new Map<string, readonly string[]>();
  const read = parts.map((part) => {
    const own = rows.slice(part.start - 1, part.end).join('');
    const label = wordsOf(part.label, cache);
    return { part, own, label, text: wordsOf(own, cache), score: 0 };
  });
  const add = (one: string, weight: number, kind: 'words' | 'tokens', isNameOnly = false): void => {
    const having = read.filter(
      ({ label, text }) => label[kind].has(one) || (!isNameOnly && text[kind].has(one)),
    );
    // A word that is in all parts distinguishes none of them.
    const rarity = Math.log(1 + parts.length / having.length);
    for (const entry of having) entry.score += weight * rarity * (entry.label[kind].has(one) ? IN_LABEL : 1);
  };
  for (const word of wanted.words) add(word, EXACT, 'words');
  for (const name of wanted.names) if (!wanted.words.has(name)) add(name, EXACT, 'words', true);
  for (const token of wanted.tokens) add(token, 1, 'tokens');
  const best = Math.max(0, ...read.map(({ score }) => score));
  let left = budgetBytes;
  return read
    .filter(({ score }) => score > 0 && score >= best * LEAST_SHARE)
    .toSorted((a, b) => b.score - a.score)
    .filter(({ own }) => {
      const size = Buffer.byteLength(own);
      if (size > left) return false;
      left -= size;
      return true;
    })
    .map(({ part }) => part);
}

function wantedOf(message: string): Wanted {
  const telling = queryWords(message);
  const quoted = [...message.matchAll(QUOTED)].flatMap(([, code = '']) => code.match(WORD) ?? []);
  const called = [...message.matchAll(CALLED)].map(([, name = '']) => name);
  const words = [...telling, ...quoted, ...called].filter(isLongEnough);
  const names = [...message.matchAll(NAMED)].map(([, after, before]) => after ?? before ?? '');
  return {
    words: new Set(words),
    names: new Set(names.filter(isLongEnough)),
    tokens: new Set(words.flatMap(tokensOf).filter(isLongEnough)),
  };
}

function isLongEnough(word: string): boolean {
  return word.length >= LEAST_LETTERS && !/^\d+$/.test(word);
}

/** @param cache tokens by word: code repeats the same names. */
function wordsOf(text: string, cache: Map<string, readonly string[]>): Words {
  const words = new Set(text.match(WORD) ?? []);
  const tokens = new Set<string>();
  for (const word of words) {
    const known = cache.get(word) ?? tokensOf(word);
    cache.set(word, known);
    for (const token of known) tokens.add(token);
  }
  return { words, tokens };
}
