import fc from 'fast-check';
import { expect, test } from 'vitest';
import { frontMatter } from '../../src/extensions/front-matter.ts';

const fieldsOf = (source: string) => Object.fromEntries(frontMatter(`---\n${source}\n---\nBody`).fields);
const problemOf = (text: string): string => {
  try {
    frontMatter(text);
    return 'none';
  } catch (error) {
    return (error as Error).message;
  }
};

test('values are texts and lists of texts, and the body begins where it begins', () => {
  const text =
    '---\nname: 12\npaths:\n  - "*.sql"\n  - b\nmetadata:\n  a: b\nmore: >\n  one\n  two\n---\n\nBody\n';
  const { fields, body, bodyLine } = frontMatter(text);
  expect([Object.fromEntries(fields), body, bodyLine]).toEqual([
    { name: '12', paths: ['*.sql', 'b'], more: 'one two' },
    '\nBody\n',
    12,
  ]);
  expect(frontMatter('# No settings\n---\n')).toEqual({
    fields: new Map(),
    body: '# No settings\n---\n',
    bodyLine: 1,
  });
  expect(frontMatter('---\n---\nBody')).toEqual({ fields: new Map(), body: 'Body', bodyLine: 3 });
});

test('what YAML needs quotes for is read without them', () => {
  expect(fieldsOf("description: Use it: always, it's fine\npaths: *.sql")).toEqual({
    description: "Use it: always, it's fine",
    paths: '*.sql',
  });
  expect(fieldsOf('argument-hint: [file] [line]')).toEqual({ 'argument-hint': '[file] [line]' });
  expect(fieldsOf('argument-hint: [file]')).toEqual({ 'argument-hint': '[file]' });
});

test('what cannot be read says what is wrong and what to do', () => {
  expect([
    problemOf('---\nname: a\nBody'),
    problemOf('---\nname: [a\n---\n'),
    problemOf('---\n- a\n---\n'),
    problemOf('---\n"a"\n---\n'),
    problemOf(`---\nname: ${'a'.repeat(20_000)}\n---\n`),
  ]).toEqual([
    'its front matter has no end: write a line with --- below it',
    'its front matter cannot be read: line 2: unexpected end of the stream within a flow collection. Put the text in quotes',
    'its front matter has to be lines such as `description: TEXT`',
    'its front matter has to be lines such as `description: TEXT`',
    'its front matter is longer than 16384 characters',
  ]);
});

test('any text is read or refused with an error of one line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.boolean(), (text, isOpen) => {
      const problem = problemOf(isOpen ? `---\n${text}\n---\n` : text);
      expect(problem).not.toContain('\n');
    }),
  );
});
