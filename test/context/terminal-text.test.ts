import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TerminalText } from '../../src/context/terminal-text.ts';

/** What is given out for these pieces, and which rows of it are binary. */
function rowsOf(...pieces: readonly string[]) {
  const rows: { text: string; isBinary: boolean }[] = [];
  const terminal = new TerminalText((row) => rows.push(row));
  for (const piece of pieces) terminal.write(piece);
  terminal.end();
  return rows;
}

function shown(...pieces: readonly string[]): string {
  return rowsOf(...pieces)
    .map(({ text }) => text)
    .join('');
}

describe('what a terminal would show in the end', () => {
  test.each([
    ['plain text', 'one\ntwo\n', 'one\ntwo\n'],
    ['no line end', 'one\ntwo', 'one\ntwo'],
    ['CRLF', 'a\r\nb\r\n', 'a\r\nb\r\n'],
    ['tabs and form feeds', 'a\tb\f\n', 'a\tb\f\n'],
    ['a line redrawn', '\r 1%\r50%\r100%\ndone\n', '100%\ndone\n'],
    ['a longer state below a shorter one', 'abcdef\rxy\n', 'xycdef\n'],
    ['colours', '\x1b[32mPASS\x1b[39m \x1b[1mfile\x1b[0m\n', 'PASS file\n'],
    ['256 colours with colons', '\x1b[38:5:1mred\x1b[m\n', 'red\n'],
    ['a line that is erased', '\x1b[2K\x1b[1G⠋ in\x1b[2K\x1b[1G⠙ in\x1b[2K\x1b[1Gadded\n', 'added\n'],
    ['the rest of a line that is erased', 'abcdef\rxy\x1b[K\n', 'xy\n'],
    ['what is left of the cursor', 'abc\x1b[1K\rx\n', 'x\n'],
    ['letters struck over', 'N\bNA\bAM\bM\n_\bx\n', 'NAM\nx\n'],
    ['several lines redrawn', 'a 1%\nb 1%\n\x1b[2Aa 9%\nb 9%\n', 'a 9%\nb 9%\n'],
    ['fewer lines than before', 'a\nb\nc\n\x1b[3A\x1b[Jdone\n', 'done\n'],
    ['lines erased one by one', 'a\nb\n\x1b[2K\x1b[1A\x1b[2K\x1b[1A\x1b[2K\x1b[Gend', 'end'],
    ['previous lines', 'a\nb\n\x1b[2Fx\x1b[Ey', 'x\ny'],
    ['a screen that is cleared', 'old\nold\n\x1b[2J\x1b[3J\x1b[Hnew\n', 'old\nold\nnew\n'],
    ['a screen that is cleared from its top', 'old\nold\x1b[H\x1b[Jnew\n', 'old\nold\nnew\n'],
    ['a screen that is drawn again from its top', 'a 1\nb 1\nc\x1b[Ha 2\nb 2\n\x1b[J', 'a 2\nb 2\n'],
    ['a terminal that is reset', 'old\n\x1bcnew\n', 'old\nnew\n'],
    ['a saved cursor', 'ab\x1b7cd\x1b8x\n', 'abxd\n'],
    ['a saved cursor, by CSI', 'ab\x1b[scd\x1b[ux\n', 'abxd\n'],
    ['titles and links', '\x1b]0;title\x07a\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\\n', 'alink\n'],
    ['a title that never ends', 'a\x1b]0;title\nnext\n', 'a\nnext\n'],
    ['character sets and modes', '\x1b(B\x1b[?25la\x1b=\n', 'a\n'],
    ['a sequence that never ends', 'a\x1b[31', 'a'],
    ['a sequence broken off', 'a\x1b[31é\n', 'aé\n'],
    ['moves past the end', 'a\x1b[900Cb\x1b[900;900Hc\x1b[900Bd', 'a b cd'],
    ['bells and other signs', 'a\x07\x01\x7f\n', 'a\n'],
    ['names that end in NUL', 'a.txt\0b.txt\0', 'a.txt\nb.txt\n'],
    ['several NULs', 'a\0\0\0b', 'a\nb'],
    ['letters of two units', '🙂🙂\r🙃\n', '🙃🙂\n'],
  ])('%s', (_, printed, seen) => {
    expect(shown(printed)).toBe(seen);
    expect(shown(...printed)).toBe(seen);
  });

  test('what has left the screen stays as it was', () => {
    const lines = Array.from({ length: 100 }, (_, line) => `line ${line}\n`);
    expect(shown(...lines, '\x1b[500A\x1b[Jtop')).toBe(`${lines.slice(0, 77).join('')}top`);
  });

  test('a row of megabytes is given out on the way', () => {
    const given: number[] = [];
    const terminal = new TerminalText(({ text }) => given.push(text.length));
    for (let i = 0; i < 1_000; i += 1) terminal.write('x'.repeat(1_000));
    expect(terminal.pending).toBeLessThan(10_000);
    terminal.end();
    expect(given.reduce((sum, length) => sum + length, 0)).toBe(1_000_000);
  });

  test.each([
    ['overwritten letters', 'x'.repeat(8_000), '\bx'],
    ['erased rests', 'x'.repeat(8_000), '\x1b[K'],
    ['erased beginnings', 'x'.repeat(8_000), '\x1b[1K'],
    ['rows that are gone to and fro', 'x\n'.repeat(30), '\x1b[20A\x1b[J\n'],
  ])('time grows with the length only: %s', (_, start, again) => {
    const began = performance.now();
    expect(shown(start + again.repeat(500_000)).length).toBeLessThan(1_100_000);
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

const piece = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'é', '🙂', ' ', '\n', '\r', '\b', '\t'), maxLength: 12 }),
  fc.constantFrom('\r\n', '\x1b', '\x1b[', '\x1b]', '\x07', '\x1b\\', '\x00', '\ufffd', '\x01', '\x9b'),
  fc
    .tuple(fc.constantFrom('', '1', '2', '0', '99', '5;3', '?25'), fc.constantFrom(...'ABCDEFGHJKMmhlsu78fc'))
    .map(([parameters, final]) => `\x1b[${parameters}${final}`),
  fc.nat(9_000).map((length) => 'z'.repeat(length)),
  fc.nat(60).map((lines) => 'line of a log\n'.repeat(lines)),
);
const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));

describe('of any text', () => {
  test('it does not matter where it is cut', () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 6 }), (whole, cuts) => {
        const characters = [...whole];
        const at = cuts.map((cut) => cut % (characters.length + 1)).sort((a, b) => a - b);
        const pieces = [...at, characters.length].map((end, index) =>
          characters.slice(at[index - 1] ?? 0, end).join(''),
        );
        const joined = (...all: string[]) =>
          rowsOf(...all).reduce((sum, { text: row, isBinary }) => sum + (isBinary ? '<binary>' : row), '');
        expect(joined(...pieces)).toBe(joined(whole));
      }),
      { numRuns: 500 },
    );
  });

  test('it never becomes longer, has no escapes or NULs, and does not change again', () => {
    fc.assert(
      fc.property(text, (whole) => {
        const seen = shown(whole);
        expect(seen.length).toBeLessThanOrEqual(whole.length);
        expect(seen).not.toMatch(/[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]/);
        expect(shown(seen)).toBe(seen);
      }),
      { numRuns: 500 },
    );
  });

  test('plain text of any length stays as it is', () => {
    const line = fc
      .string({ unit: 'binary', maxLength: 30 })
      .map((some) => some.replace(/[\0-\x1f\x7f-\x9f\ufffd]/g, ''));
    const lines = fc.array(line, { maxLength: 2_000 }).map((all) => all.join('\n'));
    fc.assert(
      fc.property(lines, (plain) => {
        expect(shown(plain)).toBe(plain);
      }),
    );
  });
});
