/**
 * Which programs that a project brings the user has allowed: `[projects."DIR".extensions]`, by what it is (`mcp:NAME`,
 * `hook:NAME`), with the hash of the content that was shown. Other content is unknown again.
 */
import { setInConfig } from './edit-config.ts';
import type { Config } from './schema.ts';
import { listable } from './set-trust.ts';

export type ExtensionTrust = 'allowed' | 'refused' | 'unknown';

/** @param root as `projects` lists it (`projectTrust`). @param hash SHA-256 of what would run, hexadecimal. */
export function extensionTrust(
  { projects }: Pick<Config, 'projects'>,
  root: string,
  id: string,
  hash: string,
): ExtensionTrust {
  const said = projects[root]?.extensions?.[id];
  if (said === `allowed ${hash}`) return 'allowed';
  return said === `refused ${hash}` ? 'refused' : 'unknown';
}

/** @throws ConfigError that says what to write by hand, if it cannot be saved. */
export function setExtensionTrust(
  home: string,
  root: string,
  id: string,
  hash: string,
  trust: Exclude<ExtensionTrust, 'unknown'>,
): void {
  setInConfig(home, ['projects', listable(root), 'extensions'], { [id]: `${trust} ${hash}` });
}
