/** Lines that were made for the eye, as they are read aloud: marks become words, columns and dots become punctuation. */

/** A mark at the start of a line, and what is said for it. */
const MARKS: readonly (readonly [RegExp, string])[] = [
  [/^⚠ /, 'Warning: '],
  [/^■ (?!Interrupted)/, 'Error: '],
  [/^[•✔✗↻∴■] /, ''],
  // A label and its value in two columns.
  [/^ {2}([A-Za-z]+) {2,}(?=\S)/, '$1: '],
  [/^ {2}(?:└ | +)?/, ''],
];

export function inWords(lines: readonly string[]): string[] {
  return lines.map((line) => {
    const [mark, word] = MARKS.find(([pattern]) => pattern.test(line)) ?? [];
    const said = mark === undefined || word === undefined ? line : line.replace(mark, word);
    return said.replaceAll(' · ', ', ');
  });
}
