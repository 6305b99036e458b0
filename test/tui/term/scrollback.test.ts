/** The faults that a terminal's history once had, each as a recording that xterm and a real tmux replay. */
import { expect, test } from 'vitest';
import { RecordedPainter } from '../../support/storm/recorder.ts';
import { hasTmux, inTmux } from '../../support/storm/tmux.ts';
import { inXterm } from '../../support/storm/xterm.ts';

const terminals = hasTmux()
  ? ([
      ['xterm', inXterm],
      ['tmux', inTmux],
    ] as const)
  : ([['xterm', inXterm]] as const);

/** The lines of the history that are not blank. */
async function linesIn(replay: typeof inXterm, painter: RecordedPainter): Promise<string[]> {
  const histories = await replay(painter.recording);
  return (histories.at(-1) ?? []).map((line) => line.trimEnd()).filter((line) => line !== '');
}

const answer = (rows: number): string[] => Array.from({ length: rows }, (_, row) => `tail ${row}`);
const prompt = '› fix it';
const history = ['one', 'two', prompt];

test.each(terminals)('%s: less height during a turn leaves the history and the prompt', async (_, replay) => {
  const terminal = new RecordedPainter({ columns: 60, rows: 20 });
  for (const line of history) terminal.print(line);
  terminal.show([...answer(12), 'status', '› ', 'footer']);
  terminal.resize(60, 9);
  // Written before the size is known.
  terminal.show([...answer(12), 'status 2', '› ', 'footer']);
  terminal.print('three');
  terminal.know();
  terminal.show(['› '], { x: 2, y: 0 });
  const lines = await linesIn(replay, terminal);
  expect(lines.filter((line) => !line.startsWith('tail'))).toEqual([...history, 'three', '›']);
});

test.each(terminals)('%s: with a caret below much text nothing printed is lost either', async (_, replay) => {
  const terminal = new RecordedPainter({ columns: 60, rows: 20 });
  for (const line of history) terminal.print(line);
  terminal.show([...answer(12), 'status', '› draft', 'footer'], { x: 7, y: 13 });
  for (const rows of [9, 4, 30, 12]) {
    terminal.resize(60, rows);
    terminal.show([...answer(2), `status ${rows}`, '› draft', 'footer'], { x: 7, y: 3 });
    terminal.know();
  }
  terminal.print('three');
  const lines = await linesIn(replay, terminal);
  expect(lines.filter((line) => [...history, 'three'].includes(line))).toEqual([...history, 'three']);
});

test.each(terminals)('%s: a live region in the first row leaves no copy behind', async (_, replay) => {
  const terminal = new RecordedPainter({ columns: 60, rows: 10 });
  // As the program of a pane it begins in the first cell.
  terminal.show(['› ', 'footer'], { x: 2, y: 0 });
  terminal.show(['› ', '', 'footer'], { x: 2, y: 0 });
  for (let line = 1; line <= 40; line += 1) {
    // So high that it begins in the first row again and again.
    terminal.show([...answer(6), 'status', '› ', 'footer']);
    terminal.print(`line ${line}`);
  }
  terminal.show([]);
  expect(await linesIn(replay, terminal)).toEqual(
    Array.from({ length: 40 }, (_, index) => `line ${index + 1}`),
  );
});

test.each(terminals)('%s: a drag through ten widths leaves no row of the live region', async (_, replay) => {
  const terminal = new RecordedPainter({ columns: 100, rows: 40 });
  const history = Array.from({ length: 50 }, (_, index) => `line ${index}`);
  for (const line of history) terminal.print(line);
  const wide = (columns: number): string[] => answer(8).map((row) => row.padEnd(columns - 2, ' word'));
  terminal.show([...wide(100), 'status', '› ', 'footer']);
  for (let columns = 95; columns >= 50; columns -= 5) {
    terminal.resize(columns, 40);
    // Text streams on before the size is known; while the window is dragged, the app shows no live cells.
    terminal.show([...(columns === 95 ? wide(100) : []), 'status more', '› ', 'footer']);
    terminal.know();
    terminal.show(['status', '› ', 'footer']);
  }
  terminal.show(['› '], { x: 2, y: 0 });
  expect(await linesIn(replay, terminal)).toEqual([...history, '›']);
});

test.each(
  terminals,
)('%s: a picture that is higher than the terminal is cut, at its top', async (_, replay) => {
  const terminal = new RecordedPainter({ columns: 60, rows: 8 });
  terminal.print('one');
  for (const row of [1, 2, 3])
    terminal.show([...answer(20), `status ${row}`, '› draft', 'footer'], { x: 7, y: 21 });
  expect(await linesIn(replay, terminal)).toEqual([
    'one',
    ...answer(20).slice(-4),
    'status 3',
    '› draft',
    'footer',
  ]);
});

const busy = '⠼ Writing (4s · esc to interrupt) · 60 tokens/s';

test.each(terminals)('%s: words that continue a line go behind its last one', async (_, replay) => {
  const terminal = new RecordedPainter({ columns: 60, rows: 12 });
  terminal.print(prompt);
  terminal.show([busy, '› ', 'footer'], { x: 2, y: 1 });
  terminal.flow('one two');
  terminal.flow('  three', ' three');
  terminal.show([busy, '› draft', 'footer'], { x: 7, y: 1 });
  terminal.flow('  four', ' four');
  terminal.print('next');
  expect(await linesIn(replay, terminal)).toEqual([
    prompt,
    'one two three four',
    'next',
    busy,
    '› draft',
    'footer',
  ]);
  // The whole region is not written again for a word.
  expect(terminal.seen.at(-2)).toEqual({
    bytes: '\x1b[?2026h\x1b[?25l\x1b[2A\r\x1b[13C\x1b[K four \x1b[K\r\n\r\n\r\x1b[7C\x1b[?25h\x1b[?2026l',
  });
});

test.each(
  terminals,
)('%s: a word that comes to a terminal of another size is whole, the others stay', async (_, replay) => {
  for (const [columns, rows] of [
    [20, 9],
    [30, 5],
    [40, 30],
    [150, 4],
  ] as const) {
    const terminal = new RecordedPainter({ columns: 100, rows: 20 });
    for (const line of history) terminal.print(line);
    terminal.show(['', busy, '', '› q', '', `  footer ${'· more '.repeat(12)}`], { x: 3, y: 3 });
    terminal.flow('  w1 w2 w3 w4 w5 w6 w7 w8 w9 w10 w11 w12 w13 w14 w15 w16');
    terminal.resize(columns, rows);
    // Before the size is known.
    terminal.flow('  w17', ' w17');
    terminal.flow('  w18', ' w18', false);
    terminal.know();
    terminal.flow('  w19');
    terminal.show([]);
    const words = (await linesIn(replay, terminal)).join('\n').match(/(?<!\S)w\d+(?!\S)/g);
    expect([columns, rows, words]).toEqual([
      columns,
      rows,
      Array.from({ length: 19 }, (_, index) => `w${index + 1}`),
    ]);
  }
});

test('the cursor is never taken to the first cell, and the screen is not cleared', () => {
  const terminal = new RecordedPainter({ columns: 60, rows: 8 });
  terminal.show(['› '], { x: 2, y: 0 });
  terminal.print('one');
  terminal.show([...answer(3), '› ']);
  terminal.painter.repaint();
  terminal.paint();
  terminal.painter.erase();
  expect(terminal.written).not.toMatch(/\x1b\[(?:\d*;?\d*[Hf]|[23]J)|\x1b\[H|(?:^|\r)\x1b\[0?J/);
});

test('a picture in which nothing has changed writes nothing; one row writes one row', () => {
  const terminal = new RecordedPainter({ columns: 60, rows: 8 });
  terminal.show(['tail', 'status 1', '› '], { x: 2, y: 2 });
  const before = terminal.seen.length;
  terminal.show(['tail', 'status 1', '› '], { x: 2, y: 2 });
  terminal.show(['tail', 'status 2', '› '], { x: 2, y: 2 });
  expect(terminal.seen.slice(before)).toEqual([
    {
      bytes: '\x1b[?2026h\x1b[?25l\x1b[?7l\x1b[1A\r\x1b[7C\x1b[K2\x1b[?7h\r\n\r\x1b[2C\x1b[?25h\x1b[?2026l',
    },
  ]);
});
