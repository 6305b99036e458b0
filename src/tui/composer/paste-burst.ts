/**
 * Tells a paste from typing in terminals without bracketed paste, by how fast the characters come.
 *
 * Invariants: three characters with gaps of at most 8 ms are a burst; until 120 ms after its last key an Enter is a line
 * break and a Tab a tab, so that a pasted text neither submits nor completes. Times are milliseconds of the caller's
 * clock, which may stand still. Does not: hold keys back or insert anything.
 */
import type { Key } from '../keys.ts';

export interface PasteBurst {
  /** Characters that came one right after the other. */
  readonly count: number;
  /** When the last key of them came. */
  readonly last: number;
}

export const noBurst: PasteBurst = { count: 0, last: Number.NEGATIVE_INFINITY };

const BURST = { characters: 3, gap: 8, quiet: 120 };

/** Takes note of a key. `text` is what the key inserts instead of what it else does. */
export function noteKey(burst: PasteBurst, key: Key, now: number): { burst: PasteBurst; text?: string } {
  const since = now - burst.last;
  const inserted = insertedBy(key);
  if (key.name === 'text') {
    const before = since <= BURST.gap ? burst.count : 0;
    return { burst: { count: before + [...key.text].length, last: now } };
  }
  if (inserted === undefined || !isBurst(burst) || since > BURST.quiet) return { burst: noBurst };
  return { burst: { count: burst.count + 1, last: now }, text: inserted };
}

function isBurst({ count }: PasteBurst): boolean {
  return count >= BURST.characters;
}

/** The character that a key is in a pasted text. A line feed comes as Ctrl+J. */
function insertedBy({ name, text, ctrl, alt, shift }: Key): string | undefined {
  if (alt || shift) return undefined;
  if ((name === 'enter' && !ctrl) || (name === 'char' && ctrl && text === 'j')) return '\n';
  return name === 'tab' && !ctrl ? '\t' : undefined;
}
