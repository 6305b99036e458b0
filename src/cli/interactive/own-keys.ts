/** The key table with the keys of `[tui.keymap]`. */
import { ConfigError, printable } from '../../config/errors.ts';
import type { Config } from '../../config/schema.ts';
import { readChord } from '../../text/chord.ts';
import { errorMessage } from '../../text/error-message.ts';
import { Keymap } from '../../tui/composer/keymap.ts';

/** @throws ConfigError if a key has two actions, or an action has no key that needs one. */
export function keymapOf({ tui }: Config): Keymap {
  const own = Object.entries(tui.keymap ?? {}).map(([action, names]) => [
    action,
    [names].flat().flatMap(chordsOf),
  ]);
  try {
    return new Keymap(Object.fromEntries(own));
  } catch (error) {
    throw new ConfigError(`tui.keymap in config.toml: ${printable(errorMessage(error))}`);
  }
}

/** The schema has checked them. */
function chordsOf(name: string): string[] {
  const read = readChord(name);
  return 'chord' in read ? [read.chord] : [];
}
