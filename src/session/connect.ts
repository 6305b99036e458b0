/**
 * The server that flags, OLLAMA_HOST and configuration name, in that order; OLLAMA_HOST only names Ollama. Only `ollama.hosts` names
 * several: then which one is used was found out by asking them (host-choice.ts), and the plan says it.
 */
import type { LoadedConfig } from '../config/load.ts';
import { isGiven } from '../config/origins.ts';
import { resolveProvider } from '../config/provider.ts';
import type { Config } from '../config/schema.ts';
import { parseHost, serverId } from '../model/host.ts';
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

/** Enough on a local network; nobody waits long for a machine that is off. */
const ANSWER_MS = 300;

type Named = Pick<SessionPlan, 'loaded' | 'env' | 'server'>;

/** Sends nothing. @throws ConfigError if the address is not valid. */
export function connect(plan: Named & Pick<SessionPlan, 'home'>): Connection {
  const { idleTimeoutMs, maxRetries } = resolveProvider(plan.loaded.config, plan.env);
  return { client: serverAt(endpointOf(plan), idleTimeoutMs, plan.home), idleTimeoutMs, maxRetries };
}

/** The one that is used; of several, before any was asked, the first. @throws ConfigError if the address is not valid. */
export function endpointOf(plan: Named): Endpoint {
  if (plan.server !== undefined) return plan.server.endpoint;
  const [first] = endpointsOf(plan);
  return first;
}

/** All that may be used, best first. @throws ConfigError if the address is not valid. */
export function endpointsOf({ loaded, env }: Named): readonly [Endpoint, ...Endpoint[]] {
  const provider = resolveProvider(loaded.config, env);
  if (provider.other !== undefined) return [otherEndpoint(provider, provider.other)];
  const { baseUrl, headers } = provider;
  const fromEnv = env.OLLAMA_HOST?.trim() || undefined;
  const { hosts = [] } = loaded.config.ollama;
  const isOne = isKeyGiven(loaded, /base_url$|^ollama\.host$/);
  const one = isOne ? (baseUrl ?? fromEnv) : (fromEnv ?? baseUrl);
  const areGiven = !isOne && isKeyGiven(loaded, /^ollama\.hosts(?:\.|$)/);
  const addresses = one !== undefined && !(areGiven && hosts.length > 0) ? [one] : hosts;
  // One server by two of its names is asked once, by the first.
  const all = addresses.map(parseHost);
  const [first, ...others] = all.filter(
    (host, at) => all.findIndex((other) => serverId(other) === serverId(host)) === at,
  );
  const endpoint = (host: string): Endpoint => ({ host, headers });
  return [endpoint(first ?? parseHost(undefined)), ...others.map(endpoint)];
}

type Provider = ReturnType<typeof resolveProvider>;

function otherEndpoint({ id, headers, baseUrl }: Provider, other: NonNullable<Provider['other']>): Endpoint {
  const { apiPath: path, wire, query } = other;
  return {
    host: parseHost(baseUrl),
    headers,
    query,
    words: wordsOf(id, other),
    api: { path, wire, provider: id },
  };
}

/** Then it wins over OLLAMA_HOST. */
function isKeyGiven({ origins }: LoadedConfig, key: RegExp): boolean {
  return [...origins].some(([name, origin]) => key.test(name) && isGiven(origin));
}

/** Milliseconds within which each of several hosts has to answer. */
export function answerLimitMs({ ollama }: Pick<Config, 'ollama'>): number {
  return ollama.connect_timeout_ms ?? ANSWER_MS;
}

/** The plan with one host of several, and its model; each of them is asked. A plan with a single host stays as it is. @throws ModelError */
export async function onOneHost<P extends Named>(plan: P, signal: AbortSignal): Promise<P> {
  const endpoints = endpointsOf(plan);
  if (plan.server !== undefined || endpoints.length === 1) return plan;
  const { chooseHost } = await import('./host-choice.ts');
  const { config } = plan.loaded;
  const asked = { wanted: config.model, limitMs: answerLimitMs(config) };
  return { ...plan, server: await chooseHost(endpoints, asked, signal) };
}

/** Until the server has told what it is, it has the name that the user gave it. */
function wordsOf(id: string, { name, keyVariable }: NonNullable<Provider['other']>): ServerWords {
  const table = `[model_providers.${id}]`;
  const key = keyVariable ?? `\`env_key\` of ${table}`;
  return {
    name,
    address: `\`base_url\` of ${table}`,
    start: 'start it',
    key: keyVariable === undefined ? `name the variable that has it as ${key}` : `set ${keyVariable}`,
    headers: `${key} and \`http_headers\` of ${table}`,
    get: 'Name one that the server has, or start it with this one',
    slowLoad: 'give it more time, or start it with a smaller model',
    memory: 'Start it with a smaller window, with a smaller type of cache, or with a smaller model',
    silence: `\`stream_idle_timeout_ms\` of ${table}`,
    log: 'what it prints where it was started',
  };
}
