import fc from 'fast-check';
import { expect, test } from 'vitest';
import { headingsOf } from '../../../src/repo-index/reading/headings.ts';
import { anyText } from '../../support/any-text.ts';

test.each([
  ['a.md', '# One\n## Two ##\n# Three', ['0 One', '1 One > Two', '2 Three']],
  [
    'a.md',
    'One\n===\n\nTwo\n---\n\n~~~\n# code\n~~~\n### Three',
    ['0 One', '3 One > Two', '9 One > Two > Three'],
  ],
  ['a.md', '#none\n\n    ---\n\n- item\n---', []],
  ['a.adoc', '= One\n== Two\n# no heading', ['0 One', '1 One > Two']],
  ['a.rst', 'One\n===\n\nTwo\n~~~\n\n# comment', ['0 One', '3 One > Two']],
])('%s: %j', (path, text, wanted) => {
  expect(headingsOf(path, text.split('\n')).map(({ row, trail }) => `${row} ${trail}`)).toEqual(wanted);
});

test('headings are in the order of their rows, each is a line of the text, whatever that is', () => {
  const line = fc.oneof(
    fc.constantFrom(
      '# A',
      '## B ##',
      '###',
      '=== C',
      '---',
      '====',
      '```',
      '~~~~',
      '    # code',
      'Title',
      '',
      '\t',
    ),
    anyText().map((text) => text.replaceAll('\n', ' ')),
  );
  const path = fc.constantFrom('a.md', 'a.rst', 'a.adoc', 'a.txt', 'README');
  fc.assert(
    fc.property(path, fc.array(line), (name, lines) => {
      const found = headingsOf(name, lines);
      const rows = found.map(({ row }) => row);
      expect(rows).toEqual([...new Set(rows)].toSorted((a, b) => a - b));
      for (const { row, trail } of found) {
        const [title = ''] = trail.split(' > ').slice(-1);
        expect(lines[row]).toContain(title);
      }
    }),
  );
});
