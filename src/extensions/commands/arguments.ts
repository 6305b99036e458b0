/**
 * What follows the name of a command, divided as a shell would: quotes hold words together, a backslash takes the meaning from a
 * quote or a blank. An apostrophe inside a word is text, and so is a quote without an end.
 */

/** Never throws. */
export function argumentsIn(text: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < text.length; ) {
    const character = text.charAt(at);
    const quoted = opens(text, at) ? endOf(text, at) : undefined;
    if (quoted !== undefined) {
      word = (word ?? '') + unescaped(text.slice(at + 1, quoted), character);
      at = quoted + 1;
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      at += 1;
    } else {
      const isEscape = character === '\\' && /["'\\\s]/.test(text.charAt(at + 1));
      word = (word ?? '') + (isEscape ? text.charAt(at + 1) : character);
      at += isEscape ? 2 : 1;
    }
  }
  return word === undefined ? words : [...words, word];
}

/** Those that are written `NAME=value`, as Codex has them. */
export function namedIn(args: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    args.flatMap((word): [string, string][] => {
      const [, name, value = ''] = /^([A-Z][A-Z0-9_]*)=([\s\S]*)$/.exec(word) ?? [];
      return name === undefined ? [] : [[name, value]];
    }),
  );
}

/** Whether nothing in it is quoted, so that it can be given as it was typed. */
export function isPlain(text: string): boolean {
  return argumentsIn(text).join(' ') === text.trim().replace(/\s+/g, ' ');
}

const isWordAt = (text: string, at: number): boolean => /[\p{L}\p{N}_]/u.test(text.charAt(at));

function opens(text: string, at: number): boolean {
  const character = text.charAt(at);
  return character === '"' || (character === "'" && !isWordAt(text, at - 1));
}

/** Where the quote ends; undefined: nowhere. */
function endOf(text: string, start: number): number | undefined {
  const quote = text.charAt(start);
  for (let at = start + 1; at < text.length; at += 1) {
    if (text.charAt(at) === '\\' && quote === '"') at += 1;
    else if (text.charAt(at) === quote && (quote === '"' || !isWordAt(text, at + 1))) return at;
  }
  return undefined;
}

function unescaped(text: string, quote: string): string {
  return quote === '"' ? text.replace(/\\(["\\])/g, '$1') : text;
}
