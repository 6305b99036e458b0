import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FilteredInput } from '../../../src/tui/term/filtered-input.ts';
import { joinOutput } from '../../../src/tui/term/joined-output.ts';

function output(): { target: NodeJS.WriteStream; writes: string[] } {
  const stream = new PassThrough();
  const writes: string[] = [];
  const target = Object.assign(stream, {
    columns: 80,
    rows: 24,
    isTTY: true,
  }) as unknown as NodeJS.WriteStream;
  stream.write = ((text: string, callback?: () => void) => {
    writes.push(text);
    callback?.();
    return true;
  }) as typeof stream.write;
  return { target, writes };
}

test('what one tick writes leaves as one write, and its callbacks follow', async () => {
  const { target, writes } = output();
  const { stream } = joinOutput(target);
  const called: string[] = [];
  stream.write('a', () => called.push('a'));
  stream.write(Buffer.from('é'));
  stream.write('', () => called.push('empty'));
  const before = [...writes];
  await Promise.resolve();
  expect({ before, writes, called, columns: stream.columns, isTTY: stream.isTTY }).toEqual({
    before: [],
    writes: ['aé'],
    called: ['a', 'empty'],
    columns: 80,
    isTTY: true,
  });
});

test.each([0, undefined])('a terminal whose size reads as %s is 80 x 24, until it has one', (unset) => {
  const { target } = output();
  const { stream } = joinOutput(target);
  Object.assign(target, { columns: unset, rows: unset });
  const before = [stream.columns, stream.rows];
  Object.assign(target, { columns: 132, rows: 50 });
  expect({ before, after: [stream.columns, stream.rows] }).toEqual({ before: [80, 24], after: [132, 50] });
});

test('held writes leave in order when it is released; what is written past them leaves at once', async () => {
  const { target, writes } = output();
  const joined = joinOutput(target);
  joined.stream.write('1');
  joined.hold();
  joined.stream.write('3');
  await Promise.resolve();
  joined.writeNow('2');
  joined.stream.write('4');
  joined.release();
  expect(writes).toEqual(['1', '2', '34']);
});

test('focus reports are taken out of the input, even when the rest of one comes later', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.tuple(
          fc.constantFrom(
            'a',
            'é',
            '👩‍💻',
            '\x1b[A',
            '\r',
            '\x1b',
            '\x1b[I',
            '\x1b[O',
            '\x1b[200~x\x1b[201~',
          ),
          fc.boolean(),
        ),
        { maxLength: 12 },
      ),
      async (parts) => {
        const source = new PassThrough();
        const focus: boolean[] = [];
        const input = new FilteredInput(source as unknown as NodeJS.ReadStream, (has) => focus.push(has));
        for (const [part, isCut] of parts) {
          const at = isCut && part.startsWith('\x1b[') ? 2 : part.length;
          source.write(part.slice(0, at));
          source.write(part.slice(at));
        }
        source.end();
        let text = '';
        for await (const chunk of input) text += chunk;
        const isReport = (part: string): boolean => part === '\x1b[I' || part === '\x1b[O';
        const all = parts.map(([part]) => part);
        expect({ text, focus }).toEqual({
          text: all.filter((part) => !isReport(part)).join(''),
          focus: all.filter(isReport).map((part) => part === '\x1b[I'),
        });
      },
    ),
    { numRuns: 200 },
  );
});
