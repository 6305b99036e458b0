/**
 * The composer's popups: when they open, what they hold, and what their keys do.
 *
 * Invariants: the palette belongs to a first word that begins with `/` and holds no other slash, the file list to a
 * word that begins with `@`; a popup closed with Escape stays closed for its word; an answer to an older query is
 * never shown as the newest one's.
 */
import { replaceRange } from './buffer.ts';
import { matchCommands } from './commands.ts';
import type { ComposerEnv, ComposerResult, ComposerState, Popup, Token } from './composer-state.ts';
import type { FileMatch } from './file-search.ts';
import { nextBoundary, snapToBoundary } from './graphemes.ts';

/** A longer word names no file. */
const MAX_TOKEN = 1024;

/** Opens, updates or closes the popup for the text and caret as they are now. */
export function refreshPopup(state: ComposerState, env: Pick<ComposerEnv, 'commands'>): ComposerResult {
  const { buffer, popup, dismissed } = state;
  const isGone = dismissed !== undefined && !'/@'.includes(buffer.text[dismissed] ?? ' ');
  const next: ComposerState = { ...state, popup: undefined, dismissed: isGone ? undefined : dismissed };
  const slash = slashToken(buffer.text, buffer.caret);
  if (slash !== undefined) {
    if (next.dismissed === slash.start) return { state: next };
    const matches = matchCommands(env.commands, slash.query);
    return {
      state: matches.length === 0 ? next : { ...next, popup: { type: 'commands', matches, selected: 0 } },
    };
  }
  const token = mentionToken(buffer.text, buffer.caret);
  if (token === undefined || next.dismissed === token.start) return { state: next };
  const before = popup?.type === 'files' && popup.token.start === token.start ? popup : undefined;
  if (before !== undefined && before.token.query === token.query) {
    return { state: { ...next, popup: { ...before, token } } };
  }
  const matches = before?.matches ?? [];
  return {
    state: { ...next, popup: { type: 'files', token, matches, isCurrent: false, selected: 0 } },
    effect: { type: 'search_files', query: token.query },
  };
}

/** Gives the file list its answer; an answer to another query than the one at the caret is dropped. */
export function setFileMatches(
  state: ComposerState,
  query: string,
  matches: readonly FileMatch[],
): ComposerState {
  const { popup } = state;
  if (popup?.type !== 'files' || popup.token.query !== query) return state;
  // A later answer for the same query (more files are known) must not move the selection.
  const kept = popup.isCurrent ? popup.matches[popup.selected]?.path : undefined;
  const selected = Math.max(
    0,
    matches.findIndex(({ path }) => path === kept),
  );
  return { ...state, popup: { ...popup, matches, isCurrent: true, selected } };
}

/** Closes the palette or file list, which does not open again for the same word. */
export function dismissPopup(state: ComposerState): ComposerState {
  const { popup } = state;
  return { ...state, popup: undefined, dismissed: popup?.type === 'files' ? popup.token.start : 0 };
}

/** Moves the selection, wrapping around. */
export function moveSelection(state: ComposerState, step: number): ComposerState {
  const { popup } = state;
  if (popup === undefined || popup.type === 'search' || popup.matches.length === 0) return state;
  const count = popup.matches.length;
  const selected = (((popup.selected + step) % count) + count) % count;
  return { ...state, popup: { ...popup, selected } };
}

/**
 * Puts the selected path in the place of the `@` word, or what names the selected resource; with `opens`, a folder stays a word that can be completed
 * further.
 */
export function acceptFile(
  state: ComposerState,
  popup: Extract<Popup, { type: 'files' }>,
  opens: boolean,
  env: Pick<ComposerEnv, 'commands'>,
): ComposerResult {
  const match = popup.matches[popup.selected];
  if (match === undefined) return { state };
  const { start, end } = popup.token;
  const { path, resource } = match;
  if (opens && resource === undefined && path.endsWith('/') && !/\s/.test(path)) {
    return refreshPopup({ ...state, buffer: replaceRange(state.buffer, start, end, `@${path}`) }, env);
  }
  const hasSpace = /\s/.test(state.buffer.text[end] ?? '');
  const word = resource === undefined ? wordOf(path) : `@${path}`;
  const inserted = replaceRange(state.buffer, start, end, hasSpace ? word : `${word} `);
  const buffer = hasSpace ? { ...inserted, caret: nextBoundary(inserted.text, inserted.caret) } : inserted;
  return { state: { ...state, buffer, popup: undefined } };
}

const wordOf = (path: string): string => (/[\s"]/.test(path) ? JSON.stringify(path) : path);

/** The first word of the text when it begins with a slash and the caret is in it. */
function slashToken(text: string, caret: number): Token | undefined {
  const word = /^\/([^\s/\ufdd0]*)(?=\s|$)/.exec(text);
  if (word === null || caret === 0 || caret > word[0].length) return undefined;
  return { start: 0, end: word[0].length, query: word[1] ?? '' };
}

/** The word around the caret if it begins with `@`; an address has one inside. */
function mentionToken(text: string, caret: number): Token | undefined {
  const before = /(?:^|[\s\ue000-\uf8ff])@([^\s\ufdd0\ue000-\uf8ff]*)$/.exec(
    text.slice(Math.max(0, caret - MAX_TOKEN), caret),
  )?.[1];
  if (before === undefined) return undefined;
  const after = /^[^\s\ufdd0]*/.exec(text.slice(caret, caret + MAX_TOKEN))?.[0] ?? '';
  const start = caret - before.length - 1;
  const end = snapToBoundary(text, caret + after.length);
  return { start, end, query: before + after };
}
