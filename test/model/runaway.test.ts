import fc from 'fast-check';
import { encoding_for_model } from 'tiktoken';
import { expect, test } from 'vitest';
import { RunawayDetector } from '../../src/model/runaway.ts';

/** What the detector says of a text that comes in pieces; `at`: how much of the text had come by then. */
function detect(text: string, pieceLength = 5): { readonly keep: number; readonly at: number } | undefined {
  const detector = new RunawayDetector();
  for (let at = pieceLength; at < text.length + pieceLength; at += pieceLength) {
    const keep = detector.add(text.slice(at - pieceLength, at));
    if (keep !== undefined) return { keep, at: Math.min(at, text.length) };
  }
  return undefined;
}

const times = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('');

const encoding = encoding_for_model('gpt-4o');
const tokens = (text: string): number => encoding.encode(text).length;

const PARAGRAPH =
  'I will read the file and then change the first function so that the test passes. After that I run the tests. ';
const BLOCK = `def test_add():\n    assert add(1, 2) == 3\n    assert add("a", "b") == "ab"\n\n`;

test.each<[string, string, (index: number) => string, number]>([
  ['a line that counts', 'I looked.\n', (index) => `old.txt at line ${73 + index}\n`, 30],
  ['a line that counts in threes, down', '', (index) => `There are ${9000 - 3 * index} steps left\n`, 30],
  ['two numbers in step', '', (index) => `Now step ${index} of ${2 * index} is done.\n`, 30],
  ['a numbered list', 'So:\n', (index) => `${index + 1}. The user wants to know what the file does.\n`, 60],
  ['a phrase', 'Well, ', () => 'and so on ', 20],
  ['a word', '', () => 'Done.\n', 10],
  ['a thought', 'Hmm. ', () => 'Wait, let me check the file again. ', 50],
  ['a line of code', 'Run it:\n', () => 'print("hello")\n', 40],
  ['a sentence in Chinese', '', (index) => `文件在第${index}行。`, 20],
  ['lines inside a JSON string', '{"act":"answer","text":"', (index) => `old.txt at line ${index}\\n`, 70],
])('%s is stopped within 400 tokens, and one copy is kept', (_name, before, line, mostKept) => {
  const text = before + times(2000, line);
  const { keep, at } = detect(text) ?? { keep: -1, at: text.length };
  expect(text.slice(0, keep).startsWith(before.trimEnd())).toBe(true);
  expect(keep).toBeGreaterThanOrEqual(before.length + line(0).trimEnd().length - 2);
  expect(keep).toBeLessThanOrEqual(mostKept);
  expect(tokens(text.slice(keep, at))).toBeLessThan(400);
});

test.each<[string, () => string, number]>([
  ['a paragraph', () => PARAGRAPH, 400],
  // Ten copies, because honest logs repeat such blocks.
  ['a block of code', () => BLOCK, 600],
  ['marks', () => '!', 2100],
  ['blank lines', () => '\n', 2100],
  ['blanks and lines by turns', () => '\n  ', 2100],
])('%s without end is stopped', (_name, line, mostTokens) => {
  const text = `Look:\n${times(6000, line)}`;
  const { keep, at } = detect(text) ?? { keep: -1, at: text.length };
  expect(keep).toBeGreaterThan(5);
  expect(tokens(text.slice(keep, at))).toBeLessThan(mostTokens);
});

test.each<[string, string]>([
  ['a table that counts', times(1000, (index) => `| ${index} | item | ${2 * index} |\n`)],
  ['numbers', times(5000, (index) => `${index}\n`)],
  ['rows', times(3000, (index) => `${index},name,${index * 3}\n`)],
  ['zeros', times(3000, () => '0, ')],
  ['base64', 'A'.repeat(12_000)],
  ['tests', times(500, (index) => `assert add(${index}, ${index + 1}) == ${2 * index + 1}\n`)],
  ['a JSON list', times(500, (index) => `  { "id": ${index}, "name": "Item ${index}" },\n`)],
  ['an enum', times(500, (index) => `  ITEM_${index} = ${index},\n`)],
  [
    'a log',
    times(500, (index) => `Read ${(index * 7919) % 1000} records in ${(index * 31) % 97} ms, no errors\n`),
  ],
  ['a licence, and again', times(3, () => PARAGRAPH)],
  ['a rule', `# Title\n${'='.repeat(200)}\n${'- '.repeat(200)}\n`],
])('%s is not a runaway', (_name, text) => {
  expect(detect(text)).toBeUndefined();
});

test('where deltas end makes no difference', () => {
  const text = fc
    .tuple(
      fc.string({ unit: 'binary' }),
      fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' }),
      fc.nat(3000),
    )
    .map(([before, phrase, count]) => before + phrase.repeat(count));
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 40 }), (whole, length) => {
      expect(detect(whole, length)?.keep).toBe(detect(whole, Math.max(1, whole.length))?.keep);
    }),
    { numRuns: 60 },
  );
});

test('whatever is repeated without end is stopped, and what came before it is kept', () => {
  const word = fc.string({ unit: fc.constantFrom(...'abcdefghij'), minLength: 3, maxLength: 8 });
  const phrase = fc.array(word, { minLength: 3, maxLength: 40 }).map((words) => `${words.join(' ')}.\n`);
  const honest = fc.array(word, { maxLength: 200 }).map((words) => [...new Set(words)].join(' '));
  fc.assert(
    fc.property(honest, phrase, fc.boolean(), (before, line, doesCount) => {
      const text = `${before}\n${times(400, (index) => (doesCount ? `At ${index} ` : '') + line)}`;
      const { keep, at } = detect(text) ?? { keep: -1, at: text.length };
      expect(keep).toBeGreaterThanOrEqual(before.length);
      expect(keep).toBeLessThanOrEqual(before.length + 2 * line.length + 20);
      expect(at).toBeLessThan(before.length + 5 * line.length + 3500);
    }),
    { numRuns: 100 },
  );
});

test('no text makes it fail, and a text without repetition is never stopped', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (pieces) => {
      const detector = new RunawayDetector();
      for (const piece of pieces) expect(detector.add(piece)).toBeUndefined();
    }),
  );
});
