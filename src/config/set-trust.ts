/** Saves the user's decision about a folder. */
import path from 'node:path';
import { setInConfig } from './edit-config.ts';
import { ConfigError, printable } from './errors.ts';
import { projectHash } from './project-file.ts';
import type { TrustLevel } from './trust.ts';

/**
 * Sets `[projects."DIR"] trust_level` in `HOME/config.toml`; for `trusted` also `config_sha256`, which ties the trust
 * to the present content of the folder's own configuration.
 *
 * @param home oagent's folder, absolute.
 * @param dir the trusted or untrusted folder, absolute.
 * @throws ConfigError that says what to write by hand, if it cannot be saved.
 */
export function setTrust(home: string, dir: string, level: TrustLevel): void {
  setInConfig(
    home,
    ['projects', listable(dir)],
    level === 'trusted' ? { trust_level: level, config_sha256: projectHash(dir) } : { trust_level: level },
  );
}

/** @returns the folder. @throws ConfigError if no table can be named after it. */
export function listable(dir: string): string {
  if (path.isAbsolute(dir) && !dir.includes('\ufffd') && dir.isWellFormed()) return dir;
  throw new ConfigError(
    `${printable(dir)}: settings can only be saved for a folder with an absolute path in valid UTF-8`,
  );
}
