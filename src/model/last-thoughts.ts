/** Whole lines of at most so many characters. */
const MOST_CHARACTERS = 600;

/** The end of a thinking: its last lines, or of a single long line its last words. */
export function lastThoughts(thinking: string): string {
  const lines = thinking.split('\n').filter((line) => line.trim() !== '');
  const text = lines.join('\n').trim();
  if (text.length <= MOST_CHARACTERS) return text;
  const end = text.slice(-MOST_CHARACTERS);
  const line = end.indexOf('\n');
  const word = end.search(/\s/);
  const from = line >= 0 && line < MOST_CHARACTERS / 2 ? line : Math.max(0, word);
  // Half a letter of two code units is none.
  return end
    .slice(from)
    .trim()
    .replace(/^[\udc00-\udfff]/, '');
}
