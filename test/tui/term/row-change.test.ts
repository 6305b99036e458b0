import xterm from '@xterm/headless';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowChange } from '../../../src/tui/term/row-change.ts';

const [bold, notBold, cyan, noColour] = ['\x1b[1m', '\x1b[22m', '\x1b[36m', '\x1b[39m'];

test('what both rows begin with is not written again, and its styles go on', () => {
  const row = `  ${bold}what is open${notBold} on a ${cyan}stack${noColour}`;
  expect({
    added: rowChange(row, `${row}, so`),
    within: rowChange(`${cyan}src/par`, `${cyan}src/parse.ts${noColour} is`),
    style: rowChange(`as ${bold}it${notBold} is`, `as ${cyan}it${noColour} is`),
    mark: rowChange('an e', 'an e\u0301'),
    markAfterStyle: rowChange(`an e${bold}x${notBold}`, `an e${cyan}\u0301${noColour}`),
    none: rowChange('', ''),
  }).toEqual({
    added: '\x1b[25C\x1b[K, so',
    within: `\x1b[7C\x1b[K${cyan}se.ts${noColour} is`,
    style: `\x1b[2C\x1b[K ${cyan}it${noColour} is`,
    mark: '\x1b[3C\x1b[Ke\u0301',
    markAfterStyle: `\x1b[3C\x1b[Ke${cyan}\u0301${noColour}`,
    none: '\x1b[K',
  });
});

/** Text, and the attributes of every cell, of a row on which this was written. */
async function shown(...written: readonly string[]): Promise<unknown[]> {
  const terminal = new xterm.Terminal({ cols: 60, rows: 2, allowProposedApi: true });
  for (const text of written) await new Promise<void>((done) => terminal.write(text, done));
  const line = terminal.buffer.active.getLine(0);
  const cells = Array.from({ length: 60 }, (_, x) => line?.getCell(x)).map((cell) => [
    cell?.getChars() || ' ',
    cell?.isBold(),
    cell?.isDim(),
    cell?.getFgColor(),
    cell?.getBgColor(),
    cell?.isUnderline(),
  ]);
  terminal.dispose();
  return cells;
}

test('the terminal shows the new row, whatever was in the old one', async () => {
  const styles = [
    ['\x1b[1m', '\x1b[22m'],
    ['\x1b[2m', '\x1b[22m'],
    ['\x1b[36m', '\x1b[39m'],
    ['\x1b[38;5;120m', '\x1b[39m'],
    ['\x1b[48;2;10;20;30m', '\x1b[49m'],
    ['\x1b[4m', '\x1b[24m'],
    ['\x1b[1;31m', '\x1b[0m'],
    ['', ''],
  ] as const;
  const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '漢', 'é', '\u0301', '…'), maxLength: 4 });
  const piece = fc
    .tuple(fc.constantFrom(...styles), text, text)
    .map(([[begins, ends], inside, after]) => `${begins}${inside}${ends}${after}`);
  const row = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(''));
  const rows = fc.tuple(row, row, row).map(([common, one, other]) => [common + one, common + other] as const);
  await fc.assert(
    fc.asyncProperty(rows, async ([before, after]) => {
      expect(await shown(before, `\r${rowChange(before, after)}`)).toEqual(await shown(after));
    }),
    { numRuns: 200 },
  );
});
