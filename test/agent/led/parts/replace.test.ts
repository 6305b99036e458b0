import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partText, replacePart } from '../../../../src/agent/led/parts/replace.ts';
import { type Part, partsOf } from '../../../../src/agent/led/parts.ts';

const part = (start: number, end: number): Part => ({ label: 'x', start, end });
const CLASS = `class Cart:

    def add(self, item):
        self.items.append(item)


    def total(self):
        return 0
`;

describe('a part with a new text', () => {
  it('keeps its line ends, the blank lines around it, and the rest of the file', () => {
    const text = '\r\na = 1\r\n\r\n\r\nb = 2\r\n';
    expect(replacePart(text, part(1, 4), '\n\na = 3\n# more\n')).toBe(
      '\r\na = 3\r\n# more\r\n\r\n\r\nb = 2\r\n',
    );
  });

  it('ends the file as it ended', () => {
    expect(replacePart('a\nb', part(2, 2), 'c\nd\n')).toBe('a\nc\nd');
    expect(replacePart('a\r\nb', part(2, 2), 'c\nd\n')).toBe('a\r\nc\r\nd');
    expect(replacePart('a\nb\n\n', part(2, 3), 'c')).toBe('a\nc\n\n');
    expect(replacePart('a', part(1, 1), 'b\n')).toBe('b');
  });

  it('is removed by a text without anything in it', () => {
    expect(replacePart('a\n\nb\n\nc\n', part(3, 4), '\n')).toBe('a\n\nc\n');
    expect(replacePart('a\n\nb\n', part(3, 3), '')).toBe('a\n');
    expect(replacePart('a\n\nb', part(3, 3), '')).toBe('a');
    expect(replacePart('a\n', part(1, 1), '')).toBe('');
  });

  it('may replace blank lines, and rows that are not there', () => {
    expect(replacePart('\n\n', part(1, 2), 'a')).toBe('a\n\n\n');
    expect(replacePart('a\n', part(5, 9), 'b')).toBe('a\nb\n');
  });
});

describe('the indentation of a new text', () => {
  it('comes back where it was lost as a whole', () => {
    expect(
      replacePart(CLASS, part(3, 6), 'def add(self, item):\n    pass\n\n    return item\n'),
    ).toBe(`class Cart:

    def add(self, item):
        pass

        return item


    def total(self):
        return 0
`);
  });

  it('comes back where it was lost on the first line only', () => {
    const text = 'def total(self):\n        return 1\n';
    expect(replacePart(CLASS, part(7, 8), text)).toBe(CLASS.replace('return 0', 'return 1'));
  });

  it('goes where it was gained as a whole', () => {
    const text = '        def total(self):\n            return 1\n';
    expect(replacePart(CLASS, part(7, 8), text)).toBe(CLASS.replace('return 0', 'return 1'));
    expect(replacePart('def f():\n    pass\n', part(1, 2), '  def f():\n      return\n')).toBe(
      'def f():\n    return\n',
    );
  });

  it('stays where a line stands further left than it could go', () => {
    expect(replacePart('a:\n  b: 1\n', part(1, 2), '  a:\nb: 1\n')).toBe('  a:\nb: 1\n');
  });

  it('is that of the file, with tabs', () => {
    const text = 'class A {\n\tadd() {\n\t\treturn 1;\n\t}\n}\n';
    expect(replacePart(text, part(2, 4), 'add() {\n\treturn 2;\n}')).toBe(text.replace('1', '2'));
  });

  it('is left alone where it is of another sort', () => {
    expect(replacePart('a:\n\tb\n', part(2, 2), '    c\n')).toBe('a:\n    c\n');
  });
});

describe('any text', () => {
  const piece = fc.constantFrom('\n', '\n\n', '\r\n', '  ', '\t', 'def f():', 'class A:', '}', 'x', '\ud800');
  const anyText = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.array(piece, { maxLength: 120 }).map((pieces) => pieces.join('')),
  );

  it('is the same with its own parts, and as it was outside of a new one', () => {
    fc.assert(
      fc.property(anyText, anyText, (text, newText) => {
        for (const one of partsOf(text, 'a.py')) {
          expect(replacePart(text, one, partText(text, one))).toBe(text);
          const rows = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
          const before = rows.slice(0, one.start - 1).join('');
          const after = rows.slice(one.end).join('');
          const replaced = replacePart(text, one, newText);
          expect(replaced.startsWith(before) || newText.trim() === '').toBe(true);
          expect(replaced.endsWith(after)).toBe(true);
          if (replaced !== '' && text !== '') expect(replaced.endsWith('\n')).toBe(text.endsWith('\n'));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('never fails for rows that are not there', () => {
    fc.assert(
      fc.property(anyText, anyText, fc.integer(), fc.integer(), (text, newText, start, end) => {
        expect(typeof replacePart(text, part(start, end), newText)).toBe('string');
        expect(typeof partText(text, part(start, end))).toBe('string');
      }),
    );
  });
});
