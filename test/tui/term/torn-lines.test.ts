/**
 * What tmux (3.3a at least) does to history by itself, without a byte of oagent: a line that it had wrapped comes back as two
 * - when its size changes while the alternate screen is shown. The storms (test/bench/storms.ts) know such lines by this.
 * - when rows are joined so that one cell is left, and the last row begins with a wide letter. The cursor, which tmux finds
 *   again by counting lines, is then a row too high: the next text overwrites a row. The painter leaves it a blank one.
 */
import { expect, test } from 'vitest';
import { judge, tearsLines } from '../../support/storm/expected.ts';
import { RecordedPainter } from '../../support/storm/recorder.ts';
import type { History, Recording } from '../../support/storm/recording.ts';
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

/** Rows of 10, 10 and 4 cells. */
const WIDE_LINE = '字'.repeat(12);
/** Two of its rows, and one cell. */
const TEARING = { columns: 21, rows: 10 };

function textOf(history: History = []): string[] {
  const rows = history.map((line) => line.trimEnd());
  return rows.slice(0, 1 + rows.findLastIndex((row) => row !== ''));
}

test.skipIf(!hasTmux())('tmux parts a line of wide letters, and plain text overwrites a row', async () => {
  const after = (line: string): Recording => ({
    start: { columns: 10, rows: 10 },
    seen: [{ bytes: `${line}\r\nw1\r\nw2` }, { size: TEARING }, { bytes: '\r\nw3' }],
  });
  const narrow = 'a'.repeat(24);
  const histories = [await inTmux(after(WIDE_LINE)), await inTmux(after(narrow))];
  expect(histories.map((history) => textOf(history.at(-1)))).toEqual([
    [WIDE_LINE.slice(0, 10), WIDE_LINE.slice(10), 'w1', 'w3'],
    [narrow, 'w1', 'w2', 'w3'],
  ]);
});

test.skipIf(!hasTmux()).each<[string, (terminal: RecordedPainter) => void, string]>([
  ['by its next picture', () => undefined, 'w1 w2 w3 ›'],
  [
    'by the ones after that',
    (terminal) => {
      terminal.show(['', 'w4', '', '› '], { x: 2, y: 3 });
      terminal.painter.repaint();
      terminal.show(['', '› '], { x: 2, y: 1 });
    },
    'w1 w2 w3 ›',
  ],
  ['by what is printed', (terminal) => terminal.print('w4'), 'w1 w2 w3 w4 ›'],
  ['when it is taken away', (terminal) => terminal.painter.erase(), 'w1 w2 w3'],
])('where tmux parts a line, the view overwrites no row: %s', async (_, act, expected) => {
  const terminal = new RecordedPainter({ columns: 10, rows: 10 });
  terminal.print(WIDE_LINE, 'w1', 'w2', 'w3');
  terminal.show(['', '› '], { x: 2, y: 1 });
  terminal.resize(TEARING.columns, TEARING.rows);
  terminal.know();
  act(terminal);
  const text = textOf((await inTmux(terminal.recording)).at(-1)).join(' ');
  expect(text.match(/w\d|›/g)?.join(' ')).toBe(expected);
});

test('in a terminal that parts no line, nothing is moved by it but what is printed next', async () => {
  const terminal = new RecordedPainter({ columns: 10, rows: 10 });
  terminal.print(WIDE_LINE, 'w1');
  terminal.show(['', '› '], { x: 2, y: 1 });
  for (const columns of [20, 30, 40]) {
    terminal.resize(columns, 10);
    terminal.know();
  }
  terminal.seen.push({ look: true });
  terminal.print('w2');
  const histories = await inXterm(terminal.recording);
  expect(histories.map(textOf)).toEqual([
    [WIDE_LINE, 'w1', '', '›'],
    [WIDE_LINE, 'w1', '', 'w2', '', '›'],
  ]);
});

test.each([
  ['letters of one cell', 'a'.repeat(24), { columns: 20, rows: 10 }, true],
  ['another height', WIDE_LINE, { columns: 10, rows: 12 }, true],
  ['a terminal that wraps nothing anew', WIDE_LINE, { columns: 20, rows: 10 }, false],
])('no blank row stays where no line can be parted: %s', async (_, line, { columns, rows }, wrapsAgain) => {
  const terminal = new RecordedPainter({ columns: 10, rows: 10 }, wrapsAgain);
  terminal.print(line);
  terminal.show(['', '› '], { x: 2, y: 1 });
  terminal.resize(columns, rows);
  terminal.know();
  terminal.print('w2');
  expect((await inXterm(terminal.recording)).map(textOf)).toEqual([[line, 'w2', '', '›']]);
});

test('below what another program has printed meanwhile, the view has its blank row again', async () => {
  const terminal = new RecordedPainter({ columns: 10, rows: 10 });
  terminal.print(WIDE_LINE);
  terminal.show(['', '› '], { x: 2, y: 1 });
  terminal.resize(20, 10);
  terminal.know();
  terminal.painter.erase();
  terminal.seen.push({ bytes: 'stopped\r\n' });
  terminal.painter.release();
  terminal.paint();
  expect((await inXterm(terminal.recording)).map(textOf)).toEqual([[WIDE_LINE, '', 'stopped', '', '›']]);
});
