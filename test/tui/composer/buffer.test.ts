import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  emptyBuffer,
  insert,
  insertElement,
  moveTo,
  redo,
  type TextBuffer,
  undo,
} from '../../../src/tui/composer/buffer.ts';
import { type EditAction, edit, expandPaste } from '../../../src/tui/composer/edits.ts';
import {
  addElement,
  cleanInput,
  expand,
  labelsOf,
  pasteElement,
  relink,
} from '../../../src/tui/composer/elements.ts';
import { bufferOf, foreignText } from './texts.ts';

const EDITS: readonly EditAction[] = [
  'newline',
  'left',
  'right',
  'word_left',
  'word_right',
  'line_start',
  'line_end',
  'text_start',
  'text_end',
  'backspace',
  'delete',
  'kill_to_space',
  'kill_word_left',
  'kill_word_right',
  'kill_to_end',
  'kill_to_start',
  'yank',
];

const run = (start: TextBuffer, ...actions: (EditAction | { type: string })[]): TextBuffer =>
  actions.reduce(
    (buffer, action) => (typeof action === 'string' ? edit(buffer, action) : typed(buffer, action.type)),
    start,
  );
/** Types a text key by key. */
const typed = (buffer: TextBuffer, text: string): TextBuffer =>
  [...text].reduce((before, character) => insert(before, character), buffer);
const view = ({ text, caret }: TextBuffer): string => `${text.slice(0, caret)}|${text.slice(caret)}`;

/** The graphemes of a text, found the plain way. */
function pieces(text: string): string[] {
  return text
    .split(/(\ufdd0[\ue000-\uf8ff])/)
    .flatMap((part) =>
      part.startsWith('\ufdd0')
        ? [part]
        : [...new Intl.Segmenter().segment(part)].map(({ segment }) => segment),
    );
}

/** A naive editor: the graphemes before and after the caret. */
class Model {
  before: string[] = [];
  after: string[] = [];
  killed = '';

  get text(): string {
    return [...this.before, ...this.after].join('');
  }

  set(before: string, after: string): void {
    const all = pieces(before + after);
    this.before = [];
    while (this.before.join('').length < before.length) this.before.push(all.shift() ?? '');
    this.after = all;
  }

  insert(text: string): void {
    this.set(this.before.join('') + text, this.after.join(''));
  }

  take(list: 'before' | 'after', count: number): void {
    const { before, after } = this;
    const kept = list === 'before' ? before.slice(0, before.length - count) : before;
    const rest = list === 'before' ? after : after.slice(count);
    const gone = list === 'before' ? before.slice(before.length - count) : after.slice(0, count);
    if (gone.length > 0) this.killed = gone.join('');
    this.set(kept.join(''), rest.join(''));
  }

  move(by: number): void {
    const all = [...this.before, ...this.after];
    const at = Math.max(0, Math.min(all.length, this.before.length + by));
    this.before = all.slice(0, at);
    this.after = all.slice(at);
  }

  apply(action: EditAction): void {
    const killed = this.killed;
    switch (action) {
      case 'newline':
        return this.insert('\n');
      case 'left':
        return this.move(-1);
      case 'right':
        return this.move(1);
      case 'word_left':
        return this.move(-wordLength(this.before.toReversed()));
      case 'word_right':
        return this.move(wordLength(this.after));
      case 'line_start':
        return this.move(-lineLength(this.before.toReversed()));
      case 'line_end':
        return this.move(lineLength(this.after));
      case 'text_start':
        return this.move(-this.before.length);
      case 'text_end':
        return this.move(this.after.length);
      case 'backspace':
        this.take('before', Math.min(1, this.before.length));
        this.killed = killed;
        return;
      case 'delete':
        this.take('after', 1);
        this.killed = killed;
        return;
      case 'kill_to_space':
        return this.take('before', spaceLength(this.before.toReversed()));
      case 'kill_word_left':
        return this.take('before', wordLength(this.before.toReversed()));
      case 'kill_word_right':
        return this.take('after', wordLength(this.after));
      case 'kill_to_end':
        return this.take('after', lineLength(this.after) || Math.min(1, this.after.length));
      case 'kill_to_start':
        return this.take('before', lineLength(this.before.toReversed()) || Math.min(1, this.before.length));
      case 'yank':
        return this.insert(this.killed);
      default:
        throw new Error(`no model of ${action}`);
    }
  }
}

const count = (list: readonly string[], holds: (piece: string) => boolean): number => {
  const end = list.findIndex((piece) => !holds(piece));
  return end < 0 ? list.length : end;
};
const isElement = (piece: string | undefined): boolean => piece?.startsWith('\ufdd0') === true;
const isSpace = (piece: string): boolean => !isElement(piece) && /^\s/u.test(piece);
const isWord = (piece: string): boolean => !isElement(piece) && /^[\p{L}\p{N}\p{M}_]/u.test(piece);
const lineLength = (list: readonly string[]): number => count(list, (piece) => piece !== '\n');
const wordLength = (list: readonly string[]): number => {
  const gap = count(list, (piece) => !isWord(piece) && !isElement(piece));
  return isElement(list[gap]) ? gap + 1 : gap + count(list.slice(gap), isWord);
};
const spaceLength = (list: readonly string[]): number => {
  const gap = count(list, isSpace);
  if (isElement(list[gap])) return gap + 1;
  return gap + count(list.slice(gap), (piece) => !isSpace(piece) && !isElement(piece));
};

const action = fc.oneof(
  foreignText.map((text) => ({ text })),
  fc.constant({ paste: 'x'.repeat(2000) }),
  fc.constantFrom(...EDITS).map((name) => ({ name })),
);

test('random edits do what a naive editor does, and undo and redo lead back', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 50 }), (actions) => {
      const model = new Model();
      let buffer = emptyBuffer;
      for (const step of actions) {
        if ('text' in step) {
          buffer = insert(buffer, step.text);
          model.insert(cleanInput(step.text));
        } else if ('paste' in step) {
          buffer = insertElement(buffer, { type: 'paste', text: step.paste, label: 'Pasted' });
          model.insert(String.fromCharCode(0xfdd0, 0xe000 + buffer.elements.size - 1));
        } else {
          buffer = edit(buffer, step.name);
          model.apply(step.name);
        }
        expect(view(buffer)).toBe(`${model.before.join('')}|${model.after.join('')}`);
        expect(buffer.killed).toBe(model.killed);
      }
      const views = [view(buffer)];
      let back = buffer;
      while (back.past.length > 0) {
        back = undo(back);
        views.push(view(back));
      }
      expect(back.text).toBe('');
      for (const seen of views.slice(0, -1).reverse()) {
        back = back === undefined ? back : redo(back);
        expect(view(back)).toBe(seen);
      }
      expect(back.future).toEqual([]);
    }),
  );
});

test('a word that is typed is one step of undo, a line break and a paste are their own', () => {
  const written = insertElement(run(emptyBuffer, { type: 'fix the\nbug ' }), {
    type: 'image',
    path: '/a.png',
  });
  const steps = [written];
  while ((steps.at(-1)?.past.length ?? 0) > 0) steps.push(undo(steps.at(-1) ?? written));
  expect(steps.map(view)).toEqual([
    'fix the\nbug \ufdd0\ue000|',
    'fix the\nbug |',
    'fix the\n|',
    'fix the|',
    'fix |',
    '|',
  ]);
});

test('deleting one after another is one step; moving away begins another', () => {
  const shorter = run(bufferOf('one two'), 'backspace', 'backspace', 'backspace');
  expect(view(undo(shorter))).toBe('one two|');
  expect(view(undo(run(shorter, 'left', 'right', 'backspace')))).toBe('one |');
});

test('the steps of undo are bounded', () => {
  let buffer = emptyBuffer;
  for (let line = 0; line < 500; line += 1) buffer = insert(buffer, '\n');
  expect(buffer.past).toHaveLength(200);
  expect(redo(buffer)).toBe(buffer);
  expect(undo(emptyBuffer)).toBe(emptyBuffer);
});

test('a family, a flag and an accent are deleted whole', () => {
  const buffer = bufferOf('a👨‍👩‍👧🇨🇭e\u0301');
  expect(view(run(buffer, 'backspace'))).toBe('a👨‍👩‍👧🇨🇭|');
  expect(view(run(buffer, 'backspace', 'backspace'))).toBe('a👨‍👩‍👧|');
  expect(view(run(buffer, 'backspace', 'backspace', 'backspace'))).toBe('a|');
});

test('words: ctrl+w goes to white space, alt+backspace stops at punctuation, an element is a word', () => {
  const path = bufferOf('cat src/a-b.ts  ');
  expect(view(run(path, 'kill_to_space'))).toBe('cat |');
  expect(view(run(path, 'kill_word_left'))).toBe('cat src/a-b.|');
  expect(view(run(path, 'kill_word_left', 'text_start', 'yank'))).toBe('ts  |cat src/a-b.');
  const image = insert(insertElement(bufferOf('see'), { type: 'image', path: '/a.png' }), 'now');
  expect(view(run(image, 'word_left', 'word_left'))).toBe('see|\ufdd0\ue000now');
});

test('text is cleaned on its way in', () => {
  expect(cleanInput('a\r\nb\rc\x00\x1b[31m\td\x7f\ufdd0\ue000\ud800')).toBe('a\nb\nc[31m\td\ue000\ufffd');
});

test('long pastes are folded, named and counted by place', () => {
  const lines = pasteElement('x\n'.repeat(5001));
  const chars = pasteElement('y'.repeat(1204));
  expect([lines, chars]).toEqual([
    { type: 'paste', text: 'x\n'.repeat(5001), label: 'Pasted 5,001 lines' },
    { type: 'paste', text: 'y'.repeat(1204), label: 'Pasted 1,204 chars' },
  ]);
  expect([pasteElement('y'.repeat(1000)), pasteElement('x\n'.repeat(10))]).toEqual([undefined, undefined]);
  if (lines === undefined || chars === undefined) throw new Error('not folded');
  let buffer = emptyBuffer;
  const image = (path: string) => ({ type: 'image', path }) as const;
  for (const element of [chars, image('/1.png'), lines, chars, image('/2.png')]) {
    buffer = insertElement(buffer, element);
  }
  expect(labelsOf(buffer.text, buffer.elements)).toEqual([
    '[Pasted 1,204 chars]',
    '[Image #1]',
    '[Pasted 5,001 lines]',
    '[Pasted 1,204 chars #2]',
    '[Image #2]',
  ]);
  const one = edit(edit(moveTo(buffer, 4), 'backspace'), 'backspace');
  expect(expand(one.text, one.elements)).toEqual({
    text: `${'x\n'.repeat(5001)}${'y'.repeat(1204)}[Image #1]`,
    images: ['/2.png'],
  });
  expect(undo(one).text).toBe(buffer.text);
});

test('a paste is unfolded in place, but not a huge one', () => {
  const small = insertElement(bufferOf('<'), { type: 'paste', text: 'a\nb', label: 'Pasted' });
  expect(view(edit(small, 'expand_paste'))).toBe('<a\nb|');
  expect(view(edit(moveTo(small, 1), 'expand_paste'))).toBe('<a\nb|');
  expect(view(undo(edit(small, 'expand_paste')))).toBe('<\ufdd0\ue000|');
  expect(expandPaste(small, 'other')).toBeUndefined();
  const huge = insertElement(emptyBuffer, { type: 'paste', text: 'x'.repeat(1e6), label: 'Pasted' });
  expect(edit(huge, 'expand_paste')).toBe(huge);
});

test('labels of images in a text from an editor are images again', () => {
  const first = addElement(new Map(), { type: 'image', path: '/a.png' });
  expect(relink('see [Image #1] and [Image #2]', first?.mark ?? '', first?.elements ?? new Map())).toBe(
    'see \ufdd0\ue000 and [Image #2]',
  );
});

test('a buffer takes no more elements than there are marks', () => {
  const full = new Map(
    Array.from({ length: 6400 }, (_, id) => [String(id), { type: 'image', path: '' } as const]),
  );
  const buffer = bufferOf('', full);
  expect(insertElement(buffer, { type: 'image', path: '/a.png' })).toBe(buffer);
});
