/** Saves whether sessions in a folder make and use memories. */
import { setInConfig } from './edit-config.ts';
import { listable } from './set-trust.ts';

/**
 * Sets `[projects."DIR"] memories` in `HOME/config.toml`.
 *
 * @param home oagent's folder, absolute.
 * @param dir absolute; what is below it follows.
 * @throws ConfigError that says what to write by hand, if it cannot be saved.
 */
export function setMemoriesIn(home: string, dir: string, isOn: boolean): void {
  setInConfig(home, ['projects', listable(dir)], { memories: isOn });
}
