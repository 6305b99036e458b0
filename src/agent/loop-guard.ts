/**
 * Notices a model that makes the same call again and again and learns nothing from it.
 *
 * Invariants: pure state, no clock. A call counts as repeated if its name, arguments and result are those of an
 * earlier call and nothing new has been seen in between: any call or result that is new sets all counts back, so
 * "edit, test, edit, test" with the same failing test is work, while "A, B, A, B" is a loop.
 * Does not: speak to the model or end the turn (turn.ts does).
 */
import type { JsonObject } from '../protocol.ts';
import { sha256 } from '../text/uuid.ts';

export type LoopVerdict = {
  readonly action: 'go_on' | 'note' | 'stop';
  readonly count: number;
  readonly isNew: boolean;
};

/** The third identical call gets a note, the fifth ends the turn. */
const NOTE_AT = 3;
const STOP_AT = 5;

export class LoopGuard {
  #counts = new Map<string, number>();

  /** @param result what the model was answered, without anything that differs from run to run. */
  observe(name: string, args: JsonObject, result: string): LoopVerdict {
    const key = sha256(JSON.stringify([name, args, result]));
    const isNew = !this.#counts.has(key);
    const count = (this.#counts.get(key) ?? 0) + 1;
    if (isNew) for (const known of this.#counts.keys()) this.#counts.set(known, 1);
    this.#counts.set(key, count);
    if (count >= STOP_AT) return { action: 'stop', count, isNew };
    return { action: count >= NOTE_AT ? 'note' : 'go_on', count, isNew };
  }

  /** The model has forgotten what it did: it may do all of that once more. What was done is still not new. */
  forget(): void {
    for (const known of this.#counts.keys()) this.#counts.set(known, 0);
  }
}
