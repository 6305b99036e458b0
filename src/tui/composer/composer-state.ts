/**
 * The composer's state, and how the app reads and changes it besides keys.
 *
 * Invariants: states are immutable; a popup is open only while its token is at the caret.
 */
import {
  cleared,
  emptyBuffer,
  insertElement,
  moveTo,
  replaceRange,
  type TextBuffer,
  withText,
} from './buffer.ts';
import type { CommandMatch, SlashCommand } from './commands.ts';
import { cleanInput, expand, pasteElement, relink } from './elements.ts';
import type { FileMatch } from './file-search.ts';
import type { Keymap } from './keymap.ts';
import { historyOf, leaveHistory, type PromptHistory, remember, withEarlier } from './prompt-history.ts';
import { INSERT, type Vi } from './vi.ts';

/** The word at the caret that a popup completes, in UTF-16 offsets; `query` is what follows its sign. */
export interface Token {
  readonly start: number;
  readonly end: number;
  readonly query: string;
}

export type Popup =
  | { readonly type: 'commands'; readonly matches: readonly CommandMatch[]; readonly selected: number }
  | {
      readonly type: 'files';
      readonly token: Token;
      /** For the newest query that was answered, which may be an older one. */
      readonly matches: readonly FileMatch[];
      /** Whether the matches are those of the token as it is now. */
      readonly isCurrent: boolean;
      readonly selected: number;
    }
  | {
      readonly type: 'search';
      readonly query: string;
      /** The entry that is shown; undefined when none matches. */
      readonly index: number | undefined;
      /** Restored when the search is given up. */
      readonly draft: TextBuffer;
    };

export interface ComposerState {
  readonly buffer: TextBuffer;
  readonly history: PromptHistory;
  readonly popup: Popup | undefined;
  /** Where the token is whose popup was closed by hand. */
  readonly dismissed: number | undefined;
  /** With the keys of vi; undefined: without. */
  readonly vi: Vi | undefined;
}

/** What the composer knows of the world when it handles a key. */
export interface ComposerEnv {
  readonly isRunning: boolean;
  /** How many messages wait for the end of the turn. */
  readonly queued: number;
  readonly commands: readonly SlashCommand[];
  readonly keymap: Keymap;
  /** Columns of the terminal. */
  readonly width: number;
}

export type ComposerEffect =
  /** Send now: starts a turn or steers the one that runs. `images` are absolute paths, `[Image #1]` is the first. */
  | { readonly type: 'submit'; readonly text: string; readonly images: readonly string[] }
  /** Send after the turn. */
  | { readonly type: 'queue'; readonly text: string; readonly images: readonly string[] }
  | { readonly type: 'shell'; readonly command: string }
  | { readonly type: 'command'; readonly name: string; readonly args: string }
  | {
      readonly type: 'custom_command';
      readonly name: string;
      readonly args: string;
      readonly images: readonly string[];
    }
  /** Nothing was done and the draft is kept; the app says why. */
  | {
      readonly type: 'refused_command';
      readonly name: string;
      readonly reason: 'unknown' | 'while_running' | 'no_arguments';
    }
  /** Take the last queued message back. */
  | { readonly type: 'unqueue' }
  | { readonly type: 'editor'; readonly text: string }
  | { readonly type: 'search_files'; readonly query: string };

/**
 * What a key came to. `remembered` is a prompt that was sent and should be stored for later runs.
 */
export interface ComposerResult {
  readonly state: ComposerState;
  readonly effect?: ComposerEffect;
  readonly remembered?: string;
}

/** An empty composer. `prompts` are those of earlier runs, oldest first. */
export function createComposer(prompts: readonly string[] = []): ComposerState {
  return {
    buffer: emptyBuffer,
    history: historyOf(prompts),
    popup: undefined,
    dismissed: undefined,
    vi: undefined,
  };
}

/** Turns the keys of vi on or off. */
export function setVi(state: ComposerState, isOn: boolean): ComposerState {
  return { ...state, vi: isOn ? INSERT : undefined };
}

export function isEmpty({ buffer }: ComposerState): boolean {
  return buffer.text === '';
}

/** What would be sent, pastes in full and images as their labels. */
export function draftText({ buffer }: ComposerState): string {
  return expand(buffer.text, buffer.elements).text;
}

/**
 * Puts a text in the place of all that is in the composer, as one step of undo: what an editor gave back, a message
 * taken out of the queue. Labels of images that were in the draft are images again; a huge text becomes an element.
 */
export function setText(state: ComposerState, text: string): ComposerState {
  const clean = cleanInput(text);
  const { buffer } = state;
  const huge = pasteElement(clean, 'inline');
  const next =
    huge === undefined
      ? withText(buffer, relink(clean, buffer.text, buffer.elements))
      : insertElement(withText(buffer, ''), huge);
  return { ...leaveTyping(state), dismissed: undefined, buffer: next };
}

/** Puts a text in front of what is being written, on lines of its own: messages that come back from the queue. */
export function prependText(state: ComposerState, text: string): ComposerState {
  if (isEmpty(state)) return setText(state, text);
  const buffer = draftBuffer(state);
  const clean = cleanInput(text);
  const huge = pasteElement(clean, 'inline');
  const start = moveTo(buffer, 0);
  const first = huge === undefined ? replaceRange(start, 0, 0, clean) : insertElement(start, huge);
  const joined = replaceRange(first, first.caret, first.caret, '\n', true);
  return { ...leaveTyping(state), buffer: moveTo(joined, joined.text.length), dismissed: undefined };
}

/** The history with the prompts of earlier runs, oldest first, in front of those of this one. */
export function addStoredPrompts(state: ComposerState, prompts: readonly string[]): ComposerState {
  return { ...state, history: withEarlier(state.history, prompts) };
}

/** Empties the composer; Up brings the draft back. */
export function clearDraft(state: ComposerState): ComposerState {
  const history = remember(state.history, draftBuffer(state));
  return { ...state, buffer: cleared(state.buffer), history, popup: undefined, dismissed: undefined };
}

/** Puts an image at the caret, by its absolute path. */
export function insertImage(state: ComposerState, path: string): ComposerState {
  return { ...leaveTyping(state), buffer: insertElement(state.buffer, { type: 'image', path }) };
}

/** What to draw around the text: `$` in front of a shell command, the search prompt, and so on. */
export function composerMode({ buffer, popup }: ComposerState): 'prompt' | 'shell' | 'search' {
  if (popup?.type === 'search') return 'search';
  return buffer.text.startsWith('!') ? 'shell' : 'prompt';
}

/** The state after its text was replaced from outside: no popup, nothing recalled. */
function leaveTyping(state: ComposerState): ComposerState {
  return { ...state, popup: undefined, history: leaveHistory(state.history) };
}

/** The draft itself, even while a search shows an earlier prompt in its place. */
function draftBuffer({ buffer, popup }: ComposerState): TextBuffer {
  return popup?.type === 'search' ? popup.draft : buffer;
}
