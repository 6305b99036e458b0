import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
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
