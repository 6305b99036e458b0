/**
 * Who gets a key: the page on the whole screen, the overlay, the agent's question, the turn, the composer, in this order.
 *
 * Invariant: an overlay that has said that it is done, or that a key has closed, gets no other one.
 */
import type { Overlay } from '../overlay/overlay.ts';
import { chordOf, type Key } from '../term/keys.ts';
import type { AppPort } from './app-port.ts';
import type { ApprovalControl } from './approval-control.ts';
import type { ComposerControl } from './composer-control.ts';
import type { Pager } from './pager-control.ts';
import type { TurnControl } from './turn-control.ts';

type Port = Pick<AppPort, 'overlay' | 'clock'> & {
  readonly composer: Pick<ComposerControl, 'onKey' | 'paste'>;
  readonly pager: Pick<Pager, 'onKey'> | undefined;
  closePager(): void;
  closeOverlay(): void;
};

export class KeyRouting {
  readonly #app: Port;
  readonly #approvals: Pick<ApprovalControl, 'onKey' | 'pasted'>;
  readonly #turns: Pick<TurnControl, 'onKey'>;

  constructor(
    app: Port,
    approvals: Pick<ApprovalControl, 'onKey' | 'pasted'>,
    turns: Pick<TurnControl, 'onKey'>,
  ) {
    this.#app = app;
    this.#approvals = approvals;
    this.#turns = turns;
  }

  onKey(key: Key, now: number): void {
    const { pager, overlay, composer } = this.#app;
    if (pager !== undefined) {
      if (pager.onKey(key) === 'done') this.#app.closePager();
      return;
    }
    if (overlay !== undefined && this.#offerTo(overlay, key, now)) return;
    if (this.#approvals.onKey(key, now)) return;
    if (this.#turns.onKey(key)) return;
    composer.onKey(key);
  }

  onPaste(text: string): void {
    const { overlay, clock, composer } = this.#app;
    if (overlay?.pasted === 'passed') this.#app.closeOverlay();
    if (overlay !== undefined && overlay.pasted === undefined) return;
    this.#approvals.pasted(clock.now());
    composer.paste(text);
  }

  /** @returns false if the key is for the composer. */
  #offerTo(overlay: Overlay, key: Key, now: number): boolean {
    const isLeaving = chordOf(key) === 'ctrl+c' || chordOf(key) === 'ctrl+d';
    if (isLeaving && overlay.ownsLeaving !== true) {
      overlay.onLeft?.();
      this.#app.closeOverlay();
      return true;
    }
    const taken = overlay.onKey(key, now);
    if (taken === 'kept') return true;
    if (taken === 'typed') {
      this.#app.composer.onKey(key);
      return true;
    }
    // Its result may have opened another overlay.
    if (this.#app.overlay === overlay) this.#app.closeOverlay();
    return taken === 'done';
  }
}
