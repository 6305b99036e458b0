import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyChunks } from '../../../src/tools/apply-patch/chunks.ts';
import { PatchError } from '../../../src/tools/apply-patch/errors.ts';
import { type Chunk, type PatchLine, parsePatch } from '../../../src/tools/apply-patch/parse.ts';
import { cpuTime } from '../../support/cpu-time.ts';
import { patchOf } from './support.ts';

function chunksOf(...lines: readonly string[]): readonly Chunk[] {
  const [op] = parsePatch(patchOf('*** Update File: f', ...lines)).ops;
  if (op?.kind !== 'update') throw new Error('no update');
  return op.chunks;
}

function errorOf(original: string, chunks: readonly Chunk[]): PatchError {
  try {
    applyChunks(original, chunks, 'f');
  } catch (error) {
    if (error instanceof PatchError) return error;
    throw error;
  }
  throw new Error('no error');
}

describe('applyChunks', () => {
  it.each([
    [
      'keeps the bytes of context that matched loosely',
      'a  \n\tb\nc\n',
      ['@@', ' a', ' b', '-c', '+d'],
      'a  \n\tb\nd\n',
    ],
    ['searches behind the context line', 'x\nf()\nx\n', ['@@ f()', '-x', '+y'], 'x\nf()\ny\n'],
    ['inserts between context lines', 'a\nb\n', ['@@', ' a', '+n', ' b'], 'a\nn\nb\n'],
    ['appends before an empty last line', 'a\n\n', ['@@', '+b'], 'a\nb\n\n'],
    ['writes into an empty file', '', ['@@', '+b'], 'b\n'],
    ['empties a file', 'a\n', ['@@', '-a'], ''],
    ['keeps a blank end of the file', 'a\n\n\n', ['@@', '-a', '+b'], 'b\n\n\n'],
    ['closes an untouched last line', 'a\nb', ['@@', '-a', '+c'], 'c\nb\n'],
    ['closes it with the ending of the file', 'a\r\nb', ['@@', '-a', '+c'], 'c\r\nb\r\n'],
    ['drops an empty last old line that is not there', 'a\nb\n', ['@@', '-a', '+c', ''], 'c\nb\n'],
    ['keeps an added line behind it', 'a\nb\n', ['@@', '-b', '', '+c'], 'a\n\nc\n'],
    ['appends several times in order', 'a\n', ['@@', '+b', '@@', '+c'], 'a\nb\nc\n'],
    ['reads past the numbers of a unified diff', 'f\na\n', ['@@ -7,2 +9,2 @@', '-a', '+b'], 'f\nb\n'],
    ['uses its heading if it is there', 'a\nf\na\n', ['@@ -1 +1 @@ f', '-a', '+b'], 'a\nf\nb\n'],
    ['does without its heading', 'a\nf\n', ['@@ -1 +1 @@ f', '-a', '+b'], 'b\nf\n'],
    ['fills an empty file from numbers', '', ['@@ -0,0 +1 @@', '+b'], 'b\n'],
    ['takes a lone carriage return for text', 'a\rb\nc\n', ['@@', '-c', '+d'], 'a\rb\nd\n'],
    [
      'takes @@ with blanks behind it for @@',
      'a\n\nb\n',
      ['@@ ', '-a', '+c', '@@\t ', '-b', '+d'],
      'c\n\nd\n',
    ],
    [
      'gives an added line the ending above it',
      'a\nb\r\nc\n',
      ['@@', ' a', '+x', ' b', '+y', '-c', '+z'],
      'a\nx\nb\r\ny\r\nz\n',
    ],
    ['gives a first added line the ending below it', 'a\r\nb\n', ['@@', '+x', ' a'], 'x\r\na\r\nb\n'],
    ['puts additions behind their @@ line', 'a\nb\nc\n', ['@@ a', '+A', '@@ b', '+B'], 'a\nA\nb\nB\nc\n'],
    ['puts them behind a last line that is open', 'a\r\nb', ['@@ b', '+c'], 'a\r\nb\r\nc\r\n'],
    ['puts them at the end where that is said', 'a\nb\n', ['@@ a', '+c', '*** End of File'], 'a\nb\nc\n'],
    ['takes a @@ line that is repeated below itself', 'a\nb\nc\n', ['@@ b', ' b', '+x'], 'a\nb\nx\nc\n'],
    ['finds composed letters', 'Cafe\u0301\nb\n', ['@@', '-Caf\u00e9', '+Tea'], 'Tea\nb\n'],
    ['finds what has invisible characters', 'total\u200b price\n', ['@@', '-total price', '+sum'], 'sum\n'],
    [
      'finds what another reader could not decode',
      'Stra\u00dfe\nb\n',
      ['@@', ' Stra\ufffde', '-b', '+c'],
      'Stra\u00dfe\nc\n',
    ],
    ['lets the @@ line decide between equal places', 'f\nx\ng\nx\n', ['@@ g', '-x', '+y'], 'f\nx\ng\ny\n'],
    ['lets line numbers decide', 'x\na\nx\nb\nx\n', ['@@ -3 +3 @@', '-x', '+y'], 'x\na\ny\nb\nx\n'],
    [
      'lets the nearest line number decide',
      'x\na\na\na\nx\n',
      ['@@ -4 +4 @@', '-x', '+y'],
      'x\na\na\na\ny\n',
    ],
    [
      'lets the hunks around decide',
      'x\na\nx\nb\nx\n',
      ['@@', '-a', '@@', '-x', '+y', '@@', '-b'],
      'x\ny\nx\n',
    ],
    ['takes as many hunks as there are places', 'x\nx\n', ['@@', '-x', '+y', '@@', '-x', '+z'], 'y\nz\n'],
    [
      'takes @@ lines from the outside in',
      'class A:\n  f\n  x\nclass B:\n  f\n  x\n',
      ['@@ class B:', '@@ f', '-  x', '+  y'],
      'class A:\n  f\n  x\nclass B:\n  f\n  y\n',
    ],
    [
      'takes the first place behind the last @@ line',
      'class A:\n  f\n  x\nclass B:\n  f\n  x\n',
      ['@@ class A:', '@@ f', '@@', '-  x', '+  y'],
      'class A:\n  f\n  y\nclass B:\n  f\n  x\n',
    ],
    [
      'takes the beginning of the line for it',
      'def a(x):\n  pass\ndef ab(x):\n  pass\n',
      ['@@ def ab', '-  pass', '+  y'],
      'def a(x):\n  pass\ndef ab(x):\n  y\n',
    ],
    ['reads past dots and another @@', 'f\nx\ng\nx\n', ['@@ g ... @@', '-x', '+y'], 'f\nx\ng\ny\n'],
    ['takes dots alone for nothing', 'f\nx\n', ['@@ ... @@', '-x', '+y'], 'f\ny\n'],
    ['takes any place where all give the same', 'a\n\n\nb\n', ['@@', '-', '+'], 'a\n\n\nb\n'],
  ])('%s', (_name, original, lines, expected) => {
    expect(applyChunks(original, chunksOf(...lines), 'f')).toBe(expected);
  });

  it.each<[string, readonly string[], string]>([
    [
      'the beginning of several lines',
      ['@@ def', '+x'],
      'Found the lines of a hunk in more than one place of f:\ndef',
    ],
    ['a part of a word', ['@@ de', '+x'], "Failed to find context 'de' in f"],
    [
      'an outer line that is not there',
      ['@@ class', '@@ def a:', '+x'],
      "Failed to find context 'class' in f",
    ],
  ])('refuses %s after @@', (_name, lines, reason) => {
    expect(() => applyChunks('def a:\n  p\ndef b:\n  p\n', chunksOf(...lines), 'f')).toThrow(
      expect.objectContaining({ reason }),
    );
  });

  it('says which lines it did not find, and quotes the nearest with numbers', () => {
    const original =
      'import os\n\ndef greet(name):\n    message = "Hello, " + name\n    print(message)\n    return message\n';
    const chunks = chunksOf('@@', ' def greet(name):', '-    message = "Hi, " + name', '+    message = name');
    const error = errorOf(original, chunks);
    expect(error.standalone).toBe(
      'Failed to find expected lines in f:\ndef greet(name):\n    message = "Hi, " + name',
    );
    expect(error.hint).toBe(
      [
        'The nearest lines in the file:',
        '2| ',
        '3| def greet(name):',
        '4|     message = "Hello, " + name',
        '5|     print(message)',
        'Copy unchanged and removed lines exactly from the file and send the whole patch again.',
      ].join('\n'),
    );
  });

  it.each([
    [
      'hunks out of order',
      'a\nb\n',
      ['@@', '-b', '+c', '@@', '-a', '+d'],
      'Failed to find expected lines in f:\na',
      'These lines are at line 1, but the hunk before ends at line 2: put the hunks in file order.',
    ],
    [
      'a hunk above its context line',
      'a\nb\n',
      ['@@ b', '-a', '+d'],
      'Failed to find expected lines in f:\na',
      'These lines are at line 1, but the hunk searches from line 3: its @@ line must be above them, and hunks must be in file order.',
    ],
    [
      'a wrong end of file',
      'a\nb\n',
      ['@@', '-a', '+d', '*** End of File'],
      'Failed to find expected lines in f:\na',
      "These lines are at line 1, not at the end of the file: leave out '*** End of File'.",
    ],
    [
      'a change that is made',
      'x\nd\n',
      ['@@', '-a', '+d'],
      'Failed to find expected lines in f:\na',
      'The new lines are already in the file at line 2: this change seems to have been made.',
    ],
    [
      'pasted line numbers',
      'alpha\n',
      ['@@', '-1: alpha', '+2: beta'],
      'Failed to find expected lines in f:\n1: alpha',
      'The lines of the patch seem to carry line numbers; leave those out. Copy unchanged and removed lines exactly from the file and send the whole patch again.',
    ],
    ['an empty file', '', ['@@', '-a'], 'Failed to find expected lines in f:\na', 'The file is empty.'],
    [
      'nothing similar',
      'alpha\n',
      ['@@', '-xyz()', '+d'],
      'Failed to find expected lines in f:\nxyz()',
      'Nothing in the file is similar. Read the file before you patch it.',
    ],
    [
      'a context line that is not one',
      'def greet(name):\n  x\n',
      ['@@ def greet():', '-x'],
      "Failed to find context 'def greet():' in f",
      [
        'The text after @@ must be one whole line of the file; @@ alone is enough if the lines below it are unique.',
        'The nearest lines in the file:',
        '1| def greet(name):',
        '2|   x',
        'Copy unchanged and removed lines exactly from the file and send the whole patch again.',
      ].join('\n'),
    ],
    [
      'a place given by numbers only',
      'a\nb\n',
      ['@@ -1,0 +2 @@', '+x'],
      "Failed to find context '-1,0 +2 @@' in f",
      'Line numbers are not used: write @@ alone, and show where added lines go by unchanged lines above or below them.',
    ],
  ])('explains %s', (_name, original, lines, reason, hint) => {
    const error = errorOf(original, chunksOf(...lines));
    expect({ reason: error.standalone, hint: error.hint }).toEqual({ reason, hint });
  });

  it.each([
    [
      'lines that are there twice',
      'def a():\n    x = 1\n\ndef b():\n    x = 1\n',
      ['@@', '-    x = 1', '+    x = 2'],
      'Found the lines of a hunk in more than one place of f:\n    x = 1',
      "line 2, below 'def a():'\nline 5, below 'def b():'",
    ],
    [
      'two equal lines after @@',
      'f\nx\nf\nx\n',
      ['@@ f', '-x', '+y'],
      'Found the lines of a hunk in more than one place of f:\nx',
      'line 2\nline 4',
    ],
    [
      'additions behind a line that is there twice',
      'a {\n  f()\n}\nb {\n  f()\n}\n',
      ['@@   f()', '+  g()'],
      'Found the lines of a hunk in more than one place of f:\n  f()',
      "line 2, below 'a {'\nline 5, below 'b {'",
    ],
    [
      'two places that are as near',
      'x\na\nx\n',
      ['@@ -2 +2 @@', '-x', '+y'],
      'Found the lines of a hunk in more than one place of f:\nx',
      "line 1\nline 3, below 'a'",
    ],
  ])('refuses %s', (_name, original, lines, reason, places) => {
    const error = errorOf(original, chunksOf(...lines));
    const advice = 'Put the line above the right place after @@, or add unchanged lines to the hunk.';
    expect({ reason: error.standalone, hint: error.hint }).toEqual({ reason, hint: `${places}\n${advice}` });
  });

  it('names four places at most', () => {
    const error = errorOf('x\ny\n'.repeat(10), chunksOf('@@', '-x', '+z'));
    expect(error.hint?.split('\n').slice(0, -1)).toEqual([
      'line 1',
      'line 3',
      'line 5',
      'line 7',
      'and 6 more',
    ]);
  });

  it('quotes twelve lines at most, around the first that differs', () => {
    const lines = Array.from({ length: 60 }, (_, index) => `value_${index} = compute(${index})`);
    const wanted = lines.slice(10, 50).map((line, index) => (index === 20 ? 'value_30 = compute(31)' : line));
    const error = errorOf(
      `${lines.join('\n')}\n`,
      chunksOf('@@', ...wanted.map((line) => ` ${line}`), '+end'),
    );
    const quoted = error.hint?.split('\n').filter((line) => /^\d+\| /.test(line));
    expect(quoted).toEqual(lines.slice(26, 38).map((line, index) => `${index + 27}| ${line}`));
  });

  it('explains a miss in a file of 100,000 lines at once', () => {
    const lines = Array.from(
      { length: 100_000 },
      (_, index) => `  const item${index} = items[${index}].value;`,
    );
    let error: PatchError | undefined;
    const explain = () => {
      error = errorOf(`${lines.join('\n')}\n`, chunksOf('@@', ' const item777 = items[777].val;', '+x'));
    };
    expect(cpuTime(explain)).toBeLessThan(1800);
    expect(error?.hint).toContain('\n778|   const item777 = items[777].value;\n');
  });

  it('equals a plain replacement where the patch is exact', () => {
    // Unique lines make the place of every hunk certain.
    const edit = fc.record({ drop: fc.boolean(), add: fc.array(fc.nat(99), { maxLength: 2 }) });
    const ending = fc.constantFrom('\n', '\r\n');
    fc.assert(
      fc.property(
        fc.array(edit, { minLength: 1, maxLength: 20 }),
        fc.array(ending),
        fc.boolean(),
        (edits, endings, open) => {
          const endingOf = (index: number): string => endings[index] ?? '\n';
          const original = edits
            .map((_, i) => `line ${i}${open && i === edits.length - 1 ? '' : endingOf(i)}`)
            .join('');
          const closing = edits.length === 1 ? '\n' : endingOf(edits.length - 2);
          const endingAfter = (i: number): string => (open && i === edits.length - 1 ? closing : endingOf(i));
          const expected = edits.flatMap(({ drop, add }, i) => [
            ...(drop ? [] : [`line ${i}${endingAfter(i)}`]),
            ...add.map((n) => `new ${n}${endingAfter(i)}`),
          ]);
          const lines = edits.flatMap(({ drop, add }, i): PatchLine[] => [
            { kind: drop ? 'remove' : 'context', text: `line ${i}` },
            ...add.map((n): PatchLine => ({ kind: 'add', text: `new ${n}` })),
          ]);
          const oneChunk = [{ lines, endOfFile: true }];
          expect(applyChunks(original, oneChunk, 'f')).toBe(expected.join(''));
        },
      ),
    );
  });

  it('makes exactly the change that is written, or refuses it, also where lines are repeated', () => {
    const text = fc.constantFrom('a', 'x = 1', '}', '{', '', 'if q:', '\tfoo()', '\t\tfoo()', '\t}');
    const kind = fc.constantFrom<PatchLine['kind']>('context', 'context', 'add', 'remove');
    // The lines of a file, old and new, and between them lines that no hunk has.
    const part = fc.record({
      before: fc.array(text, { maxLength: 4 }),
      hunk: fc.array(fc.tuple(kind, text)),
    });
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 3 }),
        fc.constantFrom('\n', '\r\n'),
        (parts, end) => {
          const chunks = parts
            .map(({ hunk }) => ({ lines: hunk.map(([kind, text]) => ({ kind, text })), endOfFile: false }))
            .filter(({ lines }) => lines.some(({ kind }) => kind !== 'add'));
          fc.pre(chunks.length === parts.length);
          const without = (left: PatchLine['kind']): string =>
            parts
              .flatMap(({ before, hunk }) => [
                ...before,
                ...hunk.flatMap(([kind, text]) => (kind === left ? [] : text)),
              ])
              .map((line) => line + end)
              .join('');
          try {
            expect(applyChunks(without('add'), chunks, 'f')).toBe(without('remove'));
          } catch (error) {
            if (!(error instanceof PatchError)) throw error;
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('does not overflow on a very long hunk', () => {
    const lines = Array.from({ length: 200_000 }, (): PatchLine => ({ kind: 'add', text: 'x' }));
    expect(applyChunks('a\n', [{ lines, endOfFile: false }], 'f').length).toBe(400_002);
  });
});
