/**
 * The keys that stop, quit and go back, and what is told to a user who looks elsewhere.
 *
 * Owns: Escape, Ctrl+C, Ctrl+D, Ctrl+T, Ctrl+L, `?` outside of dialogs, in Codex's order. Invariants: a draft is never
 * lost by a key; the first Escape on an idle, empty composer only says what the second does.
 * Does not: handle keys of dialogs, or text.
 */
import type { Event } from '../../protocol.ts';
import { bindingOf } from '../composer/keymap.ts';
import type { Key } from '../keys.ts';
import type { App } from './app.ts';
import { helpOverlay } from './overlays.ts';

const TITLE_LIMIT = 40;

export class TurnControl {
  readonly #app: App;
  /** An Escape that came last: the next one goes back to an earlier prompt. */
  #isPrimed = false;

  constructor(app: App) {
    this.#app = app;
  }

  /** What another Escape would do. */
  warning(): string | undefined {
    return this.#isPrimed ? 'esc again to edit an earlier prompt' : undefined;
  }

  hint(): string | undefined {
    if (this.#app.state.turn === undefined) return undefined;
    return this.#app.composer.isEmpty ? 'enter steers · tab queues' : 'enter to steer · tab to queue';
  }

  handle(event: Event): void {
    const { options, hasFocus, state } = this.#app;
    if (event.type === 'session_configured') options.setTitle(`oagent · ${folderName(options.facts.cwd)}`);
    if (event.type === 'turn_completed' && !hasFocus && state.queue.length === 0) {
      const said = event.lastMessage?.replace(/\s+/g, ' ').slice(0, TITLE_LIMIT * 3) ?? '';
      options.notify(said === '' ? 'oagent is done' : `oagent: ${said}`);
    }
    if (event.type === 'turn_failed' && !hasFocus) options.notify('oagent: the turn failed');
  }

  /** @returns false if the key is for somebody else. */
  onKey(key: Key): boolean {
    const wasPrimed = this.#isPrimed;
    this.#isPrimed = false;
    const binding = bindingOf(key);
    const { composer, options } = this.#app;
    // Escape and Ctrl+C close a popup of the composer first.
    if (binding?.scope !== 'app' || composer.hasPopup) return false;
    switch (binding.action) {
      case 'interrupt':
        return this.#escape(wasPrimed);
      case 'clear_or_quit':
        if (!composer.isEmpty) composer.clear();
        else if (this.#isBusy) options.session.submit({ type: 'interrupt' });
        else options.quit();
        return true;
      case 'quit':
        if (!composer.isEmpty) return false;
        options.quit();
        return true;
      case 'transcript':
        this.#app.openPager({ kind: 'transcript', isChoosingPrompt: false });
        return true;
      case 'redraw':
        options.redraw();
        return true;
      case 'suspend':
        void options.stopProcess();
        return true;
      case 'help':
        if (!composer.isEmpty) return false;
        this.#app.open(helpOverlay());
        return true;
      default:
        return binding satisfies never;
    }
  }

  /** A turn runs, or a command of the user's own. */
  get #isBusy(): boolean {
    const { turn, ownCommand } = this.#app.state;
    return turn !== undefined || ownCommand !== undefined;
  }

  #escape(wasPrimed: boolean): boolean {
    const { composer, state, options } = this.#app;
    if (this.#isBusy) {
      const hasSteering = state.queue.some(({ kind }) => kind === 'steer');
      options.session.submit({ type: 'interrupt', resubmit: hasSteering ? true : undefined });
      return true;
    }
    if (!composer.isEmpty || !this.#app.transcript.hasPrompt) return true;
    if (wasPrimed) this.#app.openPager({ kind: 'transcript', isChoosingPrompt: true });
    else this.#isPrimed = true;
    return true;
  }
}

function folderName(cwd: string): string {
  return cwd.split('/').at(-1)?.slice(0, TITLE_LIMIT) || '/';
}
