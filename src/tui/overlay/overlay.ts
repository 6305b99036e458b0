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
  readonly pasted?: 'passed' | 'typed' | undefined;
  /** Hears the session's events while it is open. */
  onEvent?(event: Event, now: number): 'kept' | 'done';
  /** It handles Ctrl+C and Ctrl+D itself; otherwise they close it. */
  readonly ownsLeaving?: true | undefined;
  /** One of those keys closed it: what it began ends. */
  onLeft?(): void;
  /** It was painted. */
  onDrawn?(now: number): void;
}

/** What a key does to a dialog: it stays open, or it ends with a result. `goes`: the key is for the composer, as in `onKey`. */
export type Step<State, Result> =
  | { readonly state: State; readonly goes?: 'passed' | 'typed' }
  | { readonly result: Result };

/** A dialog: a state machine, and how its states look. What its result leads to is decided where it is opened. */
export interface Dialog<State, Result> {
  readonly handle: (state: State, key: Key, now: number) => Step<State, Result>;
  readonly lines: (state: State, ctx: LineContext, maxRows: number) => string[];
  /** A frame with this state was painted. */
  readonly drawn?: (state: State, now: number) => State;
  /** Hears the session's events; undefined: the dialog closes. */
  readonly heard?: (state: State, event: Event) => State | undefined;
  readonly pasted?: Overlay['pasted'];
  readonly ownsLeaving?: true;
}
