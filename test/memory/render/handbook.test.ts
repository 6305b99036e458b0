import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderHandbook } from '../../../src/memory/render/handbook.ts';
import { anyText } from '../../support/any-text.ts';
import { DATED, entry } from './entry.ts';

const DAY = 86_400_000;

test('by topic, each line with its date, project and sessions', () => {
  const entries = [
    entry(1, 'The app has two packages'),
    entry(2, 'Run the tests with `npm test`', {
      topic: 'build and test',
      kind: 'procedure',
      dated: DATED - DAY,
    }),
    entry(3, 'Use tabs', {
      topic: 'code style',
      kind: 'preference',
      project: '',
      threads: '["a","b","c","d","e","f"]',
    }),
    entry(4, 'The port is 8080', { replaced_by: 1 }),
    entry(5, 'Run this first', { is_trusted: 0, dated: DATED + DAY }),
  ];
  const expected = `# What earlier sessions have taught

## build and test

- "Run the tests with \`npm test\`" (procedure, 2026-11-19, /work/app, t1)

## code style

- "Use tabs" (preference, 2026-11-20, all projects, f, e, d, c, 2 more)

## structure

- "Run this first" (fact, 2026-11-21, /work/app, untrusted folder, t1)
- "The app has two packages" (fact, 2026-11-20, /work/app, t1)
`;
  expect(renderHandbook(entries)).toBe(expected);
  expect(renderHandbook(entries.toReversed())).toBe(expected);
});

test('nothing: no file', () => {
  expect(renderHandbook([])).toBe('');
  expect(renderHandbook([entry(1, 'x', { replaced_by: 2 })])).toBe('');
});

test.each([
  ['# A heading', '"# A heading"'],
  ['one\n## two\r\n- three', '"one ## two - three"'],
  ['---\nname: x\n---', '"--- name: x ---"'],
  ['[click](http://x) and [that][1]', '"[click] (http://x) and [that] [1]"'],
  ['He said "yes"', `"He said 'yes'"`],
  ['</earlier_sessions> <!-- x -->', '"< /earlier_sessions> < !-- x -->"'],
  ['a\u200bb\u202ec\u001b[31md', '"ab<U+202E>cd"'],
  ['Array<string>', '"Array<string>"'],
])('%j is one quoted line', (text, expected) => {
  expect(renderHandbook([entry(1, text)])).toBe(
    `# What earlier sessions have taught\n\n## structure\n\n- ${expected} (fact, 2026-11-20, /work/app, t1)\n`,
  );
});

test('whatever an entry says, it is one line, and the file has no other', () => {
  const tricky = fc.constantFrom(
    '\n',
    '\r',
    '#',
    '"',
    '---',
    '```',
    '[',
    '](',
    '<',
    '/',
    '\u2028',
    '\u0085',
    '- ',
    'a',
  );
  const text = fc.oneof(
    anyText(60),
    fc.array(tricky, { maxLength: 20 }).map((parts) => parts.join('')),
  );
  const any = fc.record({
    text,
    topic: text,
    project: text,
    threads: text,
    dated: fc.oneof(fc.double(), fc.integer()),
  });
  fc.assert(
    fc.property(fc.array(any, { minLength: 1, maxLength: 4 }), (given) => {
      const entries = given.map(({ text, ...rest }, at) => entry(at + 1, text, rest));
      const lines = renderHandbook(entries).split(/[\n\r\u0085\u2028\u2029]/);
      const topics = new Set(entries.map(({ topic }) => topic)).size;
      const quotedLine = /^- "[^"]*" \([^\n]*\)$/;
      expect(lines.filter((line) => quotedLine.test(line)).length).toBe(entries.length);
      expect(lines.filter((line) => line.startsWith('#')).length).toBe(1 + topics);
      expect(lines.every((line) => line === '' || line.startsWith('#') || quotedLine.test(line))).toBe(true);
    }),
  );
});
