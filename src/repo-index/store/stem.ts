/**
 * English word stems, so that `parsing`, `parses` and `parsed` are found as one word.
 *
 * Invariants: deterministic; the stem is never empty and never longer than the word plus one letter; anything but a
 * plain lower-case English word is returned unchanged. It knows no exceptions and no other languages: the index and
 * the query use the same function, so a wrong stem costs a little precision and nothing else.
 */
const VOWEL = /[aeiouy]/;
const DOUBLED = /([^aeiouylsz])\1$/;
const ENDINGS: readonly (readonly [string, string])[] = [
  ['ization', 'iz'],
  ['ational', 'at'],
  ['ation', 'at'],
  ['ator', 'at'],
  ['iveness', 'iv'],
  ['fulness', 'ful'],
  ['ousness', 'ous'],
  ['ibility', 'ibl'],
  ['ability', 'abl'],
  ['ement', ''],
  ['ment', ''],
  ['ness', ''],
  ['izer', 'iz'],
  ['izing', 'iz'],
  ['able', ''],
  ['ible', ''],
  ['ance', ''],
  ['ence', ''],
  ['ally', 'al'],
  ['ion', ''],
  ['er', ''],
  ['or', ''],
  ['ly', ''],
];

/** The stem of a lower-case word. */
export function stem(word: string): string {
  if (word.length < 4 || !/^[a-z]+$/.test(word)) return word;
  let base = withoutInflection(withoutPlural(word));
  for (const [ending, replacement] of ENDINGS) {
    if (!base.endsWith(ending)) continue;
    const head = base.slice(0, -ending.length);
    // What is left must still look like a word.
    if (head.length < 3 || !VOWEL.test(head) || (ending === 'ion' && !/[st]$/.test(head))) break;
    base = head + replacement;
    break;
  }
  if (base.length > 3 && base.endsWith('e')) base = base.slice(0, -1);
  if (base.length > 3 && DOUBLED.test(base)) base = base.slice(0, -1);
  if (base.length > 2 && base.endsWith('y') && !VOWEL.test(base.at(-2) ?? '')) base = `${base.slice(0, -1)}i`;
  return base;
}

function withoutPlural(word: string): string {
  if (word.endsWith('sses')) return word.slice(0, -2);
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (/(?:x|ch|sh)es$/.test(word)) return word.slice(0, -2);
  if (word.endsWith('s') && !/(?:ss|us|is|as)$/.test(word)) return word.slice(0, -1);
  return word;
}

function withoutInflection(word: string): string {
  for (const ending of ['ing', 'ied', 'ed']) {
    if (!word.endsWith(ending)) continue;
    const head = word.slice(0, -ending.length);
    if (head.length < 2 || !VOWEL.test(head) || (ending === 'ed' && head.endsWith('e'))) return word;
    if (ending === 'ied') return `${head}y`;
    return DOUBLED.test(head) ? head.slice(0, -1) : head;
  }
  return word;
}
