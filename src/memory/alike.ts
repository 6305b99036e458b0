/**
 * Which lines say nearly the same, by their words alone.
 *
 * Numbers and negations count as what they are: `port 8080` and `port 9090` are not alike, however many words they share.
 */
import { tellingTokens } from '../repo-index/store/tokens.ts';

export interface Words {
  /** Stems, each once, in the order of the text. */
  readonly tokens: readonly string[];
  /** The numbers, and whether something is denied. */
  readonly facts: ReadonlySet<string>;
}

/** Each denies as the others do. `don t` is `don't` without its marks. */
const NEGATION =
  /(?<![\p{L}\p{N}])(?:not?|never|none|nor|cannot|without|avoid|stop|instead of|(?:do|does|did|is|are|was|were|wo|ca|could|would|should|must|has|have|had)n['’ ]?t|nicht|nie|niemals|kein(?:e|en)?|ohne)(?![\p{L}\p{N}])/iu;
const DENIED = 'not';

export function tellingWords(text: string): Words {
  const facts = new Set(text.match(/\d+(?:\.\d+)*/g));
  if (NEGATION.test(text)) facts.add(DENIED);
  return { tokens: tellingTokens(text), facts };
}

/** The same telling words in the same order, whatever their endings and marks. */
export function isIdentical(one: Words, other: Words): boolean {
  return one.tokens.join(' ') === other.tokens.join(' ') && hasSameFacts(one, other);
}

/** The same numbers, and both or neither deny something. */
export function hasSameFacts(one: Words, other: Words): boolean {
  return one.facts.size === other.facts.size && [...one.facts].every((fact) => other.facts.has(fact));
}

/** Each says something that the other does not: a value was exchanged, or it is in other words. */
export function differBothWays(one: Words, other: Words): boolean {
  const lacks = (a: Words, b: Words): boolean => a.tokens.some((token) => !b.tokens.includes(token));
  return lacks(one, other) && lacks(other, one);
}

/** 0 to 1: the words that both have, the rare ones counting more. */
export function likeness(one: Words, other: Words, rarity: (token: string) => number): number {
  const sum = (tokens: readonly string[]): number => tokens.reduce((all, token) => all + rarity(token), 0);
  const whole = sum(one.tokens) + sum(other.tokens);
  return whole === 0 ? 0 : (2 * sum(sharedOf(one.tokens, other.tokens))) / whole;
}

/** How rare a word is among the lines. */
export function rarityIn(lines: readonly Words[]): (token: string) => number {
  const counts = new Map<string, number>();
  for (const { tokens } of lines) for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
  return (token) => Math.log(1 + (lines.length + 1) / (1 + (counts.get(token) ?? 0)));
}

function sharedOf(one: readonly string[], other: readonly string[]): readonly string[] {
  const known = new Set(other);
  return one.filter((token) => known.has(token));
}
