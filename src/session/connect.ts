/** The server that flags, OLLAMA_HOST and configuration name, in that order; OLLAMA_HOST only names Ollama. */
import type { LoadedConfig } from '../config/load.ts';
import { resolveProvider } from '../config/provider.ts';
import { parseHost } from '../model/host.ts';
import { serverAt } from '../model/late-server.ts';
import type { ModelServer } from '../model/server.ts';
import type { ServerWords } from '../model/server-words.ts';
import type { Endpoint } from '../model/transport.ts';
import type { SessionPlan } from './plan.ts';

export interface Connection {
  readonly client: ModelServer;
  /** Milliseconds without a byte after which a stream counts as dead. */
  readonly idleTimeoutMs: number;
  /** How often a request that failed is sent again; undefined: as often as usual. */
  readonly maxRetries?: number | undefined;
}

type Named = Pick<SessionPlan, 'loaded' | 'env'>;

/** Sends nothing. @throws ConfigError if the address is not valid. */
export function connect(plan: Named): Connection {
  const { idleTimeoutMs, maxRetries } = resolveProvider(plan.loaded.config, plan.env);
  return { client: serverAt(endpointOf(plan), idleTimeoutMs), idleTimeoutMs, maxRetries };
}

/** @throws ConfigError if the address is not valid. */
export function endpointOf({ loaded, env }: Named): Endpoint {
  const provider = resolveProvider(loaded.config, env);
  const { id, headers, baseUrl, other } = provider;
  if (other !== undefined) {
    const { apiPath: path, wire, query } = other;
    return {
      host: parseHost(baseUrl),
      headers,
      query,
      words: wordsOf(id, other),
      api: { path, wire, provider: id },
    };
  }
  const fromEnv = env.OLLAMA_HOST?.trim() || undefined;
  const address = isAddressGiven(loaded) ? (baseUrl ?? fromEnv) : (fromEnv ?? baseUrl);
  return { host: parseHost(address), headers };
}

/** By `-c` or by a flag: then it wins over OLLAMA_HOST. */
function isAddressGiven({ origins }: LoadedConfig): boolean {
  return [...origins].some(
    ([key, origin]) => /base_url$|^ollama\.host$/.test(key) && ['-c', 'flag'].includes(origin),
  );
}

/** Until the server has told what it is, it has the name that the user gave it. */
function wordsOf(
  id: string,
  { name, keyVariable }: NonNullable<ReturnType<typeof resolveProvider>['other']>,
): ServerWords {
  const table = `[model_providers.${id}]`;
  const key = keyVariable ?? `\`env_key\` of ${table}`;
  return {
    name,
    address: `\`base_url\` of ${table}`,
    start: 'start it',
    key: keyVariable === undefined ? `name the variable that has it as ${key}` : `set ${keyVariable}`,
    headers: `${key} and \`http_headers\` of ${table}`,
    get: 'Name one that the server has, or start it with this one',
    silence: `\`stream_idle_timeout_ms\` of ${table}`,
    log: 'what it prints where it was started',
  };
}
