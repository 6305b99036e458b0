/** Which configured values must not be shown. */
import { looksSecret, MASK } from '../text/secrets.ts';
import type { Config } from './schema.ts';

const SECRET_TABLES: ReadonlySet<string> = new Set(['http_headers', 'query_params', 'chroma_headers']);

const ADDRESS_KEYS: ReadonlySet<string> = new Set(['base_url', 'openai_base_url', 'host', 'chroma_url']);

function isAddress(names: readonly string[]): boolean {
  return ADDRESS_KEYS.has(names.at(-1) ?? '') || (names[0] === 'ollama' && names[1] === 'hosts');
}

/** True if the value of this key may be a secret, whatever its name. */
export function isSecretKey(path: readonly PropertyKey[]): boolean {
  const names = path.map(String);
  const variables = names.indexOf('shell_environment_policy') + 1;
  if (names[0] === 'ollama' && names[1] === 'headers') return true;
  if (names[0] === 'mcp_servers' && names[2] === 'env') return true;
  return names.some((name) => SECRET_TABLES.has(name)) || (variables > 0 && names[variables] === 'set');
}

/** The secret values in the configuration and in the variables that it names, to find them in other texts. */
export function secretValues(config: Config, env: NodeJS.ProcessEnv): string[] {
  const named = Object.values(config.model_providers).flatMap(({ env_key, env_http_headers = {} }) =>
    [env_key ?? '', ...Object.values(env_http_headers)].map((name) => env[name] ?? ''),
  );
  const ofServers = Object.values(config.mcp_servers).flatMap((server) =>
    [server.bearer_token_env_var, ...Object.values(server.env_http_headers ?? {})].map(
      (name) => env[name ?? ''] ?? '',
    ),
  );
  const credentials = /^(?:\w+:\/\/)?(?:.*:)?(.+)@/.exec(env.OLLAMA_HOST ?? '')?.[1] ?? '';
  return [...named, ...ofServers, env.OLLAMA_API_KEY ?? '', credentials, ...secretsIn([], config)];
}

/** These and the variables of the environment that look like secrets. */
export function allSecrets(config: Config, env: NodeJS.ProcessEnv): string[] {
  const variables = Object.entries(env).flatMap(([name, value = '']) =>
    looksSecret(name, value) ? [value] : [],
  );
  return [...secretValues(config, env), ...variables];
}

function secretsIn(path: readonly string[], value: unknown): string[] {
  if (typeof value === 'string') return isSecretKey(path) ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => secretsIn([...path, key], item));
}

/** The value as it may be shown: secrets are masked, and so are the user and the query of a server's address. */
export function maskSecret(path: readonly PropertyKey[], value: unknown): unknown {
  if (isSecretKey(path)) return MASK;
  if (Array.isArray(value)) return value.map((item) => maskSecret(path, item));
  if (typeof value !== 'string' || !isAddress(path.map(String))) return value;
  return value.replace(/^([\w+.-]+:\/\/)?[^/?#]*@/, `$1${MASK}@`).replace(/\?.*$/s, `?${MASK}`);
}
