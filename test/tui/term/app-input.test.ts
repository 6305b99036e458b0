import { expect, test } from 'vitest';
import { chordOf, type Key } from '../../../src/tui/term/keys.ts';
import { KEYS, startInScreen, type TuiHarness } from '../../support/tui.ts';

/** Keys by their chords and pastes in angle brackets, as the app gets them. */
async function heard(view: TuiHarness, ...pieces: readonly string[]): Promise<string[]> {
  const got: string[] = [];
  Object.defineProperties(view.tui.app, {
    onKey: { value: (key: Key) => got.push(chordOf(key)), configurable: true },
    onPaste: { value: (text: string) => got.push(`<${text}>`), configurable: true },
  });
  await view.type(...pieces);
  return got;
}

const CSI = '\x1b[';

test('control characters are letters with ctrl, line feed is one of them', async () => {
  const view = await startInScreen();
  const letters = [...'abcdefghijklmnopqrstuvwxyz'];
  const bytes = letters.map((letter) => String.fromCharCode(letter.charCodeAt(0) - 96));
  const special: { [letter: string]: string } = { h: 'backspace', i: 'tab', m: 'enter' };
  expect(await heard(view, ...bytes)).toEqual(letters.map((letter) => special[letter] ?? `ctrl+${letter}`));
});

test('keys with and without modifiers, as xterm and the kitty protocol send them', async () => {
  const view = await startInScreen();
  const table: readonly (readonly [bytes: string, chord: string])[] = [
    [`${CSI}A`, 'up'],
    [`${CSI}B`, 'down'],
    [`${CSI}C`, 'right'],
    [`${CSI}D`, 'left'],
    ['\x1bOA', 'up'],
    [`${CSI}1;3A`, 'alt+up'],
    [`${CSI}1;5C`, 'ctrl+right'],
    [`${CSI}1;2D`, 'shift+left'],
    [`${CSI}1;6D`, 'ctrl+shift+left'],
    [`${CSI}H`, 'home'],
    [`${CSI}F`, 'end'],
    [`${CSI}1;5H`, 'ctrl+home'],
    [`${CSI}5~`, 'pageup'],
    [`${CSI}6~`, 'pagedown'],
    [`${CSI}3~`, 'delete'],
    [`${CSI}3;5~`, 'ctrl+delete'],
    [`${CSI}Z`, 'shift+tab'],
    ['\x7f', 'backspace'],
    ['\x1b\x7f', 'alt+backspace'],
    ['\x1bb', 'alt+b'],
    ['\x1bf', 'alt+f'],
    ['\x1bd', 'alt+d'],
    ['\r', 'enter'],
    ['\x1b\r', 'alt+enter'],
    [`${CSI}13;2u`, 'shift+enter'],
    [`${CSI}27;2;13~`, 'shift+enter'],
    [`${CSI}13;5u`, 'ctrl+enter'],
    [`${CSI}27;5;13~`, 'ctrl+enter'],
    [`${CSI}27u`, 'escape'],
    [`${CSI}99;5u`, 'ctrl+c'],
    [`${CSI}98;3u`, 'alt+b'],
    [`${CSI}97u`, 'a'],
    [`${CSI}127;5u`, 'ctrl+backspace'],
    [`${CSI}9;2u`, 'shift+tab'],
    ['\x1f', 'ctrl+_'],
  ];
  expect(await heard(view, ...table.map(([bytes]) => bytes))).toEqual(table.map(([, chord]) => chord));
});

test('the release of a key is not a key', async () => {
  const view = await startInScreen();
  expect(await heard(view, `${CSI}97;1:1u`, `${CSI}97;1:3u`, `${CSI}13;1:3u`, `${CSI}97;1:2u`)).toEqual([
    'a',
    'a',
  ]);
});

test('a lone escape byte is Escape when nothing follows it', async () => {
  const view = await startInScreen();
  view.screen.type('/mo');
  await view.screen.until('choose the model');
  await view.type('\x1b');
  await view.screen.until((text) => !text.includes('choose the model'));
  expect(view.text()).toContain('› /mo');
});

test('text of all scripts arrives as it was typed, whole and in pieces', async () => {
  const view = await startInScreen();
  const text = 'Grüße 日本語 👩‍💻🇯🇵 é ﷺ';
  await view.type(text);
  expect(view.tui.app.composer.draft).toBe(text);
  await view.type(KEYS.ctrlC);
  for (const byte of Buffer.from(text)) view.screen.type(Buffer.from([byte]));
  await view.pass(60);
  expect(view.tui.app.composer.draft).toBe(text);
});

test('pastes: marked, in pieces, with what looks like keys in them', async () => {
  const view = await startInScreen();
  expect(
    await heard(
      view,
      '\x1b[200~one\ntwo\r\nthree\x1b[201~',
      '\x1b[200~fo',
      'ur\x1b[2',
      '01~',
      '\x1b[200~\x03\x1b[A/quit\r\x1b[201~',
    ),
  ).toEqual(['<one\ntwo\r\nthree>', '<four>', '<\x03\x1b[A/quit\r>']);
});

test('a paste without marks is told from typing by its line ends', async () => {
  const view = await startInScreen();
  const lines = '1\r2\r3\r4';
  const long = `${'word '.repeat(60)}\rend`;
  expect(await heard(view, lines, long)).toEqual([`<${lines}>`, `<${long}>`]);
  expect(await heard(view, 'one\rtwo\r', 'four\r', 'five', '\r')).toEqual([
    'one',
    'enter',
    'two',
    'enter',
    'four',
    'enter',
    'five',
    'enter',
  ]);
});

test('a line and its Enter in one read are sent', async () => {
  const view = await startInScreen();
  await view.type('run the tests\r');
  expect(view.taken()).toEqual([{ type: 'user_turn', text: 'run the tests' }]);
});

test('focus reports are not keys, even in two pieces and between keys', async () => {
  const view = await startInScreen();
  expect(await heard(view, 'a\x1b[Ob', '\x1b[', 'I', 'c', '\x1b[', 'A')).toEqual(['a', 'b', 'c', 'up']);
  expect(view.tui.app.hasFocus).toBe(true);
});

test('an answer that comes late and in two pieces opens no editor, and a cut paste mark sends nothing', async () => {
  const edited: string[] = [];
  const view = await startInScreen({
    services: {
      openEditor: async (text) => {
        edited.push(text);
        return text;
      },
    },
  });
  await view.type('draft ');
  for (const [first, second] of [
    ['\x1b]11;rgb:1e1e', '/1e1e/1e1e\x07'],
    ['\x1bP>|XTerm', '(388)\x1b\\'],
    ['\x1b[?62;4', ';22c'],
    ['\x1b[', '200~one\rtwo\x1b[201~'],
  ] as const) {
    await view.type(first);
    await view.pass(150);
    await view.type(second);
  }
  expect({ edited, ops: view.taken(), draft: view.tui.app.composer.draft }).toEqual({
    edited: [],
    ops: [],
    draft: 'draft one\ntwo',
  });
});

test('Ctrl+C clears the draft in a Cyrillic layout, with and without the base key', async () => {
  const view = await startInScreen();
  for (const chord of ['\x1b[1089::99;5u', '\x1b[1089;5u', '\x1b[27;5;1089~']) {
    await view.type('draft', chord);
    expect(view.tui.app.composer.draft).toBe('');
  }
});

test('shift+enter, ctrl+j, alt+enter and a backslash make new lines', async () => {
  const view = await startInScreen();
  await view.type('1', '\x1b[13;2u', '2', '\n', '3', '\x1b\r', '4\\', '\r', '5', '\r');
  expect(view.taken()).toEqual([{ type: 'user_turn', text: '1\n2\n3\n4\n5' }]);
});
