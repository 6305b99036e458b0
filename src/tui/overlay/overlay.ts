/**
 * What stands in the place of the composer for a while and takes its keys: a picker, a question, a page of help.
 *
 * Invariants: `lines` never gives more than `maxRows`; after `done` the app shows it no more. Does not: paint.
 */
import type { Event } from '../../protocol.ts';
import type { LineContext } from '../lines/style.ts';
import type { Body } from '../screen/region.ts';
import type { Key } from '../term/keys.ts';

export interface Overlay {
  lines(ctx: LineContext, maxRows: number, now: number): Body;
  /**
   * `done`: the overlay closes; what follows from it has been done already. `passed`: it closes and the key is for the
   * composer.
   */
  onKey(key: Key, now: number): 'kept' | 'done' | 'passed';
  onPaste?(text: string): void;
  /** Hears the session's events while it is open. */
  onEvent?(event: Event, now: number): 'kept' | 'done';
  /** Ctrl+C and Ctrl+D are its own; without it they close it. */
  readonly ownsLeaving?: true;
  /** A key of the app's closed it: what it began ends. */
  onLeft?(): void;
  /** When it was painted. */
  onDrawn?(now: number): void;
}

/** What a key does to an overlay: it stays open, or it ends with a result. */
export type Step<State, Result> = { readonly state: State } | { readonly result: Result };
