import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newLines, readLines } from '../../src/cli/shown-lines.ts';

test('numbered lines are runs; what is no line is passed over', () => {
  const output = '1\tone\n2\t  two\n9\tnine\n[lines 1-9 of 20; next offset=10]\nno tab';
  expect(readLines(output)).toEqual([['one', '  two'], ['nine']]);
});

test('a diff gives each hunk as it is afterwards, whatever its lines look like', () => {
  const diff = [
    '--- a/x',
    '+++ b/x',
    '@@ -1,3 +1,3 @@ head',
    ' kept',
    '-gone',
    '+@@ -1 +1 @@',
    ' ',
    '@@ -9 +9,2 @@',
    '-old',
    '+--- new',
    '+newer',
    '\\ No newline at end of file',
  ].join('\n');
  expect(newLines(diff)).toEqual([
    ['kept', '@@ -1 +1 @@', ''],
    ['--- new', 'newer'],
  ]);
});

test('any text is read without a fault', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(readLines(text).flat().length + newLines(text).flat().length).toBeLessThanOrEqual(
        2 * text.split('\n').length,
      );
    }),
  );
});
