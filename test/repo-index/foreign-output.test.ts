/** What git and ripgrep print is read as it comes, whatever it is. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseLog } from '../../src/repo-index/reading/commits.ts';
import { createReader } from '../../src/repo-index/search/text-pass.ts';

const HASH = 'a'.repeat(40);

test('the log of git gives hash, time, words and files; a sweeping commit is left out', () => {
  const many = Array.from({ length: 31 }, (_, at) => `f${at}`).join('\0');
  const log = `\x01${HASH} 12 Fix the retry\x02\0\nsrc/a.ts\0b c.ts\0\x01${HASH} 13 All\x02\0\n${many}\0\x01${HASH} 14 None\x02\0`;
  expect(parseLog(log)).toEqual([
    { hash: HASH, time: 12, words: 'fix the retri', files: ['src/a.ts', 'b c.ts'] },
  ]);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(parseLog(`${text}\x01${HASH} 1 ${text}\x02${text}`).length).toBeLessThanOrEqual(text.length + 1);
    }),
  );
});

test('the matches of rg are gathered by file and word, however the bytes are cut', () => {
  const match = (file: object, line: number, ...texts: string[]) =>
    `${JSON.stringify({ type: 'match', data: { path: file, line_number: line, submatches: texts.map((text) => ({ match: { text } })) } })}\n`;
  const output = [
    '{"type":"begin"}\n',
    match({ text: './a.ts' }, 3, 'Foo', 'bar', 'foo'),
    match({ text: './a.ts' }, 7, 'foo'),
    match({ bytes: 'AAA=' }, 1, 'foo'),
    '{"type":"match"\n',
  ].join('');
  fc.assert(
    fc.property(fc.array(fc.nat(output.length), { maxLength: 8 }), (cuts) => {
      const reader = createReader(['foo', 'BAR']);
      let at = 0;
      for (const cut of [...cuts.sort((a, b) => a - b), output.length]) {
        reader.read(output.slice(at, cut));
        at = cut;
      }
      expect(reader.hits()).toEqual([
        {
          path: 'a.ts',
          lines: new Map([
            [0, [3, 7]],
            [1, [3]],
          ]),
        },
      ]);
    }),
  );
});
