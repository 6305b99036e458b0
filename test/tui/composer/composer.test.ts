import fc from 'fast-check';
import { expect, test } from 'vitest';
import { handleComposerKey, handlePaste } from '../../../src/tui/composer/composer.ts';
import {
  addStoredPrompts,
  clearDraft,
  composerMode,
  createComposer,
  draftText,
  insertImage,
  isEmpty,
  prependText,
  setText,
} from '../../../src/tui/composer/composer-state.ts';
import { BINDINGS } from '../../../src/tui/composer/keymap.ts';
import { layout } from '../../../src/tui/composer/layout.ts';
import { keyOf } from '../../../src/tui/term/keys.ts';
import { cpuTime } from '../../support/cpu-time.ts';
import { foreignText, idle, press } from './texts.ts';

const running = { ...idle, isRunning: true };
const submit = (text: string, ...images: string[]) => ({ type: 'submit', text, images });

test('Enter sends, trimmed, and empties the composer', () => {
  const { state, effects } = press([], ['  fix it ', 'enter', 'enter', '  ', 'enter']);
  expect(effects).toEqual([submit('fix it')]);
  expect(state.buffer.text).toBe('  ');
  expect(handleComposerKey(press([], ['hi']).state, keyOf('enter'), idle)?.remembered).toBe('hi');
});

test('Shift+Enter, Ctrl+J, Alt+Enter and a backslash before Enter break the line', () => {
  const { effects } = press(
    [],
    ['a', 'shift+enter', 'b', 'ctrl+j', 'c', 'alt+enter', 'd\\', 'enter', 'e', 'enter'],
  );
  expect(effects).toEqual([submit('a\nb\nc\nd\ne')]);
});

test('while a turn runs, Enter steers and Tab queues; idle, Tab sends', () => {
  expect(press([], ['a', 'tab', 'b', 'enter'], running).effects).toEqual([
    { type: 'queue', text: 'a', images: [] },
    submit('b'),
  ]);
  expect(press([], ['a', 'tab', 'tab'])).toMatchObject({ effects: [submit('a')], untaken: ['tab'] });
});

test('Up in an empty composer takes back what is queued', () => {
  const queued = { ...running, queued: 2 };
  expect(press(['old'], ['up', 'alt+up'], queued).effects).toEqual([
    { type: 'unqueue' },
    { type: 'unqueue' },
  ]);
  expect(press(['old'], ['x', 'alt+up'], queued).effects).toEqual([]);
});

test('a line that begins with ! is for the shell, even during a turn', () => {
  const { state } = press([], ['!ls']);
  expect([composerMode(state), composerMode(createComposer())]).toEqual(['shell', 'prompt']);
  expect(press([], ['!ls -l ', 'tab', '! ', 'enter'], running).effects).toEqual([
    { type: 'shell', command: 'ls -l' },
  ]);
});

test('commands run, are refused with the draft kept, or are plain text', () => {
  const typed = (text: string, env = idle) => {
    const { state, effects } = press([], [text, 'escape', 'enter'], env);
    return [...effects, state.buffer.text];
  };
  expect(typed('/review the last commit')).toEqual([
    { type: 'command', name: 'review', args: 'the last commit' },
    '',
  ]);
  expect(typed('/EXIT')).toEqual([{ type: 'command', name: 'quit', args: '' }, '']);
  expect(typed('/nope')).toEqual([{ type: 'refused_command', name: 'nope', reason: 'unknown' }, '/nope']);
  expect(typed('/init now')).toEqual([
    { type: 'refused_command', name: 'init', reason: 'no_arguments' },
    '/init now',
  ]);
  expect(typed('/model', running)).toEqual([
    { type: 'refused_command', name: 'model', reason: 'while_running' },
    '/model',
  ]);
  expect(typed('/diff', running)).toEqual([{ type: 'command', name: 'diff', args: '' }, '']);
  expect(typed('/usr/bin/x is broken')).toEqual([submit('/usr/bin/x is broken'), '']);
  expect(typed('/ is root')).toEqual([submit('/ is root'), '']);
});

test('keys that are not the composer’s are left to the app', () => {
  const keys = ['escape', 'ctrl+c', 'ctrl+d', 'ctrl+t', 'ctrl+l', 'shift+tab', 'pageup', '?'];
  expect(press([], keys)).toEqual({ state: createComposer(), effects: [], untaken: keys });
  expect(press([], ['ab', 'left', 'ctrl+d', '?']).state.buffer.text).toBe('a?');
});

test('Up and Down go through earlier prompts and back to the draft', () => {
  const seen: string[] = [];
  let { state } = press(['one', 'two\nlines', 'two\nlines'], ['draft', 'shift+enter', 'x']);
  for (const chord of ['up', 'up', 'up', 'up', 'up', 'down', 'down', 'down']) {
    ({ state } = press(state, [chord]));
    seen.push(
      `${state.buffer.text.slice(0, state.buffer.caret)}|${state.buffer.text.slice(state.buffer.caret)}`,
    );
  }
  expect(seen).toEqual([
    'd|raft\nx',
    '|draft\nx',
    'two\nlines|',
    'one|',
    'one|',
    'two\nlines|',
    '|draft\nx',
    'draft\n|x',
  ]);
});

test('a recalled prompt that was changed is a draft of its own', () => {
  const { state } = press(['one', 'two'], ['up', '!', 'up']);
  expect([state.buffer.text, state.buffer.caret]).toEqual(['two!', 0]);
  expect(press(state, ['up', 'down']).state.buffer.text).toBe('two!');
});

test('a recalled command opens no palette, so that Up continues', () => {
  const { state } = press(['one', '/diff'], ['up']);
  expect([state.buffer.text, state.popup]).toEqual(['/diff', undefined]);
  expect(press(state, ['up']).state.buffer.text).toBe('one');
});

test('sent prompts come back with their pastes folded and their images', () => {
  const long = 'x'.repeat(2000);
  const start = insertImage(createComposer(), '/a.png');
  const sent = press(start, [' and ', `paste:${long}`, 'enter', 'y', 'ctrl+u', 'up']);
  expect(sent.effects).toEqual([submit(`[Image #1] and ${long}`, '/a.png')]);
  expect(layout(sent.state.buffer, 80, 5).rows).toEqual(['[Image #1] and [Pasted 2,000 chars]']);
  expect(press(sent.state, ['enter']).effects).toEqual([submit(`[Image #1] and ${long}`, '/a.png')]);
});

test('a paste is one step: it folds, goes with one Backspace, comes back with undo', () => {
  const long = 'line\r\n'.repeat(5001);
  const { state } = press([], ['see ', `paste:${long}`]);
  const text = (chords: string[]) => draftText(press(state, chords).state);
  const full = `see ${'line\n'.repeat(5001)}`;
  expect([text([]), text(['backspace']), text(['backspace', 'ctrl+_']), text(['ctrl+_'])]).toEqual([
    full,
    'see ',
    full,
    'see ',
  ]);
});

test('the same paste again unfolds the first; so does Ctrl+O', () => {
  const long = `${'line\n'.repeat(20)}end`;
  const { state } = press([], [`paste:${long}`]);
  expect(press(state, [`paste:${long}`]).state.buffer.text).toBe(long);
  expect(press(state, ['ctrl+o']).state.buffer.text).toBe(long);
  expect(press(state, ['paste:short']).state.buffer.text).toBe(`${state.buffer.text}short`);
});

test('Ctrl+G hands the whole text to the editor and takes it back with its images', () => {
  const start = insertImage(createComposer(), '/a.png');
  const { state, effects } = press(start, [' look', 'ctrl+g']);
  expect(effects).toEqual([{ type: 'editor', text: '[Image #1] look' }]);
  const back = setText(state, 'please look at [Image #1]\r\n');
  expect(press(back, ['enter']).effects).toEqual([submit('please look at [Image #1]', '/a.png')]);
  expect(draftText(press(back, ['ctrl+_']).state)).toBe('[Image #1] look');
});

test('a huge text from outside becomes an element', () => {
  const state = setText(createComposer(), 'x'.repeat(1e6));
  expect(layout(state.buffer, 80, 5).rows).toEqual(['[Pasted 1,000,000 chars]']);
  expect(layout(press(['y'.repeat(50_000)], ['up']).state.buffer, 80, 5).rows).toEqual([
    '[Pasted 50,000 chars]',
  ]);
});

test('a long read of a terminal without bracketed paste is a paste', () => {
  const result = handleComposerKey(createComposer(), { ...keyOf('x'), text: 'x'.repeat(4096) }, idle);
  expect(result && layout(result.state.buffer, 80, 5).rows).toEqual(['[Pasted 4,096 chars]']);
});

test('what comes back from the queue precedes the draft, which keeps its pastes', () => {
  const { state } = press([], ['now ', `paste:${'x'.repeat(2000)}`]);
  const back = prependText(state, 'first this');
  expect(layout(back.buffer, 80, 5)).toMatchObject({
    rows: ['first this', 'now [Pasted 2,000 chars]'],
    caret: { x: 24, y: 1 },
  });
  expect(layout(prependText(state, 'y'.repeat(30_000)).buffer, 80, 5).rows).toEqual([
    '[Pasted 30,000 chars]',
    'now [Pasted 2,000 chars]',
  ]);
  expect(press(back, ['ctrl+_']).state.buffer.text).toBe(state.buffer.text);
  expect(prependText(createComposer(), 'first this').buffer.text).toBe('first this');
});

test('prompts of earlier runs may come late', () => {
  const { state } = press([], ['mine', 'enter', 'up']);
  const both = addStoredPrompts(state, ['old', 'older', 'older']);
  expect(['up', 'down'].map((chord) => press(both, [chord]).state.buffer.text)).toEqual(['older', '']);
});

test('a draft that is cleared comes back with Up', () => {
  const cleared = clearDraft(press([], ['half a thought']).state);
  expect([isEmpty(cleared), press(cleared, ['up']).state.buffer.text]).toEqual([true, 'half a thought']);
  expect(clearDraft(cleared).history.entries).toHaveLength(1);
});

test('Ctrl+R finds the newest prompt with what is typed, then older ones', () => {
  const prompts = ['fix the parser', 'add tests', 'fix the parser', 'Fix the lexer'];
  const text = (...chords: string[]) => press(prompts, ['my draft', 'ctrl+r', ...chords]).state;
  expect(text('fix').buffer.text).toBe('Fix the lexer');
  expect(text('fix', 'ctrl+r').buffer.text).toBe('fix the parser');
  expect(text('fix', 'ctrl+r', 'ctrl+r').buffer.text).toBe('fix the parser');
  expect(text('Fix', 'ctrl+r').buffer.text).toBe('Fix the lexer');
  expect(text('fixx')).toMatchObject({ buffer: { text: 'my draft' }, popup: { index: undefined } });
  expect(text('fixx', 'backspace', 'enter')).toMatchObject({
    buffer: { text: 'Fix the lexer', caret: 13 },
    popup: undefined,
  });
  expect(text('tests', 'escape')).toEqual(press(prompts, ['my draft']).state);
  expect(text('tests', 'enter', 'ctrl+_').buffer.text).toBe('my draft');
  expect(text('tests', 'left', '!').buffer.text).toBe('add test!s');
  expect(press(prompts, ['ctrl+r', 'paste:pars']).state.buffer.text).toBe('fix the parser');
});

test('a search that is given up leaves what Ctrl+C clears as it was', () => {
  const { state } = press(['old prompt'], ['my draft', 'ctrl+r', 'old']);
  expect(clearDraft(state).history.entries.map(({ text }) => text)).toEqual(['old prompt', 'my draft']);
});

const anyStep = fc.oneof(
  fc.constantFrom(...BINDINGS.flatMap(({ chords }) => chords)),
  fc.constantFrom('@', '/', '!', '/d', '@s', ' ', 'escape'),
  foreignText.map((text) => `paste:${text}`),
  fc.constant(`paste:${'long\n'.repeat(30)}`),
);

test('no keys and pastes break it, and the screen shows it at every width', () => {
  fc.assert(
    fc.property(
      fc.array(anyStep, { maxLength: 40 }),
      fc.integer({ min: 1, max: 120 }),
      fc.boolean(),
      (steps, width, isRunning) => {
        const env = { ...idle, width, isRunning, queued: 1 };
        const { state, effects } = press(['one', '/two', 'three @four\nfive'], steps, env);
        const { rows, caret } = layout(state.buffer, width, 6);
        expect(caret.y).toBeLessThan(rows.length);
        expect(draftText(state)).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f\ufdd0]/);
        for (const effect of effects) {
          if (effect.type === 'submit' || effect.type === 'queue') expect(effect.text.trim()).not.toBe('');
        }
      },
    ),
  );
});

test('a paste of 10 MB costs a few passes over it, not a look at each character', () => {
  const paste = '\x1b[31mhostile\r\n\0'.repeat(800_000);
  let [encoded, pasted] = ['', ''];
  const passes = cpuTime(() => {
    encoded = paste
      .replace(/\r\n/g, '\n')
      .replace(/[\x00\x1b]/g, '')
      .toWellFormed();
  });
  const took = cpuTime(() => {
    pasted = draftText(handlePaste(createComposer(), paste, idle).state);
  });
  expect(pasted).toBe(encoded);
  // The same native passes, with some allowance for the garbage collector.
  expect(took).toBeLessThan(passes * 10 + 200);
});

test('keys in one huge word do not look at the whole of it for each of its characters', () => {
  // Where each character costs a look at all others, this takes minutes.
  for (const word of ['日本語テキスト'.repeat(2500), '👩‍💻'.repeat(3000), `a${'\u0301'.repeat(15_000)}`]) {
    const { state } = press(setText(createComposer(), word), [
      'x',
      'left',
      'up',
      'down',
      'alt+b',
      'alt+f',
      'ctrl+w',
    ]);
    expect(press(state, ['ctrl+_', 'ctrl+_']).state.buffer.text).toBe(word);
  }
});
