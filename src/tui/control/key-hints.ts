/** Hints for the footer: a key, and what it does in a word or two; none for an action without a key. */
import type { KeyAction, Keymap } from '../composer/keymap.ts';

export function hintOf(keymap: Keymap, action: KeyAction, does: string): string | undefined {
  const key = keymap.label(action);
  return key === undefined ? undefined : `${key} ${does}`;
}

export function hints(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join(' · ');
}
