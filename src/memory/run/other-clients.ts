/** Watches while memories are made whether somebody else wants the server. */
import { setTimeout as delay } from 'node:timers/promises';
import { sameModel } from '../../model/capabilities.ts';
import type { ModelServer } from '../../model/server.ts';
import { localPort, otherConnections } from './connections.ts';

const POLL_MS = 400;
/** One more poll decides: a client that only asks what is loaded is gone by then. */
const LASTING_POLLS = 2;

export interface WatchedServer {
  readonly client: Pick<ModelServer, 'running' | 'host'>;
  readonly model: string;
  readonly pollMs?: number;
}

/** Resolves with what was seen, or with nothing once `signal` aborts. Never rejects. */
export async function untilOthersAsk(
  { client, model, pollMs = POLL_MS }: WatchedServer,
  signal: AbortSignal,
): Promise<string | undefined> {
  const connections = new NewConnections(client.host);
  const models = new ModelList(client, model);
  while (!signal.aborted) {
    const seen = connections.look() ?? (await models.look(signal));
    if (seen !== undefined && !signal.aborted) return seen;
    await delay(pollMs, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

/** Connections that were not there when the watch began, and stay. */
class NewConnections {
  readonly #port: number | undefined;
  readonly #before: ReadonlySet<string>;
  /** How often each one was seen. */
  #seen = new Map<string, number>();

  constructor(host: string) {
    this.#port = localPort(host);
    this.#before = this.#all();
  }

  look(): string | undefined {
    const news = [...this.#all()].filter((inode) => !this.#before.has(inode));
    this.#seen = new Map(news.map((inode) => [inode, (this.#seen.get(inode) ?? 0) + 1]));
    const isAsking = [...this.#seen.values()].some((times) => times >= LASTING_POLLS);
    return isAsking ? 'another program asks the server' : undefined;
  }

  #all(): ReadonlySet<string> {
    return this.#port === undefined ? new Set() : otherConnections(this.#port);
  }
}

/** What the server has in memory: another model, or ours with another window, was loaded for somebody else. */
class ModelList {
  readonly #client: Pick<ModelServer, 'running'>;
  readonly #model: string;
  #before: ReadonlyMap<string, unknown> | undefined;

  constructor(client: Pick<ModelServer, 'running'>, model: string) {
    this.#client = client;
    this.#model = model;
  }

  async look(signal: AbortSignal): Promise<string | undefined> {
    const entries = await this.#client.running(signal).catch(() => undefined);
    if (entries === undefined) return undefined;
    const now = new Map(entries.map((entry) => [String(entry.name ?? entry.model), entry.context_length]));
    const before = this.#before;
    this.#before = now;
    if (before === undefined) return undefined;
    const others = [...now.keys()].filter((name) => !sameModel(name, this.#model));
    if (others.some((name) => !before.has(name))) return 'another model was loaded';
    const [was, is] = [before, now].map((list) =>
      [...list].find(([name]) => sameModel(name, this.#model))?.at(1),
    );
    return was !== undefined && was !== is ? 'the model was loaded again' : undefined;
  }
}
