/**
 * Which of several hosts a session uses: the first, in the order of the user, that answers in time and has the model.
 *
 * All are asked at once, so that one that is off costs its time limit and no more; an answer counts only when all before it are known.
 * Loaded only where there are several.
 */
import { type InstalledModel, sameModel } from '../model/capabilities.ts';
import { type ChosenModel, chooseLoaded } from '../model/choose.ts';
import { OllamaClient } from '../model/client.ts';
import { ModelError } from '../model/errors.ts';
import type { Endpoint } from '../model/transport.ts';
import type { HostAnswer } from '../protocol.ts';
import { timeLimit } from '../system/within.ts';
import { isCloudName } from '../text/cloud-name.ts';
import { errorMessage } from '../text/error-message.ts';
import type { ChosenHost } from './chosen-host.ts';

interface Wanted {
  /** The model; undefined: any that can call tools. */
  readonly wanted: string | undefined;
  /** Milliseconds within which a host has to answer. */
  readonly limitMs: number;
}

/** What a host has said of itself. */
type Probe =
  | { readonly isThere: true; readonly ms: number; readonly installed: readonly InstalledModel[] }
  | { readonly isThere: false; readonly says: string };

/** No host can be used. `answering` is the first that answers: models can be pulled there. */
export class NoHostError extends ModelError {
  readonly hosts: readonly HostAnswer[];
  readonly answering: Endpoint | undefined;

  constructor(message: string, hosts: readonly HostAnswer[], answering: Endpoint | undefined) {
    super(message, 'fail');
    this.hosts = hosts;
    this.answering = answering;
  }
}

/**
 * @param endpoints best first.
 * @throws NoHostError; the signal's reason once it is aborted.
 */
export async function chooseHost(
  endpoints: readonly Endpoint[],
  { wanted, limitMs }: Wanted,
  signal: AbortSignal,
): Promise<ChosenHost> {
  const rest = new AbortController();
  const limit = AbortSignal.any([signal, rest.signal]);
  const asked = endpoints.map((endpoint) => new AskedHost(endpoint, limitMs, limit));
  const said: HostAnswer[] = [];
  let answering: Endpoint | undefined;
  try {
    for (const host of asked) {
      const probe = await host.probe;
      signal.throwIfAborted();
      if (probe.isThere) answering ??= host.endpoint;
      const found = await host.modelIn(probe, wanted, signal);
      if (!('says' in found)) {
        const hosts = asked.map((one, at) => said[at] ?? one.answer(one === host));
        return { endpoint: host.endpoint, model: found, hosts };
      }
      said.push({ host: host.name, says: found.says });
    }
  } finally {
    rest.abort();
  }
  const each = said.map(({ host, says }) => `  ${host}: ${says}`);
  const cure =
    answering === undefined ? 'Start one of them' : `Get the model with \`ollama pull\` on one that answers`;
  const text = `none of the hosts in ollama.hosts can be used:\n${each.join('\n')}\n${cure}, or name another host with OLLAMA_HOST`;
  throw new NoHostError(text, said, answering);
}

/** What each host says, for a report. Every one is waited for, and none chosen. */
export async function askHosts(
  endpoints: readonly Endpoint[],
  { wanted, limitMs }: Wanted,
  signal: AbortSignal,
): Promise<readonly (HostAnswer & { readonly isUsable: boolean })[]> {
  return Promise.all(
    endpoints.map(async (endpoint) => {
      const host = new AskedHost(endpoint, limitMs, signal);
      const found = await host.modelIn(await host.probe, wanted, signal);
      return 'says' in found
        ? { host: host.name, says: found.says, isUsable: false }
        : { ...host.answer(false), isUsable: true };
    }),
  );
}

class AskedHost {
  readonly endpoint: Endpoint;
  readonly probe: Promise<Probe>;
  readonly #client: OllamaClient;
  #ms: number | undefined;

  constructor(endpoint: Endpoint, limitMs: number, signal: AbortSignal) {
    this.endpoint = endpoint;
    this.#client = new OllamaClient(endpoint);
    this.probe = this.#ask(limitMs, signal);
  }

  /** Without credentials. */
  get name(): string {
    return this.#client.host;
  }

  /** Of a host with nothing against it. */
  answer(isUsed: boolean): HostAnswer {
    const says = this.#ms === undefined ? 'not needed' : `answers in ${this.#ms} ms`;
    return isUsed ? { host: this.name, says, isUsed } : { host: this.name, says };
  }

  /** The model to be used on it, or why there is none. */
  async modelIn(
    probe: Probe,
    wanted: string | undefined,
    signal: AbortSignal,
  ): Promise<ChosenModel | { readonly says: string }> {
    if (!probe.isThere) return probe;
    if (wanted !== undefined && !has(probe.installed, wanted)) return { says: `${wanted} is not installed` };
    try {
      return await chooseLoaded(this.#client, wanted, signal, true);
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      return { says: briefly(error) };
    }
  }

  async #ask(limitMs: number, signal: AbortSignal): Promise<Probe> {
    const start = performance.now();
    const limit = timeLimit(limitMs, signal);
    try {
      const installed = await this.#client.installed(limit);
      this.#ms = Math.max(1, Math.round(performance.now() - start));
      return { isThere: true, ms: this.#ms, installed };
    } catch (error) {
      return { isThere: false, says: limit.aborted ? `no answer in ${limitMs} ms` : briefly(error) };
    }
  }
}

/** The address is named already, and what to do is said once, for all of them. */
function briefly(error: unknown): string {
  return (error instanceof ModelError ? error.brief : undefined) ?? errorMessage(error);
}

function has(installed: readonly InstalledModel[], wanted: string): boolean {
  // A model in the cloud need not be listed.
  if (isCloudName(wanted)) return true;
  return installed.some(({ name }) => sameModel(name, wanted) || sameModel(`ollama/${name}`, wanted));
}
