/**
 * Words of code and prose, as the keyword index stores them.
 *
 * Owns: how identifiers are split (camelCase, snake_case, PascalCase, SHOUTING), and which words of a question say
 * nothing. Invariants: a text and a question follow the same rules; a token is lower-case, has no blank, no quote
 * and at most 40 characters; the time grows only with the length of the text.
 */
import { stem } from './stem.ts';

/** Letters, digits, `_` and `$`; beyond ASCII all scripts, without their punctuation and blanks. */
const WORD =
  /[A-Za-z0-9_$\u00aa-\u167f\u1681-\u1fff\u2c00-\u2dff\u3040-\ud7ff\uf900-\ufdff\ufe70-\ufefe\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uffdc]+/g;
const PART = /[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[0-9]+|[^A-Za-z0-9_$]+/g;
/** The same for names with letters beyond ASCII; slower. */
const ANY_PART = /\p{Lu}+(?!\p{Ll})\p{N}*|\p{Lu}?\p{Ll}+\p{N}*|\p{N}+|[^\p{Lu}\p{Ll}\p{N}_$]+/gu;
/** Scripts without blanks between words: there, pairs of characters are used as words. */
const UNSPACED = /^[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]+$/;
const LONGEST = 40;
const CACHED = 60_000;

/** The tokens of an identifier, joined by blanks: code uses the same names over and over. */
const cache = new Map<string, string>();
/** Stems of parts: names are made of few words. */
const stems = new Map<string, string>();

/** The tokens of a text joined by blanks, in its order, as the keyword index stores them. */
export function indexedText(text: string): string {
  let out = '';
  for (const word of text.match(WORD) ?? []) {
    const known = cache.get(word) ?? keep(cache, word, tokensOf(word).join(' '));
    if (known !== '') out += out === '' ? known : ` ${known}`;
  }
  return out;
}

/** The words of a text, as written. */
export function wordsIn(text: string): readonly string[] {
  return text.match(WORD) ?? [];
}

/** The tokens of one word of a text: its parts as stems, and the whole of it if there are several. */
export function tokensOf(word: string): string[] {
  const tokens: string[] = [];
  let parts = 0;
  for (const part of word.match(/^[\x00-\x7f]*$/.test(word) ? PART : ANY_PART) ?? []) {
    const lower = part.toLowerCase();
    if (UNSPACED.test(lower) && lower.length > 1) {
      for (let at = 0; at + 1 < lower.length; at += 1) tokens.push(lower.slice(at, at + 2));
      parts += 1;
    } else if (isWorthIndexing(lower)) {
      tokens.push(stems.get(lower) ?? keep(stems, lower, stem(lower)));
      parts += 1;
    }
  }
  const whole = word.replace(/[_$]+/g, '').toLowerCase();
  if (parts > 1 && isWorthIndexing(whole) && !UNSPACED.test(whole)) tokens.push(whole);
  return tokens;
}

/** Matches every text that has one of the tokens, and few others: cutting a line into tokens takes far longer than this. */
export function mayHave(tokens: readonly string[]): RegExp {
  // A stem differs from its word in the last letter at most. A text beyond ASCII always matches: there, the case of a letter is not its own.
  const beginnings = tokens.map((token) => [...token.slice(0, -1)].join('[_$]*'));
  return new RegExp(['[^\\x00-\\x7f]', ...beginnings].join('|'), 'i');
}

/**
 * The tokens to look for, each once, in the order of the question, without the words that every question has. If
 * there are only such words, they are used after all.
 */
export function queryTokens(query: string): string[] {
  const telling = tellingTokens(query);
  return telling.length > 0 ? telling : tokensOfWords(query, () => true);
}

/** The same, but none if there are only words that every question has. */
export function tellingTokens(query: string): string[] {
  return tokensOfWords(query, (word) => !COMMON_WORDS.has(word.toLowerCase()));
}

function tokensOfWords(query: string, isWanted: (word: string) => boolean): string[] {
  const tokens = [...query.matchAll(WORD)].flatMap(([word]) => (isWanted(word) ? tokensOf(word) : []));
  return [...new Set(tokens)].slice(0, MOST_TOKENS);
}

/** The words of a question as written, for a search of the text itself; each once, without common ones. */
export function queryWords(query: string): string[] {
  const words = new Map<string, string>();
  for (const [word] of query.matchAll(WORD)) {
    const lower = word.toLowerCase();
    const isShort = lower.length < (UNSPACED.test(lower) ? 2 : 3);
    if (!isShort && !COMMON_WORDS.has(lower) && !/^\d+$/.test(lower) && !words.has(lower))
      words.set(lower, word);
  }
  return [...words.values()].slice(0, MOST_TOKENS);
}

/** The tokens of whole names that prose does not have: `camelCase`, `snake_case`. */
export function namesOf(query: string): string[] {
  const names = [...query.matchAll(WORD)].flatMap(([word]) =>
    /\p{Ll}\p{Lu}|[\p{L}\p{N}]_[\p{L}\p{N}]/u.test(word) ? tokensOf(word).slice(-1) : [],
  );
  return [...new Set(names)].slice(0, MOST_TOKENS);
}

/** Whether the text has more words than a search takes. */
export function isLong(text: string): boolean {
  return (text.match(WORD) ?? []).length > MOST_TOKENS;
}

/** A longer question is a pasted text, whose beginning says what is wanted. */
const MOST_TOKENS = 40;

function keep(cache: Map<string, string>, word: string, value: string): string {
  if (cache.size >= CACHED) cache.clear();
  cache.set(word, value);
  return value;
}

function isWorthIndexing(token: string): boolean {
  return token.length > 1 && token.length <= LONGEST && !/^\d{5,}$/.test(token);
}

/** Words that questions and commit subjects use whatever they are about. */
export const COMMON_WORDS: ReadonlySet<string> = new Set(
  `a able about above according across actually add added adding adds after again all allow allowed allows almost
    along already also although always am among an and another any anything are aren around as aside at away
    based be because become becomes been before being besides better between bit both bring brings but by came
    can cannot certain certainly chore come comes consider considered correctly could couldn currently depending
    despite did didn different differently directly do docs does doesn doing don done during e.g each either
    else enough ensure entirely especially etc even ever every everything exactly example explicitly feat
    finally fix fixed fixes fixing following for from further general generally give given gives giving go goes
    going good got had hadn happen happened happens has hasn have haven having he hello hence her here how however i
    ie if implement implemented implements improve improved improves improving in indeed instead into introduce
    introduced is isn it its itself just kind know known let lets like likely ll look looks lot made mainly make
    makes making many may maybe me mean means merely might more most much must my namely nearly necessary need
    needs never nevertheless new no nobody none nor not nothing now nowhere obviously occur occurs of off often ok okay
    on ones only onto or other others otherwise our out over own particular per perhaps please possible possibly
    previously probably properly provide provided provides quite rather re really refactor regardless related
    respectively right said same say says see seem seems seen several shall she should shouldn since so some
    someone something sometimes somewhere sorry still such support supported supports sure than thank thanks that the their
    them then there therefore these they thing things think this those though three through thus to too toward
    tried tries trying unless unlike up upon us use used useful uses using usually various ve very via want
    wants was wasn way ways we well went were weren what whatever when whenever where whereas wherever whether
    which while who whose why will wip wish with within without won work working works worth would wouldn yes
    yet you your`.split(/\s+/),
);
