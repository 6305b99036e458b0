/**
 * Makes memories while nobody works: after a time without a turn or a key, one step after the other, until there is nothing to do, the
 * user is back, or somebody else wants the server.
 *
 * Invariants: at most one timer, and while steps run none; one step at a time; nothing begins within `idleMs` of what the user did last;
 * a step that is stopped is given the abort at once.
 */
import { errorMessage } from '../../text/error-message.ts';
import type { MemoryProgress, MemoryStep } from '../work.ts';

export interface IdleClock {
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** @returns what cancels it. */
  readonly schedule: (callback: () => void, ms: number) => () => void;
}

/** What a run needs, made when it begins and closed when it ends. */
export interface IdleWork {
  readonly step: (signal: AbortSignal) => Promise<MemoryStep>;
  /** Resolves once somebody else wants the server; never rejects. */
  readonly othersAsk: (signal: AbortSignal) => Promise<string | undefined>;
  readonly close: () => void;
}

export interface IdleOptions {
  readonly idleMs: number;
  readonly clock: IdleClock;
  /** A turn runs, or something else that must not be disturbed. */
  readonly isBusy: () => boolean;
  /** The reason why nothing may be done now, or the work. */
  readonly begin: (signal: AbortSignal) => Promise<IdleWork | string>;
  /** Progress while it runs; undefined when it has ended. */
  readonly report: (progress: MemoryProgress | undefined) => void;
  /** Told why it did not begin, or was stopped. */
  readonly onStop?: (reason: string) => void;
}

/** A session becomes old enough by waiting alone. */
const NEXT_LOOK_MS = 30 * 60_000;

export class IdleRun {
  readonly #options: IdleOptions;
  #lastActive: number;
  #cancelTimer: (() => void) | undefined;
  #running: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined;
  #isClosed = false;

  constructor(options: IdleOptions) {
    this.#options = options;
    this.#lastActive = options.clock.now();
    this.#wait(options.idleMs);
  }

  /** The user has done something, or a turn runs. */
  active(): void {
    this.#lastActive = this.#options.clock.now();
    this.#running?.stop.abort(new DOMException('the user is back', 'AbortError'));
  }

  /** Resolves when nothing of it runs any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer?.();
    this.active();
    await this.#running?.ended;
  }

  #wait(ms: number): void {
    if (this.#isClosed) return;
    this.#cancelTimer = this.#options.clock.schedule(() => this.#look(), ms);
  }

  /** A key only moves the time, so the timer may come too early. */
  #look(): void {
    const { clock, idleMs, isBusy } = this.#options;
    if (isBusy()) return this.#wait(idleMs);
    const left = this.#lastActive + idleMs - clock.now();
    if (left > 0) return this.#wait(left);
    const stop = new AbortController();
    const ended = this.#run(stop).then((wait) => {
      this.#running = undefined;
      this.#wait(wait);
    });
    this.#running = { stop, ended };
  }

  /** Never rejects. @returns when to look again, in milliseconds. */
  async #run(stop: AbortController): Promise<number> {
    const { begin, report, onStop, idleMs } = this.#options;
    let work: IdleWork | string | undefined;
    try {
      work = await begin(stop.signal);
      if (typeof work === 'string') {
        onStop?.(work);
        return idleMs;
      }
      return (await this.#steps(work, stop)) === 'idle' ? Math.max(NEXT_LOOK_MS, idleMs) : idleMs;
    } catch (error) {
      onStop?.(errorMessage(error));
      return Math.max(NEXT_LOOK_MS, idleMs);
    } finally {
      if (typeof work === 'object') work.close();
      report(undefined);
    }
  }

  async #steps(work: IdleWork, stop: AbortController): Promise<'idle' | 'stopped'> {
    const { report, onStop } = this.#options;
    const watching = new AbortController();
    void work.othersAsk(watching.signal).then((seen) => {
      if (seen !== undefined) stop.abort(new DOMException(seen, 'AbortError'));
    });
    try {
      for (;;) {
        const { state, progress } = await work.step(stop.signal);
        if (state !== 'more') return 'idle';
        report(progress);
      }
    } catch (error) {
      if (!stop.signal.aborted) throw error;
      onStop?.(errorMessage(stop.signal.reason));
      return 'stopped';
    } finally {
      watching.abort();
    }
  }
}
