/** The keys of vi in the composer. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { undo } from '../../../src/tui/composer/buffer.ts';
import {
  type ComposerState,
  createComposer,
  setText,
  setVi,
} from '../../../src/tui/composer/composer-state.ts';
import { MARK_LENGTH } from '../../../src/tui/composer/elements.ts';
import { snapToBoundary } from '../../../src/tui/composer/graphemes.ts';
import { lastOfLine } from '../../../src/tui/composer/vi-motions.ts';
import { foreignText, idle, press } from './texts.ts';

/** In normal mode, the caret on the first character. */
function viOf(text: string): ComposerState {
  return press(setVi(setText(createComposer(), text), true), ['escape', 'g', 'g', '0']).state;
}

/** The text after the keys, with the caret as `|`, and the mode if it is the insert mode. */
function after(text: string, ...keys: string[]): string {
  const { buffer, vi } = press(
    viOf(text),
    keys.flatMap((key) => (NAMED.has(key) ? [key] : [...key])),
  ).state;
  const shown = `${buffer.text.slice(0, buffer.caret)}|${buffer.text.slice(buffer.caret)}`;
  return vi?.mode === 'insert' ? `${shown} +` : shown;
}

const NAMED = new Set([
  'escape',
  'enter',
  'ctrl+r',
  'backspace',
  'delete',
  'ctrl+j',
  'left',
  'up',
  'down',
  'end',
]);

test.each([
  // Motions.
  ['one two', 'w', 'one |two'],
  ['one.two', 'w', 'one|.two'],
  ['one\n\ntwo', 'w', 'one\n|\ntwo'],
  ['one two', '$', 'one tw|o'],
  ['one two', '$b', 'one |two'],
  ['one two', 'e', 'on|e two'],
  ['one two', 'ee', 'one tw|o'],
  ['one two three', '2w', 'one two |three'],
  ['  one', '^', '  |one'],
  ['  one', '$0', '|  one'],
  ['one', 'lllll', 'on|e'],
  ['one', '2lh', 'o|ne'],
  ['one\ntwo', 'j', 'one\n|two'],
  ['one\ntwo', 'jk', '|one\ntwo'],
  ['one\ntwo\nx', 'G', 'one\ntwo\n|x'],
  ['one\ntwo\nx', '2G', 'one\n|two\nx'],
  // Removing.
  ['one', 'x', '|ne'],
  ['one', '$x', 'o|n'],
  ['one', '2x', '|e'],
  ['one two', 'dw', '|two'],
  ['one\ntwo', 'dw', '|\ntwo'],
  ['one two three', 'd2w', '|three'],
  ['one two', 'de', '| two'],
  ['one two', 'wD', 'one| '],
  ['one two', 'wdb', '|two'],
  ['one two', 'diw', '| two'],
  ['one two', 'ldiw', '| two'],
  ['one\ntwo\nx', 'dd', '|two\nx'],
  ['one\ntwo\nx', '2dd', '|x'],
  ['one\ntwo', 'jdd', '|one'],
  ['one\ntwo\nx', 'dj', '|x'],
  ['one two', '$d0', '|o'],
  ['one', 'xxxx', '|'],
  ['', 'dd', '|'],
  // Changing.
  ['one two', 'cwten', 'ten| two +'],
  ['one two', 'lciwten', 'ten| two +'],
  ['one two', 'wCx', 'one x| +'],
  ['one\ntwo', 'ccx', 'x|\ntwo +'],
  ['one', 'rx', '|xne'],
  ['one', '2rx', 'x|xe'],
  ['one', '9rx', '|one'],
  ['one', 'r ', '| ne'],
  ['one', 'sx', 'x|ne +'],
  // Into insert mode.
  ['one', 'ix', 'x|one +'],
  ['one', 'ax', 'ox|ne +'],
  ['  one', 'Ix', '  x|one +'],
  ['one', 'Ax', 'onex| +'],
  ['one\ntwo', 'ox', 'one\nx|\ntwo +'],
  ['one\ntwo', 'jOx', 'one\nx|\ntwo +'],
  // Putting back.
  ['one two', 'dwP', 'one| two'],
  ['one two', 'ywP', 'one| one two'],
  ['ab', 'xp', 'b|a'],
  ['one\ntwo', 'ddp', 'two\n|one'],
  ['one\ntwo', 'yyjp', 'one\ntwo\n|one'],
  ['one\ntwo', 'yyP', '|one\none\ntwo'],
  // What is no command does nothing.
  ['one', 'dzqZ;', '|one'],
  ['日本 語', 'w', '日本 |語'],
])('%j: %s', (text, keys, result) => {
  expect(after(text, keys)).toBe(result);
});

test('undo and redo, backspace and Escape', () => {
  expect(after('one two', 'dw', 'u')).toBe('|one two');
  expect(after('one two', 'dw', 'u', 'ctrl+r')).toBe('|two');
  expect(after('one', 'A', 'x', 'escape')).toBe('one|x');
  expect(after('one', 'l', 'backspace')).toBe('|one');
  expect(after('one', 'delete')).toBe('|ne');
  expect(after('one', 'd', 'escape', 'w')).toBe('on|e');
  expect(after('', '/')).toBe('/| +');
});

test('Enter sends, and the next message is typed; j and k go through earlier prompts at the last row', () => {
  const { state, effects } = press(viOf('one'), ['enter', 't', 'w', 'o']);
  expect([effects, state.buffer.text, state.vi?.mode]).toEqual([
    [{ type: 'submit', text: 'one', images: [] }],
    'two',
    'insert',
  ]);
  expect(press(state, ['escape', 'k', 'k']).state.buffer.text).toBe('one');
  expect(press(state, ['escape', 'k', 'k', 'j']).state.buffer.text).toBe('two');
});

const anyKey = fc.oneof(
  fc.constantFrom(...'hjklwbe0^$GgxXsSdcyDCYiaIAoOupPr 129/@!'),
  fc.constantFrom('escape', 'ctrl+r', 'backspace', 'delete', 'left', 'end', 'ctrl+w', 'ctrl+k', 'ctrl+y'),
  foreignText.filter((text) => text.length < 20),
  fc.constant(`paste:${'long\n'.repeat(30)}`),
);

test('no text is lost: undo leads back to all of it, and the caret is on a character', () => {
  fc.assert(
    fc.property(foreignText, fc.array(anyKey, { maxLength: 60 }), (text, keys) => {
      const start = viOf(text);
      const { state, effects } = press(start, [...keys, 'escape', 'escape'], idle);
      const sent = effects.some(({ type }) => type !== 'search_files');
      const { buffer, vi } = state;
      expect(vi).toEqual({ mode: 'normal', pending: '' });
      expect(buffer.caret).toBe(snapToBoundary(buffer.text, buffer.caret));
      expect(buffer.caret).toBeLessThanOrEqual(lastOfLine(buffer.text, buffer.caret));
      // Each element is whole or away.
      expect(buffer.text.split('\ufdd0').length - 1).toBe([...buffer.text.matchAll(MARKS)].length);
      if (sent || buffer.past.length >= 200) return;
      let back = buffer;
      while (back.past.length > start.buffer.past.length) back = undo(back);
      // What was undone and then typed over is given up.
      if (!keys.some((key) => key.includes('u'))) expect(back.text).toBe(start.buffer.text);
    }),
  );
});

const MARKS = new RegExp(`\ufdd0[^\ufdd0]{${MARK_LENGTH - 1}}`, 'g');
