/**
 * Which key does what: the one table that the composer, the help overlay and all hints read.
 *
 * Invariants: a chord has one action; no chord is a character that types itself, except `?`, which opens help only
 * while the composer is empty; what ends a turn or the session always has a key. Keys of the scope `app` are handled by
 * the app. The keys inside dialogs are fixed.
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

export type KeyAction = ComposerAction | AppAction;

interface Entry {
  /** What the key does, for the help overlay. */
  readonly hint: string;
  /** The first one that the terminal can tell from others is shown. */
  readonly chords: readonly string[];
  /** Everybody expects it: help has it only if the user has changed it. */
  readonly isObvious: boolean;
}

interface ComposerBinding extends Entry {
  readonly scope: 'composer';
  readonly action: ComposerAction;
}

interface AppBinding extends Entry {
  readonly scope: 'app';
  readonly action: AppAction;
}

type Binding = ComposerBinding | AppBinding;

const composer = (action: ComposerAction, chords: readonly string[], hint: string): ComposerBinding => ({
  scope: 'composer',
  action,
  chords,
  hint,
  isObvious: false,
});

const obvious = (action: ComposerAction, chords: readonly string[], hint: string): ComposerBinding => ({
  ...composer(action, chords, hint),
  isObvious: true,
});

const app = (action: AppAction, chords: readonly string[], hint: string): AppBinding => ({
  scope: 'app',
  action,
  chords,
  hint,
  isObvious: false,
});

/** In the order of the help overlay. */
export const BINDINGS: readonly Binding[] = [
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
  obvious('left', ['left', 'ctrl+b'], 'one character left'),
  obvious('right', ['right', 'ctrl+f'], 'one character right'),
  obvious('text_start', ['ctrl+home', 'alt+shift+,', 'alt+<'], 'start of the text'),
  obvious('text_end', ['ctrl+end', 'alt+shift+.', 'alt+>'], 'end of the text'),
  obvious('backspace', ['backspace', 'ctrl+h', 'shift+backspace'], 'delete the previous character'),
  obvious('delete', ['delete', 'shift+delete'], 'delete the next character'),
];

/** Without these nothing could be sent or ended. */
const NEEDED: readonly KeyAction[] = ['submit', 'interrupt', 'clear_or_quit'];

/** Keys by action, as the user has set them; an empty list: none. */
export type OwnKeys = { readonly [action in KeyAction]?: readonly string[] | undefined };

export class Keymap {
  readonly #bindings: readonly Binding[];
  readonly #own: OwnKeys;
  readonly #byChord: ReadonlyMap<string, Binding>;
  /** The terminal says of every key what it is (kitty's protocol, or something like it). */
  readonly #isExact: boolean;
  /** Asked for in every frame, and for every piece of an answer. */
  readonly #labels = new Map<KeyAction, string | undefined>();

  /** @throws Error that names the chord and both actions, if a chord has two, or the action that needs a key. */
  constructor(own: OwnKeys = {}, isExact = false) {
    this.#own = own;
    this.#isExact = isExact;
    this.#bindings = BINDINGS.map((binding) => ({
      ...binding,
      chords: own[binding.action] ?? binding.chords,
    }));
    this.#byChord = byChord(this.#bindings);
    const missing = this.#bindings.find(
      ({ action, chords }) => chords.length === 0 && NEEDED.includes(action),
    );
    if (missing !== undefined) throw new Error(`${missing.action} needs a key: ${missing.hint}`);
  }

  /** In a terminal that says of every key what it is. */
  exact(): Keymap {
    return this.#isExact ? this : new Keymap(this.#own, true);
  }

  /** What a key does; text other than `?` and unknown chords do nothing here. */
  find(key: Key): Binding | undefined {
    return this.#byChord.get(chordOf(key));
  }

  /**
   * The key of an action as people read it, for hints: `ctrl+r`, `shift+enter`, `esc`; one that this terminal can send.
   * Undefined: the user has given it none.
   */
  label(action: KeyAction): string | undefined {
    if (!this.#labels.has(action)) this.#labels.set(action, this.#labelOf(action));
    return this.#labels.get(action);
  }

  #labelOf(action: KeyAction): string | undefined {
    const chords = this.#bindings.find((binding) => binding.action === action)?.chords ?? [];
    const chord = this.#isExact ? chords[0] : (chords.find(isTold) ?? chords[0]);
    return chord?.replace('escape', 'esc').replace(/ $/, 'space');
  }

  /** The rows of the help overlay: the key and what it does. */
  helpRows(): { keys: string; hint: string }[] {
    const rows = this.#bindings
      .filter(({ action, isObvious }) => !isObvious || this.#own[action] !== undefined)
      .map(({ action, hint }) => ({ keys: this.label(action), hint }));
    return [
      { keys: '/', hint: 'commands' },
      { keys: '@', hint: 'files' },
      { keys: '!', hint: 'run a shell command' },
      ...rows.flatMap(({ keys, hint }) => (keys === undefined ? [] : [{ keys, hint }])),
    ];
  }
}

function byChord(bindings: readonly Binding[]): Map<string, Binding> {
  const found = new Map<string, Binding>();
  for (const binding of bindings) {
    for (const chord of binding.chords) {
      const other = found.get(chord);
      if (other !== undefined && other !== binding) {
        throw new Error(
          `${chord} is the key of both ${other.action} and ${binding.action}: give one of them another key, or [] for none`,
        );
      }
      found.set(chord, binding);
    }
  }
  return found;
}

/** Whether a terminal without a newer protocol can tell the chord from others. */
export function isTold(chord: string): boolean {
  const [, modifiers = '', key = ''] = /^((?:(?:ctrl|alt|shift)\+)*)(.+)$/s.exec(chord) ?? [];
  if (['enter', 'escape', 'backspace'].includes(key)) return modifiers === '' || modifiers === 'alt+';
  if (key === 'tab') return modifiers === '' || modifiers === 'shift+';
  if (key.length > 1 || !modifiers.includes('ctrl+')) return true;
  return !modifiers.includes('shift+') && /^[a-z@\\\]^_ ]$/.test(key);
}
