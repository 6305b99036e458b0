/** Whether a message asks for a change. Words are looked for in English; of another language nothing is known. */

/** `question`: nothing is to be changed; `change`: something is; `open`: it cannot be told. */
export type TaskKind = 'question' | 'change' | 'open';

const VERBS: ReadonlySet<string> = new Set(
  (
    'add append insert create write make build generate implement fix repair correct change set update modify edit ' +
    'replace rename move delete remove drop refactor convert translate extract split merge rewrite bump increase ' +
    'decrease raise lower swap sort format extend put turn port migrate copy clean introduce export define handle ' +
    'give let allow ensure prevent stop accept use simplify shorten improve optimise optimize support apply adapt ' +
    'adjust reverse switch round limit enable disable document comment test declare register import keep'
  ).split(' '),
);
/** States what must be true, without a verb that asks for it. */
const OBLIGATION = /\b(?:has|have|needs?|ought|is|are) to\b|\b(?:must|should|shall)\b/i;
// Any word, looked up in VERBS: an expression with all the verbs takes 4 ms to compile.
const ORDER =
  /(?:^|[.!?;:,\n]\s*|\b(?:and|then|please|you|now|also|should|must)\s+)(?=(?!(?:and|then|please|you|now|also|should|must)\b)(\w+))/gi;
const FIRST = /^\s*(?:(?:please|also|now)\s+)?(\w+)/i;
/** Forbids every change: `change nothing else` and `do not edit files in lib` do not. */
const NOTHING =
  /\b(?:change|modify|edit|touch|write|alter)\s+nothing\b(?!\s+(?:else|but|other|except|besides))|\b(?:do not|don['’]t|without|never)\s+(?:chang|modify|edit|touch|alter|writ)\w*\s+(?:anything|any\s+(?:code|files?|source)|(?:the\s+)?(?:code|files?))\b(?!\s+(?:else|but|other|except|outside|besides|than|in|of|at|from|under|with)\b)/i;
const QUESTION =
  /^\s*(?:please )?(?:what|which|where|why|how|who|when|is|are|does|do|did|explain|describe|tell|show|list|summari[sz]e|find|count|compare|in which|run|execute|read|say|look|search)\b/i;
/** A question mark counts only in a language whose verbs are known. */
const ENGLISH =
  /\b(?:what|which|where|why|how|whose|when|does|did|are|the|this|there|it|explain|should|would|could)\b/i;
const POLITE = /(?:^|[,;:] )\s*(?:please|(?:can|could|would|will) (?:you|we))\b/i;

const isVerb = (word: string): boolean => VERBS.has(word.toLowerCase());

/** Whether it begins with a verb that asks for something. */
export function startsWithOrder(text: string): boolean {
  return isVerb(FIRST.exec(text)?.[1] ?? '');
}

/** The verbs that ask for something; in a question, only those of the sentences that ask. */
export function verbsIn(sentences: readonly string[]): ReadonlySet<string> {
  const asking = sentences.filter(
    (sentence) => !sentence.trimEnd().endsWith('?') || startsWithOrder(sentence) || POLITE.test(sentence),
  );
  const words = asking.flatMap((one) => [...one.matchAll(ORDER)].map(([, word = '']) => word.toLowerCase()));
  return new Set(words.filter(isVerb));
}

/** @param verbs of the text (`verbsIn`) */
export function kindOf(text: string, verbs: ReadonlySet<string>): TaskKind {
  if (NOTHING.test(text)) return 'question';
  const isAsked = /[?？]/.test(text);
  if (verbs.size > 0 || (OBLIGATION.test(text) && !isAsked)) return 'change';
  return QUESTION.test(text) || (isAsked && ENGLISH.test(text)) ? 'question' : 'open';
}

/** Sentences and lines of a text, with one blank between words: an expression can skip one blank instead of a thousand. */
export function sentencesOf(text: string): { readonly plain: string; readonly sentences: readonly string[] } {
  const plain = text.replace(/[^\S\n]+/g, ' ').replace(/ ?\n[ \n]*/g, '\n');
  return { plain, sentences: plain.split(/(?<=[.!?])\s|\n/) };
}

export function taskKind(text: string): TaskKind {
  const { plain, sentences } = sentencesOf(text);
  return kindOf(plain, verbsIn(sentences));
}
