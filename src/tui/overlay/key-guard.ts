/**
 * Keeps keys that were meant for something else from answering a dialog.
 *
 * Invariants: no key is accepted before the dialog has been on screen for a while; Enter and Escape are accepted only
 * if no key other than those that move the selection came shortly before, so that neither the Enter after a typed
 * line nor a held key answers. Time is an argument, milliseconds of a monotonic clock.
 */
import type { Key } from '../term/keys.ts';

/** Keys count from this long after the dialog was painted. */
export const SEEN_MS = 300;
/** Nobody is typing if no key came for this long. */
export const QUIET_MS = 800;

export interface KeyGuard {
  /** When the dialog was first painted; undefined: not yet. */
  readonly drawnAt: number | undefined;
  /** The last key that did not move the selection. */
  readonly strayAt: number | undefined;
}

export const newKeyGuard: KeyGuard = { drawnAt: undefined, strayAt: undefined };

/** To be called whenever the dialog was painted; only the first time counts. */
export function keyGuardDrawn(guard: KeyGuard, now: number): KeyGuard {
  return guard.drawnAt === undefined ? { ...guard, drawnAt: now } : guard;
}

/** Whether the dialog has been on the screen for long enough to be seen. */
export function isGuardSeen({ drawnAt }: KeyGuard, now: number): boolean {
  return drawnAt !== undefined && now - drawnAt >= SEEN_MS;
}

/** Whether the dialog may take this key, and the guard after it. */
export function checkKey(guard: KeyGuard, key: Key, now: number): { guard: KeyGuard; isTaken: boolean } {
  const isSeen = isGuardSeen(guard, now);
  if (MOVES.has(key.name)) return { guard, isTaken: isSeen };
  const isQuiet = guard.strayAt === undefined || now - guard.strayAt >= QUIET_MS;
  return { guard: { ...guard, strayAt: now }, isTaken: isSeen && isQuiet };
}

const MOVES: ReadonlySet<Key['name']> = new Set(['up', 'down', 'home', 'end', 'pageup', 'pagedown', 'tab']);
