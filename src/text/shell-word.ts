/** Quoting words of a POSIX command line, and taking off the shell that a command is wrapped in. */

/** The word quoted for a shell: as it is if nothing in it is special, otherwise in single quotes. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * The command with `value` in the place of every `placeholder`, which may stand in quotes: nothing of the value is read by the shell. An
 * empty value leaves no empty word where the placeholder was one of its own.
 */
export function filledCommand(command: string, placeholder: string, value: string): string {
  const [first = '', ...rest] = command.split(placeholder);
  let filled = first;
  for (const part of rest) {
    const quote = quoteAt(filled);
    const isWord = quote !== '' && part.startsWith(quote) && quoteAt(filled.slice(0, -1)) === '';
    filled = isWord
      ? `${filled.slice(0, -1)}${valueIn('', value)}${part.slice(1)}`
      : `${filled}${valueIn(quote, value)}${part}`;
  }
  return filled.trim();
}

function valueIn(quote: string, value: string): string {
  if (quote === "'") return value.replaceAll("'", `'\\''`);
  if (quote === '"') return value.replace(/["$`\\]/g, '\\$&');
  return value === '' ? '' : shellWord(value);
}

/** The quote that is open at the end of the text; empty: none. */
function quoteAt(text: string): string {
  let open = '';
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at] ?? '';
    if (sign === '\\' && open !== "'") at += 1;
    else if (open === '' && (sign === '"' || sign === "'")) open = sign;
    else if (sign === open) open = '';
  }
  return open;
}

const WRAPPER = /^(?:\S*\/)?(?:bash|sh|zsh|dash|ksh|ash|fish) -l?c (.+)$/s;

/** The command as the model or the user wrote it, without the `bash -lc` around it. */
export function innerCommand(command: string): string {
  const script = WRAPPER.exec(command)?.[1];
  if (script === undefined) return command;
  if (!script.startsWith("'")) return /[\s"']/.test(script) ? command : script;
  const text = script.slice(1, -1).replaceAll(`'\\''`, '\0');
  return script.endsWith("'") && !text.includes("'") ? text.replaceAll('\0', "'") : command;
}
