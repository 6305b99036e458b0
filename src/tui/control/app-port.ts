/**
 * What a control may ask of the app. Each control names the members that it uses (`Pick<AppPort, …>`), so that no
 * control imports the app or another control.
 */
import type { Op } from '../../protocol.ts';
import type { Keymap } from '../composer/keymap.ts';
import type { LineContext } from '../lines/style.ts';
import type { Overlay } from '../overlay/overlay.ts';
import type { ThemeName } from '../overlay/theme-picker.ts';
import type { Services, StartFacts, Terminal } from '../ports.ts';
import type { SessionState } from '../screen/session-state.ts';
import type { TranscriptStore } from '../screen/transcript-store.ts';
import type { Clock } from './frame-clock.ts';

/** What a page on the whole screen shows. */
export type PagerContent =
  | { readonly kind: 'transcript'; readonly isChoosingPrompt: boolean }
  | {
      readonly kind: 'lines';
      readonly title: string;
      readonly lines: (ctx: LineContext) => readonly string[];
    };

/** The composer, as other controls see it. */
export interface Draft {
  readonly draft: string;
  readonly isEmpty: boolean;
  readonly hasPopup: boolean;
  /** Escape has a meaning in the text: it closes a list, or leaves vi's insert mode. */
  readonly takesEscape: boolean;
  /** With the keys of vi. */
  readonly hasVi: boolean;
  setVi(isOn: boolean): void;
  /** Adds a text at the caret, as a paste does. */
  paste(text: string): void;
  /** Empties it; Up brings the draft back. */
  clear(): void;
}

export interface AppPort {
  readonly services: Services;
  readonly facts: StartFacts;
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly state: SessionState;
  readonly transcript: TranscriptStore;
  readonly composer: Draft;
  readonly hasFocus: boolean;
  /** Undefined: the composer, or the agent's question, has its place. */
  readonly overlay: Overlay | undefined;
  /** A page has the whole screen. */
  readonly hasPager: boolean;
  readonly theme: ThemeName;
  readonly keymap: Keymap;

  submit(op: Op): void;
  /** For what is printed. */
  context(): LineContext;
  /** Puts lines into the scrollback, below everything printed so far. */
  print(lines: readonly string[]): void;
  /** `• text` */
  say(text: string): void;
  /** `⚠ text` */
  warn(text: string): void;
  printHeader(): void;
  /** Something that is shown has changed. `urgent`: the user waits for it. */
  changed(urgent?: boolean): void;
  open(overlay: Overlay): void;
  openPager(content: PagerContent): void;
  setTheme(theme: ThemeName): void;
  /** The user's text is the answer to the agent's question; false: none was asked for. */
  answerInstead(text: string): boolean;
  quit(): void;
}
