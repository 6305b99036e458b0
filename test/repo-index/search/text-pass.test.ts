import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createReader } from '../../../src/repo-index/search/text-pass.ts';
import { anyText } from '../../support/any-text.ts';

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

test('whatever rg prints, in whatever pieces, is read without an error', () => {
  const wild = fc.oneof(
    anyText(),
    fc.json().map((text) => `{"type":"match","data":${text}}`),
    fc
      .json()
      .map((text) => `{"type":"match","data":{"path":{"text":"./a"},"line_number":1,"submatches":${text}}}`),
  );
  fc.assert(
    fc.property(fc.array(wild), (lines) => {
      const reader = createReader(['foo']);
      for (const line of lines) reader.read(`${line}\n`);
      for (const { path, lines: found } of reader.hits())
        expect([typeof path, [...found.keys()].every((word) => word === 0)]).toEqual(['string', true]);
    }),
  );
});
