/**
 * What tmux does to history by itself, without a byte of oagent: a line that it had wrapped comes back as two when its size
 * changes while the alternate screen is shown. The storms (test/bench/storms.ts) know such lines by this.
 */
import { expect, test } from 'vitest';
import { judge, tearsLines } from '../../support/storm/expected.ts';
import type { Recording } from '../../support/storm/recording.ts';
import { hasTmux, inTmux } from '../../support/storm/tmux.ts';
import { inXterm } from '../../support/storm/xterm.ts';

const WORDS = ['w295', 'w296', 'w297', 'w298', 'w299', 'w300', 'w301'];
const LINE = `  ${WORDS.join(' ')}`;
/** The row in which the line ends is the first one of the screen, when the page comes and when it goes. */
const RECORDING: Recording = {
  start: { columns: 60, rows: 35 },
  seen: [
    { bytes: `${'row\r\n'.repeat(30)}${LINE}\r\n${'row\r\n'.repeat(6)}` },
    { size: { columns: 29, rows: 8 } },
    { bytes: '\x1b[?1049h\x1b[2J\x1b[H' },
    { size: { columns: 133, rows: 32 } },
    { bytes: '\x1b[2J\x1b[H\x1b[?1049l' },
  ],
};

test.skipIf(!hasTmux())('tmux parts a line, xterm does not; the measure knows it', async () => {
  const linesOf = (history: readonly string[] = []): string[] =>
    history.map((line) => line.trimEnd()).filter((line) => /w|^\d/.test(line) && line !== 'row');
  const inOne = (await inXterm(RECORDING)).at(-1);
  const inTwo = (await inTmux(RECORDING)).at(-1) ?? [];
  expect([linesOf(inOne), linesOf(inTwo)]).toEqual([[LINE], [LINE.slice(0, 29), LINE.slice(29)]]);
  expect(tearsLines(RECORDING)).toBe(true);
  expect(judge(inTwo, WORDS, { hasEnded: true, mayBeTorn: true })).toEqual({
    lost: [],
    doubled: [],
    isInOrder: true,
    torn: ['w300'],
  });
  expect(judge(inTwo, WORDS, { hasEnded: true }).lost).toEqual(['w300']);
});
