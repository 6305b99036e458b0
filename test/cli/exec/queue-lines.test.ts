/** The lines of a queue file, whatever bytes it has and in whatever pieces they come. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  linesOf,
  MAX_LINE_BYTES,
  type QueueLine,
  QueueLines,
} from '../../../src/cli/exec/queue/queue-lines.ts';

const entry = fc.oneof(
  fc
    .string({ unit: 'binary' })
    .map((text) => text.replaceAll(/[\n\0]/g, ' ').trim())
    .filter((text) => text !== '' && !/^[#{\ufeff]/.test(text)),
  fc.string({ unit: 'binary' }).filter((text) => text.trim() !== '' && !text.includes('\0')),
);

test('every prompt comes back as it was written, with the number of its line', () => {
  const line = fc.oneof(
    entry.map((text) => ({ text, written: isPlain(text) ? text : JSON.stringify({ prompt: text }) })),
    fc.constantFrom('', '  ', '# {', '#x').map((written) => ({ text: undefined, written })),
  );
  fc.assert(
    fc.property(fc.array(line), fc.constantFrom('\n', '\r\n'), fc.boolean(), (lines, end, isMarked) => {
      const text = lines.map(({ written }) => written + end).join('');
      const expected = lines.flatMap(({ text: prompt }, at) =>
        prompt === undefined ? [] : [{ line: at + 1, text: prompt }],
      );
      expect(linesOf(Buffer.from(`${isMarked ? '\ufeff' : ''}${text}`))).toEqual(expected);
    }),
  );
});

const isPlain = (text: string): boolean => text === text.trim() && !/^[#{]|[\n\ufeff]/.test(text);

test('any bytes give the same lines in any pieces, and no error', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc.string({
      unit: fc.constantFrom('\n', '\r', '{', '}', '"prompt"', ':', '"x"', '#', '\0', 'é'),
      maxLength: 40,
    }),
  );
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(20)), (content, sizes) => {
      const whole = Buffer.from(content as string);
      const lines = new QueueLines();
      const found: QueueLine[] = [];
      let at = 0;
      for (const size of sizes) {
        found.push(...lines.add(whole.subarray(at, at + size)));
        at += size;
      }
      found.push(...lines.add(whole.subarray(at)), ...lines.end());
      expect(found).toEqual(linesOf(whole));
      for (const line of found)
        expect('text' in line ? line.text.trim() !== '' : line.problem !== '').toBe(true);
    }),
  );
});

test('a large prompt is one, and an endless line is not held', () => {
  const large = 'x'.repeat(1_000_000);
  expect(linesOf(Buffer.from(`${large}\nnext`))).toEqual([
    { line: 1, text: large },
    { line: 2, text: 'next', isOpen: true },
  ]);
  const lines = new QueueLines();
  const chunk = Buffer.alloc(2 ** 20, 'x');
  for (let added = 0; added <= MAX_LINE_BYTES; added += chunk.length) lines.add(chunk);
  expect(lines.isTooLong).toBe(true);
  expect(lines.add(Buffer.from('\nnext\n'))).toEqual([
    { line: 1, problem: 'it is longer than 16 MiB' },
    { line: 2, text: 'next' },
  ]);
});
