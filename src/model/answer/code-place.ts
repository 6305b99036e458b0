/**
 * Where a call that is written like a program's own stands: after prose it is the model's, in code it is the code's.
 *
 * Pure; looks at the line before, and at whether the text defines or mentions what is called.
 */

/** A call of a function, or a list of them, begins. */
const FUNCTION_CALL = /\[?\s{0,4}[A-Za-z_][\w.]{0,100}\(/y;
const SENTENCE_END = /[.:!?…。：！？][*_"'”’)\]]{0,3}$/u;
/** What code has and prose hardly. */
const CODE_MARK = /[=;{}()<>[\]]|^\s*(?:#|\/\/|import\b|from\b|return\b|@)/;
const WORDS = /\p{L}{2,}\s+\S*\p{L}{2,}/u;
const DEFINITION = /\b(?:def|fn|func|function|class|const|let|var)\s{1,8}([\w.]{1,100})/g;
const IMPORT = /\bimport\b[^\n]{0,120}/g;
const LETTER = /\w/;
const LONGEST_LINE = 400;

export function isFunctionCall(text: string, at: number): boolean {
  FUNCTION_CALL.lastIndex = at;
  return FUNCTION_CALL.test(text);
}

/** Nothing stands before it, or a line of prose. */
export function isAfterProse(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - LONGEST_LINE), at).trimEnd();
  const line = before.slice(before.lastIndexOf('\n') + 1);
  return line === '' || SENTENCE_END.test(line) || (WORDS.test(line) && !CODE_MARK.test(line));
}

export function isMentioned(name: string, text: string): boolean {
  if (name === '') return false;
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1)) {
    const [before = '', after = ''] = [text[at - 1], text[at + name.length]];
    if (!LETTER.test(before) && !LETTER.test(after)) return true;
  }
  return false;
}

/** The text holds the code of a function of one of these names, or gets one from somewhere. */
export function isDefined(names: Iterable<string>, text: string): boolean {
  const defined = new Set([...text.matchAll(DEFINITION)].map(([, name]) => name));
  const imported = [...text.matchAll(IMPORT)].map(([line]) => line).join('\n');
  for (const name of new Set(names)) if (defined.has(name) || isMentioned(name, imported)) return true;
  return false;
}
