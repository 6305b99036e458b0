/**
 * How much of a prompt the server had to read, which it does not say: it reports the whole prompt, and the time that the part took
 * that it did not have in its cache.
 *
 * A prompt that continues the last request is new after it. More was read if the model was loaded anew, or if reading took far longer
 * than that part does: then the rest was read again.
 */
import type { RequestTiming } from '../../protocol/requests.ts';

interface Request {
  /** Tokens. */
  readonly prompt: number;
  readonly answer: number;
  readonly timing: RequestTiming | undefined;
}

interface Read {
  readonly read: number;
  /** Part of it. */
  readonly again: number;
  /** How much was read is known without the time that it took. */
  readonly isSure: boolean;
}

/** A model that was in memory takes less. */
export const LOAD_MS = 1_000;

/** By how much, and by how many tokens, a time must exceed the expected one: it varies with the depth and the load of the machine. */
const FACTOR = 3;
const MARGIN = 512;

/** Fewer tokens say nothing about the speed. */
const MIN_TOKENS = 32;

/** How fast a model reads, by the requests of which it is known how much was read. */
export class ReadingSpeed {
  #ms = 0;
  #tokens = 0;

  learn(tokens: number, ms: number): void {
    if (tokens < MIN_TOKENS || ms <= 0) return;
    this.#tokens += tokens;
    this.#ms += ms;
  }

  /** Undefined: not known yet. */
  tokensIn(ms: number): number | undefined {
    return this.#ms > 0 ? (ms * this.#tokens) / this.#ms : undefined;
  }
}

/** The requests of one session, in order. */
export class SessionReading {
  /** What the server has of the last prompt and its answer. */
  #known = 0;
  #isFirst = true;
  /** Why the next prompt does not continue the last one. */
  #broken: 'compacted' | 'cut' | 'model' | undefined;

  breakOff(why: 'compacted' | 'cut' | 'model'): void {
    // Another model has read nothing of it, whatever else has happened.
    if (this.#broken !== 'model') this.#broken = why;
  }

  request({ prompt, answer, timing }: Request, speed: ReadingSpeed): Read {
    const measured = timing === undefined ? undefined : speed.tokensIn(timing.readMs);
    const isLoaded = (timing?.loadMs ?? 0) >= LOAD_MS;
    const amount = this.#readOf(prompt, isLoaded, measured);
    // A first prompt can be in the cache, of an earlier session.
    const isSure = isLoaded || (!this.#isFirst && this.#broken === undefined && amount.again === 0);
    if (timing !== undefined && isSure) speed.learn(amount.read, timing.readMs);
    this.#known = prompt + answer;
    this.#isFirst = false;
    this.#broken = undefined;
    return { ...amount, isSure };
  }

  #readOf(prompt: number, isLoaded: boolean, measured: number | undefined): Omit<Read, 'isSure'> {
    const atMost = (tokens: number): number => Math.min(prompt, Math.round(tokens));
    if (this.#isFirst) {
      const isCached = !isLoaded && measured !== undefined && measured * FACTOR + MARGIN < prompt;
      return { read: isCached ? atMost(measured) : prompt, again: 0 };
    }
    if (this.#broken === 'model') return { read: prompt, again: atMost(this.#known) };
    if (this.#broken !== undefined) {
      // A cut leaves only what the server has had, and a summary replaces it.
      const read = isLoaded ? prompt : atMost(measured ?? 0);
      return { read, again: read };
    }
    const fresh = Math.max(0, prompt - this.#known);
    const isSlow = measured !== undefined && measured > fresh * FACTOR + MARGIN;
    const read = isLoaded ? prompt : isSlow ? atMost(measured) : fresh;
    return { read, again: Math.max(0, read - fresh) };
  }
}
