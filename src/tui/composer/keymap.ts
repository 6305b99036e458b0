/**
 * Which key does what: the one table that the composer, the help overlay and the footer's hints read.
 *
 * Invariants: a chord has one action; no chord is a character that types itself, except `?`, which opens help only
 * while the composer is empty. Keys of the scope `app` are handled by the app.
 */
import { chordOf, type Key } from '../term/keys.ts';

export type ComposerAction =
  | 'submit'
  | 'newline'
  | 'queue'
  | 'left'
  | 'right'
  | 'up'
  | 'down'
  | 'word_left'
  | 'word_right'
  | 'line_start'
  | 'line_end'
  | 'text_start'
  | 'text_end'
  | 'backspace'
  | 'delete'
  | 'kill_to_space'
  | 'kill_word_left'
  | 'kill_word_right'
  | 'kill_to_end'
  | 'kill_to_start'
  | 'yank'
  | 'undo'
  | 'redo'
  | 'history_search'
  | 'editor'
  | 'expand_paste'
  | 'edit_queued';

type AppAction =
  | 'interrupt'
  | 'clear_or_quit'
  | 'quit'
  | 'transcript'
  | 'redraw'
  | 'suspend'
  | 'help'
  | 'mode';

interface Hint {
  /** What the key does, for the help overlay; absent: a second name of something known, not shown. */
  readonly hint?: string;
  /** The first one is shown. */
  readonly chords: readonly string[];
}

interface ComposerBinding extends Hint {
  readonly scope: 'composer';
  readonly action: ComposerAction;
}

interface AppBinding extends Hint {
  readonly scope: 'app';
  readonly action: AppAction;
}

const composer = (action: ComposerAction, chords: readonly string[], hint?: string): ComposerBinding => ({
  scope: 'composer',
  action,
  chords,
  hint,
});

const app = (action: AppAction, chords: readonly string[], hint: string): AppBinding => ({
  scope: 'app',
  action,
  chords,
  hint,
});

/** In the order of the help overlay. */
export const BINDINGS: readonly (ComposerBinding | AppBinding)[] = [
  composer('submit', ['enter'], 'send; while a turn runs, steer it'),
  composer('queue', ['tab'], 'complete, or queue for after the turn'),
  composer('newline', ['shift+enter', 'ctrl+j', 'alt+enter'], 'new line'),
  app('interrupt', ['escape'], 'interrupt; twice: edit an earlier prompt'),
  app('clear_or_quit', ['ctrl+c'], 'clear the draft, interrupt, or quit'),
  app('quit', ['ctrl+d'], 'quit when the composer is empty'),
  app('mode', ['shift+tab'], 'next mode: read only, ask, write, plan'),
  app('transcript', ['ctrl+t'], 'transcript with full output'),
  app('help', ['?'], 'this help'),
  composer('history_search', ['ctrl+r'], 'search earlier prompts'),
  composer('up', ['up', 'ctrl+p'], 'one row up, or an earlier prompt'),
  composer('down', ['down', 'ctrl+n'], 'one row down, or a later prompt'),
  composer('edit_queued', ['alt+up', 'shift+left'], 'edit the last queued message'),
  composer('editor', ['ctrl+g'], 'edit in $EDITOR'),
  composer('expand_paste', ['ctrl+o'], 'expand pasted text'),
  composer('undo', ['ctrl+_', 'ctrl+shift+-', 'ctrl+-'], 'undo'),
  composer('redo', ['alt+z', 'ctrl+shift+z'], 'redo'),
  composer('line_start', ['ctrl+a', 'home'], 'start of the line'),
  composer('line_end', ['ctrl+e', 'end'], 'end of the line'),
  composer('word_left', ['alt+b', 'alt+left', 'ctrl+left'], 'word left'),
  composer('word_right', ['alt+f', 'alt+right', 'ctrl+right'], 'word right'),
  composer('kill_to_space', ['ctrl+w'], 'delete back to the last space'),
  composer('kill_word_left', ['alt+backspace', 'ctrl+backspace'], 'delete the previous word'),
  composer('kill_word_right', ['alt+d', 'alt+delete', 'ctrl+delete'], 'delete the next word'),
  composer('kill_to_start', ['ctrl+u'], 'delete to the start of the line'),
  composer('kill_to_end', ['ctrl+k'], 'delete to the end of the line'),
  composer('yank', ['ctrl+y'], 'paste what was deleted last'),
  app('redraw', ['ctrl+l'], 'redraw the screen'),
  app('suspend', ['ctrl+z'], 'suspend; `fg` resumes'),
  composer('left', ['left', 'ctrl+b']),
  composer('right', ['right', 'ctrl+f']),
  composer('text_start', ['ctrl+home', 'alt+shift+,', 'alt+<']),
  composer('text_end', ['ctrl+end', 'alt+shift+.', 'alt+>']),
  composer('backspace', ['backspace', 'ctrl+h', 'shift+backspace']),
  composer('delete', ['delete', 'shift+delete']),
];

const byChord = new Map(
  BINDINGS.flatMap((binding) => binding.chords.map((chord) => [chord, binding] as const)),
);

/** What a key does; text other than `?` and unknown chords do nothing here. */
export function bindingOf(key: Key): ComposerBinding | AppBinding | undefined {
  return byChord.get(chordOf(key));
}

/** The key of an action as people read it, for hints: `ctrl+r`, `shift+enter`, `esc`. */
export function keyLabel(action: ComposerAction | AppAction): string {
  const chord = BINDINGS.find((binding) => binding.action === action)?.chords[0] ?? '';
  return chord.replace('escape', 'esc');
}

/** The rows of the help overlay: the key and what it does. */
export function helpRows(): { keys: string; hint: string }[] {
  return [
    { keys: '/', hint: 'commands' },
    { keys: '@', hint: 'files' },
    { keys: '!', hint: 'run a shell command' },
    ...BINDINGS.flatMap(({ action, hint }) => (hint === undefined ? [] : [{ keys: keyLabel(action), hint }])),
  ];
}
