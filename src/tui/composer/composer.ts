/**
 * The composer: what each key and paste does to it.
 *
 * Invariants: pure; a key that it does not take gives `undefined` and is the app's; every way to send clears the text
 * and remembers the prompt, every refusal keeps the text.
 */
import { chordOf, type Key } from '../term/keys.ts';
import { insert, insertElement, type TextBuffer } from './buffer.ts';
import type { ComposerEnv, ComposerResult, ComposerState, Popup } from './composer-state.ts';
import { draftText, isEmpty } from './composer-state.ts';
import { edit, expandPaste } from './edits.ts';
import { cleanInput, LONG_PASTE, pasteElement } from './elements.ts';
import { handleSearchKey, openSearch, pasteIntoSearch } from './history-search.ts';
import type { ComposerAction } from './keymap.ts';
import { moveByRow } from './layout.ts';
import { acceptFile, dismissPopup, moveSelection, refreshPopup } from './popups.ts';
import { leaveHistory, newer, older, recall } from './prompt-history.ts';
import { complete, send } from './send.ts';
import { handleViKey, type ViText } from './vi.ts';

/** Handles a key; `undefined` when the composer has no use for it. */
export function handleComposerKey(
  state: ComposerState,
  key: Key,
  env: ComposerEnv,
): ComposerResult | undefined {
  const { popup } = state;
  if (popup?.type === 'search') {
    const { continues, ...result } = handleSearchKey(state, popup, key, env.keymap);
    return continues === true ? (handleComposerKey(result.state, key, env) ?? result) : result;
  }
  if (popup !== undefined) {
    const result = handlePopupKey(state, popup, key, env);
    if (result !== undefined) return result;
  }
  const binding = env.keymap.find(key);
  // That much in one read was not typed: it is a paste in a terminal without bracketed paste.
  if (key.text.length > LONG_PASTE.chars) return handlePaste(state, key.text, env);
  const moved = state.vi && handleViKey({ vi: state.vi, buffer: state.buffer }, key);
  if (moved !== undefined) return afterVi(state, moved, env);
  if (key.name === 'text') {
    if (binding?.action === 'help' && isEmpty(state)) return undefined;
    return edited(state, insert(state.buffer, key.text), env);
  }
  if (binding?.scope === 'composer') return act(state, binding.action, env);
  // Ctrl+D quits only when there is nothing to delete from.
  if (binding?.action === 'quit' && !isEmpty(state)) return act(state, 'delete', env);
  return undefined;
}

/** In normal mode nothing is completed: a list would take the keys. */
function afterVi(before: ComposerState, { vi, buffer, rows }: ViText, env: ComposerEnv): ComposerResult {
  const result = edited({ ...before, vi }, buffer, env);
  if (vi.mode === 'insert') return result;
  let state: ComposerState = { ...result.state, popup: undefined };
  for (let left = Math.abs(rows ?? 0); left > 0; left -= 1) {
    const next = (rows ?? 0) > 0 ? down(state, env) : up(state, env);
    if (next.effect !== undefined || next.state.buffer === state.buffer) return next;
    state = { ...next.state, popup: undefined };
  }
  return { state };
}

/**
 * Handles pasted text: a long one becomes an element; pasted again right after it, it is unfolded. Paths of images are
 * recognised before (`image-path.ts`, `insertImage`).
 */
export function handlePaste(
  state: ComposerState,
  pasted: string,
  env: Pick<ComposerEnv, 'commands'>,
): ComposerResult {
  if (state.popup?.type === 'search') {
    return { state: pasteIntoSearch(state, state.popup, pasted.slice(0, 1000)) };
  }
  const text = cleanInput(pasted);
  const element = pasteElement(text);
  if (element === undefined) return edited(state, insert(state.buffer, text), env);
  const unfolded = expandPaste(state.buffer, text);
  if (unfolded !== undefined) return edited(state, unfolded, env);
  const folded = insertElement(state.buffer, element);
  return edited(state, folded === state.buffer ? insert(state.buffer, text) : folded, env);
}

function act(state: ComposerState, action: ComposerAction, env: ComposerEnv): ComposerResult | undefined {
  const { buffer } = state;
  switch (action) {
    case 'submit':
      if (buffer.text[buffer.caret - 1] === '\\' && buffer.caret === buffer.text.length) {
        return edited(state, edit(edit(buffer, 'backspace'), 'newline'), env);
      }
      return send(state, env, 'submit');
    case 'queue':
      return isEmpty(state) ? undefined : send(state, env, env.isRunning ? 'queue' : 'submit');
    case 'up':
      return up(state, env);
    case 'down':
      return down(state, env);
    case 'history_search':
      return { state: openSearch(state) };
    case 'editor':
      return { state, effect: { type: 'editor', text: draftText(state) } };
    case 'edit_queued':
      return env.queued > 0 && isEmpty(state) ? { state, effect: { type: 'unqueue' } } : { state };
    default:
      return edited(state, edit(buffer, action), env);
  }
}

/** The state with another buffer, its popup brought up to date. */
function edited(
  state: ComposerState,
  buffer: TextBuffer,
  env: Pick<ComposerEnv, 'commands'>,
): ComposerResult {
  const history = buffer.text === state.buffer.text ? state.history : leaveHistory(state.history);
  return refreshPopup({ ...state, buffer, history }, env);
}

function up(state: ComposerState, env: ComposerEnv): ComposerResult {
  const { buffer, history } = state;
  const isRecalled = history.recalled !== undefined;
  if (isEmpty(state) && !isRecalled && env.queued > 0) return { state, effect: { type: 'unqueue' } };
  // Going through earlier prompts with Up must not stop at the rows of each.
  const passes = isRecalled && buffer.caret === buffer.text.length;
  const moved = passes ? undefined : moveByRow(buffer, env.width, -1);
  if (moved !== undefined) return edited(state, moved, env);
  if (!isRecalled && buffer.caret > 0) return edited(state, edit(buffer, 'text_start'), env);
  const found = older(history, buffer);
  if (found === undefined) return { state };
  return {
    state: { ...state, buffer: recall(buffer, found.entry), history: found.history, popup: undefined },
  };
}

function down(state: ComposerState, env: ComposerEnv): ComposerResult {
  const { buffer, history } = state;
  const moved = moveByRow(buffer, env.width, 1);
  if (moved !== undefined) return edited(state, moved, env);
  const found = newer(history);
  if (found === undefined) return edited(state, edit(buffer, 'text_end'), env);
  const next = 'entry' in found ? recall(buffer, found.entry) : found.draft;
  return { state: { ...state, buffer: next, history: found.history, popup: undefined } };
}

function handlePopupKey(
  state: ComposerState,
  popup: Exclude<Popup, { type: 'search' }>,
  key: Key,
  env: ComposerEnv,
): ComposerResult | undefined {
  const hasMatches = popup.matches.length > 0;
  switch (chordOf(key)) {
    case 'escape':
    case 'ctrl+c':
      return { state: dismissPopup(state) };
    case 'up':
    case 'ctrl+p':
      return hasMatches ? { state: moveSelection(state, -1) } : undefined;
    case 'down':
    case 'ctrl+n':
      return hasMatches ? { state: moveSelection(state, 1) } : undefined;
    case 'enter':
      if (!hasMatches) return undefined;
      return popup.type === 'files'
        ? acceptFile(state, popup, false, env)
        : send(complete(state, popup), env, 'submit');
    case 'tab':
      // While the first answer is pending, Tab means the list; otherwise it means the text.
      if (!hasMatches) return popup.type === 'files' && !popup.isCurrent ? { state } : undefined;
      return popup.type === 'files'
        ? acceptFile(state, popup, true, env)
        : refreshPopup(complete(state, popup), env);
    default:
      return undefined;
  }
}
