/**
 * Notices a model that repeats the same call and learns nothing from it.
 *
 * A call is a repetition if its name, arguments and result are those of an earlier call and nothing new has been seen
 * since: any new call or result resets all counts, so "edit, test, edit, test" with the same failing test is work,
 * while "A, B, A, B" is a loop. Equal calls of one answer count once. No clock.
 */
import type { JsonObject } from '../protocol.ts';
import { sha256 } from '../text/uuid.ts';

/** What follows from what is known before a call is run. */
type Permit = 'run' | 'refuse' | 'stop';

interface Observation {
  /** How often this call has been made with this result. */
  readonly count: number;
  readonly isNew: boolean;
  /** The model should be told. */
  readonly isRepeated: boolean;
}

/** The third identical call gets a note, the fourth is not run, the fifth ends the turn. */
const NOTE_AT = 3;
const REFUSE_AT = 4;
const STOP_AT = 5;
/** While commands run in the background, the same look at them may bring something new. */
const PATIENCE = 2;

export class LoopGuard {
  /** Of a call with its result: how often. */
  #counts = new Map<string, number>();
  /** Of a call: its key with the last result. */
  readonly #last = new Map<string, string>();
  readonly #isPolling: () => boolean;

  /** @param isPolling whether something runs that the model may be waiting for. */
  constructor(isPolling: () => boolean = () => false) {
    this.#isPolling = isPolling;
  }

  /** Which of an answer's calls may run, in order, and how often each has been made, with this time. */
  judge(calls: readonly { readonly name: string; readonly arguments: JsonObject }[]): readonly {
    readonly permit: Permit;
    readonly count: number;
  }[] {
    let isKnown = true;
    return calls.map(({ name, arguments: args }) => {
      const last = this.#last.get(callKey(name, args));
      // What comes after a new call of the same answer may see what that has changed.
      isKnown &&= last !== undefined;
      const count = 1 + (isKnown && last !== undefined ? (this.#counts.get(last) ?? 0) : 0);
      const permit = count >= this.#at(STOP_AT) ? 'stop' : count >= this.#at(REFUSE_AT) ? 'refuse' : 'run';
      return { permit, count };
    });
  }

  /** Counts a call that was run. @param result its output, without anything that differs from run to run. */
  observe(name: string, args: JsonObject, result: string): Observation {
    const key = sha256(JSON.stringify([name, args, result]));
    const isNew = !this.#counts.has(key);
    if (isNew) for (const known of this.#counts.keys()) this.#counts.set(known, 1);
    this.#last.set(callKey(name, args), key);
    const count = this.#add(key);
    return { count, isNew, isRepeated: count >= this.#at(NOTE_AT) };
  }

  /** Counts a call that was not run again. */
  refused(name: string, args: JsonObject): void {
    const key = this.#last.get(callKey(name, args));
    if (key !== undefined) this.#add(key);
  }

  /** The model has forgotten what it did, so it may repeat each call once. Those calls are still not new. */
  forget(): void {
    for (const known of this.#counts.keys()) this.#counts.set(known, 0);
  }

  #add(key: string): number {
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return count;
  }

  #at(count: number): number {
    return this.#isPolling() ? count * PATIENCE : count;
  }
}

function callKey(name: string, args: JsonObject): string {
  return sha256(JSON.stringify([name, args]));
}
