/**
 * Ctrl+R: search earlier prompts while typing part of one.
 *
 * Invariants: the newest match comes first; each Ctrl+R moves to an older, different one and stays at the oldest;
 * giving up restores the draft as it was.
 */
import { chordOf, type Key } from '../term/keys.ts';
import type { ComposerResult, ComposerState, Popup } from './composer-state.ts';
import { cleanInput } from './elements.ts';
import { previousBoundary } from './graphemes.ts';
import type { Keymap } from './keymap.ts';
import { leaveHistory, recall, searchHistory } from './prompt-history.ts';

type Search = Extract<Popup, { type: 'search' }>;

export function openSearch(state: ComposerState): ComposerState {
  const popup: Search = { type: 'search', query: '', index: undefined, draft: state.buffer };
  return { ...state, history: leaveHistory(state.history), popup };
}

/**
 * Handles a key of the search. Keys that edit or move accept the match and are then handled as usual: `continues`.
 */
export function handleSearchKey(
  state: ComposerState,
  popup: Search,
  key: Key,
  keymap: Keymap,
): ComposerResult & { continues?: true } {
  if (key.name === 'text') return { state: search(state, popup, popup.query + cleanQuery(key.text)) };
  if (keymap.find(key)?.action === 'history_search') return { state: searchOlder(state, popup) };
  switch (chordOf(key)) {
    case 'up':
      return { state: searchOlder(state, popup) };
    case 'backspace':
    case 'ctrl+h': {
      const shorter = popup.query.slice(0, previousBoundary(popup.query, popup.query.length));
      return { state: search(state, popup, shorter) };
    }
    case 'ctrl+u':
      return { state: search(state, popup, '') };
    case 'escape':
    case 'ctrl+c':
    case 'ctrl+g':
      return { state: { ...state, buffer: popup.draft, popup: undefined } };
    case 'enter':
    case 'tab':
      return { state: accept(state) };
    default:
      return { state: accept(state), continues: true };
  }
}

/** Pasted text is a part of the query. */
export function pasteIntoSearch(state: ComposerState, popup: Search, text: string): ComposerState {
  return search(state, popup, popup.query + cleanQuery(text).slice(0, 200));
}

function accept(state: ComposerState): ComposerState {
  return { ...state, popup: undefined };
}

function cleanQuery(text: string): string {
  return cleanInput(text).replace(/\s+/g, ' ');
}

function search(state: ComposerState, popup: Search, query: string): ComposerState {
  const index = searchHistory(state.history, query, state.history.entries.length);
  return show(state, { ...popup, query, index });
}

function searchOlder(state: ComposerState, popup: Search): ComposerState {
  if (popup.index === undefined) return state;
  const current = state.history.entries[popup.index]?.text;
  const index = searchHistory(state.history, popup.query, popup.index, current);
  return index === undefined ? state : show(state, { ...popup, index });
}

/** The match in the composer, or the draft while nothing matches. */
function show(state: ComposerState, popup: Search): ComposerState {
  const entry = popup.index === undefined ? undefined : state.history.entries[popup.index];
  const buffer = entry === undefined ? popup.draft : recall(popup.draft, entry);
  return { ...state, buffer, popup };
}
