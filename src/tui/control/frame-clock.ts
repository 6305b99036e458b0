/**
 * Decides when the screen is painted: at most once a frame, and immediately if nothing was painted for a frame.
 *
 * Invariants: a paint follows within one frame of `request`; without requests there is no timer, so an idle view costs
 * nothing; while held nothing is painted, and what was requested meanwhile is painted on release.
 */

/** 12 frames a second: keys do not wait for it, and more costs CPU and bytes that nobody sees. */
export const FRAME_MS = 80;

/** For so long a terminal must have had its size before anything is painted: while a window is dragged nothing is. */
export const REST_MS = 120;

export interface Clock {
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** @returns what cancels it. */
  readonly schedule: (callback: () => void, ms: number) => () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  schedule: (callback, ms) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

export class FrameClock {
  readonly #clock: Clock;
  readonly #paint: () => void;
  readonly #frameMs: number;
  #lastPaint = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;
  #isHeld = false;
  #isWanted = false;

  constructor(clock: Clock, paint: () => void, frameMs = FRAME_MS) {
    this.#clock = clock;
    this.#paint = paint;
    this.#frameMs = frameMs;
  }

  /** Something has changed. `urgent`: the user is waiting for it, as for the echo of a key. */
  request(urgent = false): void {
    if (this.#isHeld) {
      this.#isWanted = true;
      return;
    }
    if (this.#cancel !== undefined && !urgent) return;
    const wait = urgent ? 0 : this.#lastPaint + this.#frameMs - this.#clock.now();
    if (wait <= 0) this.#run();
    else this.#cancel = this.#clock.schedule(() => this.#run(), wait);
  }

  hold(): void {
    this.#isHeld = true;
    if (this.#cancel === undefined) return;
    this.#isWanted = true;
    this.#cancel();
    this.#cancel = undefined;
  }

  release(): void {
    this.#isHeld = false;
    if (!this.#isWanted) return;
    this.#isWanted = false;
    this.#run();
  }

  /** Ends all timers. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#isHeld = true;
  }

  #run(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#lastPaint = this.#clock.now();
    this.#paint();
  }
}
