/**
 * What the window's title and the terminal's progress bar say: working, waiting for the user, done.
 *
 * Invariant: the terminal is told only what has changed.
 */
import type { Event } from '../../protocol.ts';
import type { Terminal } from '../ports.ts';
import type { SessionState } from '../screen/session-state.ts';

type Progress = Parameters<Terminal['setProgress']>[0];
/** Characters of the folder's name. */
const NAME_LIMIT = 40;

const WAITING = 'waiting for you';

type Ending = 'done' | 'failed' | typeof WAITING;

export class WindowStatus {
  readonly #terminal: Pick<Terminal, 'setTitle' | 'setProgress'>;
  readonly #state: SessionState;
  readonly #name: string;
  #title = '';
  #progress: Progress;
  #ending: Ending | undefined;

  /** @param cwd the session's folder. */
  constructor(terminal: Pick<Terminal, 'setTitle' | 'setProgress'>, state: SessionState, cwd: string) {
    this.#terminal = terminal;
    this.#state = state;
    this.#name = `oagent · ${cwd.split('/').at(-1)?.slice(0, NAME_LIMIT) || '/'}`;
  }

  handle(event: Event): void {
    if (event.type === 'turn_completed') this.#ending = 'done';
    if (event.type === 'turn_failed') this.#ending = 'failed';
    if (event.type === 'turn_aborted') this.#ending = undefined;
    // What becomes of it is asked after its turn.
    if (event.type === 'plan_written') this.#ending = WAITING;
    if (event.type === 'permissions_changed' && this.#ending === WAITING) this.#ending = undefined;
  }

  /** Called with every picture. */
  update(now: number): void {
    if (this.#state.threadId === undefined) return;
    const { turn } = this.#state;
    if (turn !== undefined) this.#ending = undefined;
    const isWaiting = turn?.activity.kind === 'approval';
    const words = turn === undefined ? this.#ending : isWaiting ? WAITING : 'working';
    this.#setTitle(words === undefined ? this.#name : `${words} · ${this.#name}`);
    this.#setProgress(turn === undefined ? undefined : isWaiting ? 'paused' : (this.#share(now) ?? 'busy'));
  }

  /** Undefined: unknown. */
  #share(now: number): number | undefined {
    const activity = this.#state.turn?.activity;
    if (activity?.kind !== 'model') return undefined;
    const { newTokens = 0, readTokens } = activity;
    if (readTokens !== undefined && newTokens > 0) return Math.floor((100 * readTokens) / newTokens) / 100;
    if (!activity.remainingMs) return undefined;
    // What takes longer than expected is not finished before it is.
    return Math.min(0.99, Math.floor(((now - activity.since) / activity.remainingMs) * 100) / 100);
  }

  #setTitle(title: string): void {
    if (title === this.#title) return;
    this.#title = title;
    this.#terminal.setTitle(title);
  }

  #setProgress(progress: Progress): void {
    if (progress === this.#progress) return;
    this.#progress = progress;
    this.#terminal.setProgress(progress);
  }
}
