/**
 * Finds the server in the configuration, and its headers. An unusable provider is an error only here, when it is used,
 * so that a file that names one can still be shown and changed. Does not read OLLAMA_HOST or know the default port:
 * without an address the client decides.
 */
import { ConfigError, printable } from './errors.ts';
import { formatKeyPath } from './key-path.ts';
import type { Config } from './schema.ts';
import { valueAt } from './table.ts';

interface Provider {
  readonly id: string;
  /** Not the built-in one, which is Ollama: what kind of server it is, the server itself will tell. */
  readonly other?: OtherServer;
  /** Without a trailing slash or `/v1`; absent: the client's own default. */
  readonly baseUrl?: string;
  readonly headers: { readonly [name: string]: string };
  /** Milliseconds without a byte until a stream counts as dead. */
  readonly idleTimeoutMs: number;
  /** How often a request that failed is sent again; undefined: as often as usual. */
  readonly maxRetries: number | undefined;
}

interface OtherServer {
  /** For the user. */
  readonly name: string;
  /** Where OpenAI's API is at its address. */
  readonly apiPath: string;
  readonly wire: string | undefined;
  /** Added to every address. */
  readonly query: { readonly [name: string]: string } | undefined;
  /** The variable that has its key. */
  readonly keyVariable: string | undefined;
}

const OLLAMA = 'ollama';

/**
 * The provider in use. The built-in `ollama` takes its address from openai_base_url (set by an SDK for this run), its own
 * base_url, then ollama.host. Throws a ConfigError for any other one that the configuration gives no `base_url`.
 */
export function resolveProvider(config: Config, env: NodeJS.ProcessEnv = process.env): Provider {
  const id = config.model_provider;
  const known = valueAt(config.model_providers, [id]) === undefined ? undefined : config.model_providers[id];
  if (id !== OLLAMA && known?.base_url === undefined) throw unusable(config, id);
  if (id === OLLAMA && config.oss_provider !== undefined && config.oss_provider !== OLLAMA) {
    throw new ConfigError(
      `oss_provider is "${printable(config.oss_provider)}", but the provider "ollama" is Ollama.\n` +
        'Remove it, or set model_provider to a provider with the base_url of that server.',
    );
  }
  const address =
    id === OLLAMA ? (config.openai_base_url ?? known?.base_url ?? config.ollama.host) : known?.base_url;
  const baseUrl = address === undefined ? '' : serverRoot(address);
  return {
    id,
    baseUrl: baseUrl === '' ? undefined : baseUrl,
    headers: headersOf(
      known,
      id === OLLAMA ? { keyVariable: 'OLLAMA_API_KEY', headers: config.ollama.headers } : {},
      env,
    ),
    idleTimeoutMs: known?.stream_idle_timeout_ms ?? config.ollama.idle_timeout_ms,
    maxRetries: known?.request_max_retries,
    ...(id !== OLLAMA && { other: otherServer(id, known, address) }),
  };
}

function otherServer(
  id: string,
  known: Config['model_providers'][string] | undefined,
  address = '',
): OtherServer {
  return {
    name: known?.name ?? id,
    apiPath: /(?:\/+api)?\/+v\d+(?=\/*$)/.exec(address.trim())?.[0].replace(/\/+/g, '/') ?? '/v1',
    wire: known?.wire_api,
    query: known?.query_params,
    keyVariable: known?.env_key,
  };
}

function unusable(config: Config, id: string): ConfigError {
  const table = formatKeyPath(['model_providers', id]);
  const usable = Object.entries(config.model_providers)
    .filter(([name, provider]) => name !== OLLAMA && provider.base_url !== undefined)
    .map(([name]) => printable(name));
  return new ConfigError(
    `model_provider is "${printable(id)}", but no [${table}] with a base_url is defined.\n` +
      `Set model_provider to one of: ${[OLLAMA, ...usable].join(', ')}; or give [${table}] the base_url of your own server, such as "http://127.0.0.1:8080/v1".`,
  );
}

/** The root of the server: addresses for OpenAI clients end in `/v1`, Ollama's own API starts above that. */
function serverRoot(address: string): string {
  const root = trimSlashes(address.trim());
  return root.endsWith('/v1') ? trimSlashes(root.slice(0, -'/v1'.length)) : root;
}

function trimSlashes(text: string): string {
  let end = text.length;
  while (text[end - 1] === '/') end--;
  return text.slice(0, end);
}

interface OwnHeaders {
  readonly keyVariable?: string;
  readonly headers?: { readonly [name: string]: string } | undefined;
}

/** @param own what is sent where the table of the provider says nothing: the key of one server is nothing for another. */
function headersOf(
  provider: Config['model_providers'][string] | undefined,
  own: OwnHeaders,
  env: NodeJS.ProcessEnv,
): { readonly [name: string]: string } {
  const headers: { [name: string]: string } = {};
  const variable = provider?.env_key ?? own.keyVariable;
  const token = variable === undefined ? undefined : env[variable];
  if (token) headers.Authorization = `Bearer ${token}`;
  Object.assign(headers, provider?.http_headers, own.headers);
  for (const [name, source] of Object.entries(provider?.env_http_headers ?? {})) {
    const value = env[source];
    if (value) headers[name] = value;
  }
  return headers;
}
