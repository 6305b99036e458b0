/**
 * What takes the place of the composer for a while, and its keys: a picker, a question, a page of help.
 *
 * Invariants: `lines` never gives more than `maxRows`; the app does not show it again after `done`.
 */
import type { Event } from '../../protocol.ts';
import type { LineContext } from '../lines/style.ts';
import type { Body } from '../screen/region.ts';
import type { Key } from '../term/keys.ts';

export interface Overlay {
  lines(ctx: LineContext, maxRows: number, now: number): Body;
  /**
   * `done`: the overlay closes; what follows from it has happened already. `passed`: it closes and the key is for the
   * composer. `typed`: it stays and the key is for the composer.
   */
  onKey(key: Key, now: number): 'kept' | 'done' | 'passed' | 'typed';
  /** What a paste does; absent: nothing. */
  readonly pasted?: 'passed' | 'typed';
  /** Hears the session's events while it is open. */
  onEvent?(event: Event, now: number): 'kept' | 'done';
  /** It handles Ctrl+C and Ctrl+D itself; otherwise they close it. */
  readonly ownsLeaving?: true;
  /** One of those keys closed it: what it began ends. */
  onLeft?(): void;
  /** It was painted. */
  onDrawn?(now: number): void;
}

/** What a key does to an overlay: it stays open, or it ends with a result. */
export type Step<State, Result> = { readonly state: State } | { readonly result: Result };
