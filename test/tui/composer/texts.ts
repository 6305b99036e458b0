/** Texts and keys for the tests of the composer. */
import fc from 'fast-check';
import { emptyBuffer, type TextBuffer } from '../../../src/tui/composer/buffer.ts';
import { SLASH_COMMANDS } from '../../../src/tui/composer/commands.ts';
import { handleComposerKey, handlePaste } from '../../../src/tui/composer/composer.ts';
import {
  type ComposerEffect,
  type ComposerEnv,
  type ComposerState,
  createComposer,
} from '../../../src/tui/composer/composer-state.ts';
import { Keymap } from '../../../src/tui/composer/keymap.ts';
import { type Key, keyOf } from '../../../src/tui/term/keys.ts';

const MARK = '\ufdd0\ue000';

/** A buffer with the caret at its end and nothing to undo. */
export const bufferOf = (text: string, elements: TextBuffer['elements'] = new Map()): TextBuffer => ({
  ...emptyBuffer,
  text,
  caret: text.length,
  elements,
});

/** Text of pieces that join, reorder, hide or are wide, with marks among them. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.constantFrom(
      ...[
        'a',
        'Z',
        '_',
        ' ',
        '  ',
        '\n',
        '\t',
        '.',
        '日',
        '한',
        'é',
        'e',
        '\u0301',
        '👩',
        '\u200d',
        '💻',
        '🇨',
        '🇭',
      ],
      ...[
        '\u0600',
        '\u202e',
        '\u200b',
        '\ufe0f',
        '❤',
        '🏽',
        '\ue001',
        'क',
        '\u094d',
        '\u1100',
        '\u1161',
        MARK,
      ],
    ),
    { maxLength: 30 },
  )
  .map((pieces) => pieces.join(''));

/** What a terminal may send as text or paste, before it is cleaned. */
export const foreignText: fc.Arbitrary<string> = fc.oneof(
  hostileText,
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: 'binary-ascii', maxLength: 30 }),
);

export const idle: ComposerEnv = {
  isRunning: false,
  queued: 0,
  commands: SLASH_COMMANDS,
  keymap: new Keymap(),
  width: 80,
};

/** Keys by their chords; anything else is typed, character by character. `paste:` before a text pastes it. */
export function press(
  start: ComposerState | readonly string[],
  chords: readonly string[],
  env: ComposerEnv = idle,
): { state: ComposerState; effects: ComposerEffect[]; untaken: string[] } {
  let state = isState(start) ? start : createComposer(start);
  const effects: ComposerEffect[] = [];
  const untaken: string[] = [];
  for (const chord of chords) {
    const results = chord.startsWith('paste:')
      ? [() => handlePaste(state, chord.slice(6), env)]
      : keysOf(chord).map((key) => () => handleComposerKey(state, key, env));
    for (const run of results) {
      const result = run();
      if (result === undefined) untaken.push(chord);
      else {
        state = result.state;
        if (result.effect !== undefined) effects.push(result.effect);
      }
    }
  }
  return { state, effects, untaken };
}

function keysOf(chord: string): Key[] {
  const key = keyOf(chord);
  return key.name === 'text' ? [...chord].map((text) => ({ ...key, text })) : [key];
}

function isState(start: ComposerState | readonly string[]): start is ComposerState {
  return 'buffer' in start;
}
