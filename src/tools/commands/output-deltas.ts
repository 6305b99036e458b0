/**
 * Thins a command's output down to what a screen can show while it runs: at most 20 deltas a second, each of at most 16 KiB, the
 * newest, and no character split. What is left out here is in the completed item.
 */
import { borderAfter, unfinishedTail } from '../../context/utf8.ts';

const INTERVAL_MS = 50;
const DELTA_LIMIT = 16_384;

export class OutputDeltas {
  readonly #send: (text: string) => void;
  #pending: Buffer = Buffer.alloc(0);
  #timer: NodeJS.Timeout | undefined;

  constructor(send: (text: string) => void) {
    this.#send = send;
  }

  add(chunk: Buffer): void {
    const fits = this.#pending.length + chunk.length <= DELTA_LIMIT;
    const joined = Buffer.concat([this.#pending, chunk.subarray(-DELTA_LIMIT)]);
    this.#pending = fits ? joined : joined.subarray(borderAfter(joined, joined.length - DELTA_LIMIT));
    if (this.#timer === undefined) this.#tick();
  }

  /** Sends what is left; nothing comes after this. */
  end(): void {
    clearTimeout(this.#timer);
    if (this.#pending.length > 0) this.#send(this.#pending.toString());
    this.#pending = Buffer.alloc(0);
  }

  #tick(): void {
    this.#timer = undefined;
    const whole = this.#pending.length - unfinishedTail(this.#pending);
    if (whole === 0) return;
    this.#send(this.#pending.subarray(0, whole).toString());
    this.#pending = this.#pending.subarray(whole);
    this.#timer = setTimeout(() => this.#tick(), INTERVAL_MS);
  }
}
