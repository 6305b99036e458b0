/**
 * Which configured values must not be shown. Owns: the list and the mask. Does not: keep them off the wire.
 */

const SECRET_TABLES: ReadonlySet<string> = new Set(['http_headers', 'query_params']);

const ADDRESS_KEYS: ReadonlySet<string> = new Set(['base_url', 'openai_base_url', 'host']);

const MASK = '********';

/** Is this key's value one that may hold a secret, whatever its name? */
export function isSecretKey(path: readonly PropertyKey[]): boolean {
  const names = path.map(String);
  const variables = names.indexOf('shell_environment_policy') + 1;
  return names.some((name) => SECRET_TABLES.has(name)) || (variables > 0 && names[variables] === 'set');
}

/** The value as it may be shown: secrets masked, also the user and the query of a server's address. */
export function maskSecret(path: readonly PropertyKey[], value: unknown): unknown {
  if (isSecretKey(path)) return MASK;
  if (typeof value !== 'string' || !ADDRESS_KEYS.has(String(path.at(-1)))) return value;
  return value.replace(/^([\w+.-]+:\/\/)?[^/?#]*@/, `$1${MASK}@`).replace(/\?.*$/s, `?${MASK}`);
}
