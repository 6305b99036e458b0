/**
 * Reads a shell command as far as display needs it: the words of plain commands. Not for decisions about safety; what
 * cannot be read for certain is `undefined`.
 */
const TOKEN =
  /[ \t]+|(&&|\|\||[;|\n])|(?:2>\s*\/dev\/null|2>&1)(?=[\s;|&]|$)|((?:[^\s;|&<>()`$"'\\{}#]|\\.|'[^']*'|"(?:[^"\\`$]|\\.)*"|(?<=\S)#|[{}](?=\S|$))+)/y;
const LENGTH_LIMIT = 4_096;

/**
 * The pipelines of a plain script: each a list of commands, each a list of words. Undefined if it redirects,
 * substitutes, groups, runs in the background, or is very long.
 */
export function pipelinesOf(script: string): string[][][] | undefined {
  if (script.length > LENGTH_LIMIT) return undefined;
  const pipelines: string[][][] = [[[]]];
  let at = 0;
  while (at < script.length) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(script);
    if (found === null) return undefined;
    const [whole, operator, word] = found;
    at += whole.length;
    if (operator === '|') pipelines.at(-1)?.push([]);
    else if (operator !== undefined) pipelines.push([[]]);
    else if (word !== undefined) pipelines.at(-1)?.at(-1)?.push(unquoted(word));
  }
  return pipelines.filter((commands) => commands.some((words) => words.length > 0));
}

function unquoted(word: string): string {
  return word.replace(/'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/g, (_, single, double, escaped) => {
    if (double !== undefined) return double.replace(/\\(["\\$`])/g, '$1');
    return single ?? escaped;
  });
}
