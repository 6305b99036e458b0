/**
 * Escape, Ctrl+C, Ctrl+D, Ctrl+T, Ctrl+L and `?` outside of dialogs, in Codex's order; and the notifications about
 * turns.
 *
 * Invariants: no key loses a draft; the first Escape on an idle, empty composer only says what the second one does.
 */
import type { Event } from '../../protocol.ts';
import { nextMode } from '../overlay/permissions.ts';
import type { Key } from '../term/keys.ts';
import type { AppPort } from './app-port.ts';
import { helpOverlay } from './dialog-overlay.ts';
import { hintOf, hints } from './key-hints.ts';

/** Characters of the last answer in a notification. */
const SAID_LIMIT = 120;

type Port = Pick<
  AppPort,
  | 'facts'
  | 'terminal'
  | 'state'
  | 'transcript'
  | 'composer'
  | 'keymap'
  | 'hasFocus'
  | 'submit'
  | 'open'
  | 'openPager'
  | 'quit'
>;

export class TurnControl {
  readonly #app: Port;
  /** The last key was Escape, and nothing began since: the next one goes back to an earlier prompt. */
  #isPrimed = false;

  constructor(app: Port) {
    this.#app = app;
  }

  /** What a second Escape would do. */
  warning(): string | undefined {
    const key = this.#app.keymap.label('interrupt');
    return this.#isPrimed ? `${key} again to edit an earlier prompt` : undefined;
  }

  /** What the keys do while something runs; undefined: nothing does. */
  hint(): string | undefined {
    const { keymap, state } = this.#app;
    if (!this.#isBusy) return undefined;
    const stop = hintOf(keymap, 'interrupt', 'interrupts');
    if (state.turn === undefined) return hints(stop);
    return hints(hintOf(keymap, 'submit', 'steers'), hintOf(keymap, 'queue', 'queues'), stop);
  }

  handle(event: Event): void {
    const { terminal, state } = this.#app;
    if (event.type === 'turn_started' || event.type === 'approval_requested') this.#isPrimed = false;
    if (event.type === 'turn_completed' && state.queue.length === 0) {
      const said = event.lastMessage?.replace(/\s+/g, ' ').slice(0, SAID_LIMIT) ?? '';
      terminal.notify('turns', said === '' ? 'oagent has finished' : `oagent: ${said}`);
    }
    if (event.type === 'turn_failed') terminal.notify('turns', 'oagent: the turn failed');
  }

  /** @returns false if the key is for somebody else. */
  onKey(key: Key): boolean {
    const wasPrimed = this.#isPrimed;
    this.#isPrimed = false;
    const binding = this.#app.keymap.find(key);
    const { composer, terminal } = this.#app;
    // Escape and Ctrl+C close a popup of the composer first.
    const isForText = composer.hasPopup || (key.name === 'escape' && composer.takesEscape);
    if (binding?.scope !== 'app' || isForText) return false;
    switch (binding.action) {
      case 'interrupt':
        return this.#escape(wasPrimed);
      case 'clear_or_quit':
        if (!composer.isEmpty) composer.clear();
        else if (this.#isBusy) this.#app.submit({ type: 'interrupt' });
        else this.#app.quit();
        return true;
      case 'quit':
        if (!composer.isEmpty) return false;
        this.#app.quit();
        return true;
      case 'mode':
        this.#app.submit({ type: 'set_permissions', ...nextMode(this.#app.state.permissions) });
        return true;
      case 'transcript':
        this.#app.openPager({ kind: 'transcript', isChoosingPrompt: false });
        return true;
      case 'redraw':
        terminal.redraw();
        return true;
      case 'suspend':
        void terminal.stopProcess();
        return true;
      case 'help':
        if (!composer.isEmpty) return false;
        this.#app.open(helpOverlay(this.#app.keymap));
        return true;
      default:
        return binding satisfies never;
    }
  }

  /** A turn is running, or a command of the user's own. */
  get #isBusy(): boolean {
    const { turn, ownCommand } = this.#app.state;
    return turn !== undefined || ownCommand !== undefined;
  }

  #escape(wasPrimed: boolean): boolean {
    const { composer, state, transcript } = this.#app;
    if (this.#isBusy) {
      const hasSteering = state.queue.some(({ kind }) => kind === 'steer');
      this.#app.submit({ type: 'interrupt', resubmit: hasSteering ? true : undefined });
      return true;
    }
    if (!composer.isEmpty || !transcript.hasPrompt) return true;
    if (wasPrimed) this.#app.openPager({ kind: 'transcript', isChoosingPrompt: true });
    else this.#isPrimed = true;
    return true;
  }
}
