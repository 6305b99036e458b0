import fc from 'fast-check';

/** Pieces of shell scripts, of which a random row is mostly broken: signs of the shell, what runs other commands, any text, and `words`. */
export function scriptPieces(...words: readonly string[]): fc.Arbitrary<string> {
  const signs = [' ', ';', '\n', '$(', ')', '"', "'", '`', '<<E', '|', '&', '\\', '{'];
  return fc.oneof(fc.constantFrom(...words, ...signs, 'sudo', 'bash -c'), fc.string());
}
