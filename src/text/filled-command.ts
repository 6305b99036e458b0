/** Puts a value into a command of the user's. Loaded when one is run. */
import { shellWord } from './shell-word.ts';

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
