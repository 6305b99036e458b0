import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { TerminalOutput } from '../../../src/tui/term/terminal-output.ts';

function targetOf(target: object): NodeJS.WriteStream {
  return target as unknown as NodeJS.WriteStream;
}

test.each([0, undefined])('a terminal whose size reads as %s is 80 x 24, until it has one', (unset) => {
  const target = { columns: unset as number | undefined, rows: unset as number | undefined };
  const output = new TerminalOutput(targetOf(target));
  const before = output.size;
  Object.assign(target, { columns: 132, rows: 50 });
  expect({ before, after: output.size }).toEqual({
    before: { columns: 80, rows: 24 },
    after: { columns: 132, rows: 50 },
  });
});

test('the size is that of the terminal once it was asked, whether or not it has told', () => {
  const target = new EventEmitter();
  const _refreshSize = (): void => {
    Object.assign(target, { columns: 40, rows: 10 });
    target.emit('resize');
  };
  const output = new TerminalOutput(targetOf(Object.assign(target, { columns: 80, rows: 24, _refreshSize })));
  const heard: unknown[] = [];
  target.on('resize', () => heard.push(output.size));
  output.refresh();
  expect(heard).toEqual([{ columns: 40, rows: 10 }]);
});
