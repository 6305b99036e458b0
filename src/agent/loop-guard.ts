/**
 * Notices a model that repeats the same call and learns nothing from it.
 *
 * A call is a repetition if its name, arguments and result are those of an earlier call and nothing new has been seen
 * since: any new call or result resets all counts, so "edit, test, edit, test" with the same failing test is work,
 * while "A, B, A, B" is a loop. No clock.
 */
import type { JsonObject } from '../protocol.ts';
import { sha256 } from '../text/uuid.ts';

type LoopVerdict = {
  readonly action: 'continue' | 'note' | 'stop';
  readonly count: number;
  readonly isNew: boolean;
};

/** The third identical call gets a note, the fifth ends the turn. */
const NOTE_AT = 3;
const STOP_AT = 5;

export class LoopGuard {
  #counts = new Map<string, number>();

  /** @param result the output that the model got, without anything that differs from run to run. */
  observe(name: string, args: JsonObject, result: string): LoopVerdict {
    const key = sha256(JSON.stringify([name, args, result]));
    const isNew = !this.#counts.has(key);
    const count = (this.#counts.get(key) ?? 0) + 1;
    if (isNew) for (const known of this.#counts.keys()) this.#counts.set(known, 1);
    this.#counts.set(key, count);
    if (count >= STOP_AT) return { action: 'stop', count, isNew };
    return { action: count >= NOTE_AT ? 'note' : 'continue', count, isNew };
  }

  /** The model has forgotten what it did, so it may repeat each call once. Those calls are still not new. */
  forget(): void {
    for (const known of this.#counts.keys()) this.#counts.set(known, 0);
  }
}
