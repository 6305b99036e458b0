/**
 * The edits and moves that need only the text: one for each action of the key table. Moves by rows need the width
 * (layout.ts).
 */
import {
  deleteBackward,
  deleteForward,
  insert,
  killToEnd,
  killToSpace,
  killToStart,
  killWordBackward,
  killWordForward,
  moveTo,
  redo,
  replaceRange,
  type TextBuffer,
  undo,
  yank,
} from './buffer.ts';
import { INLINE_LIMIT, MARK_LENGTH } from './elements.ts';
import { nextBoundary, previousBoundary } from './graphemes.ts';
import type { ComposerAction } from './keymap.ts';
import { lineEnd, lineStart, nextWordEnd, previousWordStart } from './words.ts';

export type EditAction = Exclude<
  ComposerAction,
  'submit' | 'queue' | 'up' | 'down' | 'history_search' | 'editor' | 'edit_queued'
>;

export function edit(buffer: TextBuffer, action: EditAction): TextBuffer {
  const { text, caret } = buffer;
  switch (action) {
    case 'newline':
      return insert(buffer, '\n');
    case 'left':
      return moveTo(buffer, previousBoundary(text, caret));
    case 'right':
      return moveTo(buffer, nextBoundary(text, caret));
    case 'word_left':
      return moveTo(buffer, previousWordStart(text, caret));
    case 'word_right':
      return moveTo(buffer, nextWordEnd(text, caret));
    case 'line_start':
      return moveTo(buffer, lineStart(text, caret));
    case 'line_end':
      return moveTo(buffer, lineEnd(text, caret));
    case 'text_start':
      return moveTo(buffer, 0);
    case 'text_end':
      return moveTo(buffer, text.length);
    case 'backspace':
      return deleteBackward(buffer);
    case 'delete':
      return deleteForward(buffer);
    case 'kill_to_space':
      return killToSpace(buffer);
    case 'kill_word_left':
      return killWordBackward(buffer);
    case 'kill_word_right':
      return killWordForward(buffer);
    case 'kill_to_end':
      return killToEnd(buffer);
    case 'kill_to_start':
      return killToStart(buffer);
    case 'yank':
      return yank(buffer);
    case 'undo':
      return undo(buffer);
    case 'redo':
      return redo(buffer);
    case 'expand_paste':
      return expandPaste(buffer) ?? buffer;
    default:
      return action satisfies never;
  }
}

/**
 * Unfolds a paste at the caret (before it, otherwise after it), or, when `same` is given, the one before the caret if
 * it is that text. Undefined if there is none or it is too long to be edited in place.
 */
export function expandPaste(buffer: TextBuffer, same?: string): TextBuffer | undefined {
  const { text, caret, elements } = buffer;
  const starts = same === undefined ? [caret - MARK_LENGTH, caret] : [caret - MARK_LENGTH];
  for (const start of starts) {
    const element = start < 0 ? undefined : elements.get(text.slice(start, start + MARK_LENGTH));
    if (element?.type !== 'paste' || (same !== undefined && element.text !== same)) continue;
    if (text.length + element.text.length > INLINE_LIMIT) continue;
    return replaceRange(buffer, start, start + MARK_LENGTH, element.text);
  }
  return undefined;
}
