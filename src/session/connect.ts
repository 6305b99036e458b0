/** The server that flags, OLLAMA_HOST and configuration name, in that order. */
import type { LoadedConfig } from '../config/load.ts';
import { resolveProvider } from '../config/provider.ts';
import { OllamaClient } from '../model/client.ts';
import { parseHost } from '../model/host.ts';
import type { Endpoint } from '../model/transport.ts';
import type { SessionPlan } from './plan.ts';

export interface Connection {
  readonly client: OllamaClient;
  /** Milliseconds without a byte after which a stream counts as dead. */
  readonly idleTimeoutMs: number;
}

type Named = Pick<SessionPlan, 'loaded' | 'env'>;

/** Sends nothing. @throws ConfigError if the address is not valid. */
export function connect(plan: Named): Connection {
  const { idleTimeoutMs } = resolveProvider(plan.loaded.config, plan.env);
  return { client: new OllamaClient(endpointOf(plan), idleTimeoutMs), idleTimeoutMs };
}

/** @throws ConfigError if the address is not valid. */
export function endpointOf({ loaded, env }: Named): Endpoint {
  const provider = resolveProvider(loaded.config, env);
  const fromEnv = env.OLLAMA_HOST?.trim() || undefined;
  const address = isAddressGiven(loaded) ? (provider.baseUrl ?? fromEnv) : (fromEnv ?? provider.baseUrl);
  return { host: parseHost(address), headers: provider.headers };
}

/** By `-c` or by a flag: then it wins over OLLAMA_HOST. */
function isAddressGiven({ origins }: LoadedConfig): boolean {
  return [...origins].some(
    ([key, origin]) => /base_url$|^ollama\.host$/.test(key) && ['-c', 'flag'].includes(origin),
  );
}
