/** The first sentence of a text's first line, with its full stop; the line, if it has none. */
export function firstSentence(text: string): string {
  return /^[^\n]*?[.!?](?=\s|$)|^[^\n]*/.exec(text.trim())?.[0] ?? '';
}
