/**
 * Whether the embedding model may be used now without pushing another model out of the server's memory: the chat model of a session
 * would have to be loaded again and to read its whole conversation again.
 *
 * The server does not say how much it holds, and a model that is being loaded is in no list. So only what was seen counts: models that
 * were listed together fit together, until one of them is missing where it should not be. Invariant: what may be in memory is never
 * pushed out to find that out, except where the user has asked for it (`isForced`).
 */
import { setTimeout as delay } from 'node:timers/promises';
import { sameModel } from '../../model/capabilities.ts';
import { isCloudName } from '../../text/cloud-name.ts';
import type { EmbedClient } from './embed-call.ts';
import { loadedModels } from './embed-models.ts';
import type { VectorDb } from './vector-db.ts';

export interface MemoryOptions {
  /** The chat model is at work. Default: never. */
  readonly isChatBusy?: () => boolean;
  /** The chat model's name, once there is one. */
  readonly chatModel?: () => string | undefined;
  /** Other models may be pushed out. */
  readonly isForced?: boolean;
}

interface Seen {
  readonly isLoaded: boolean;
  /** The other models. */
  readonly others: readonly string[];
}

const POLL_MS = 200;
/** Sets of models that were in memory together with this one. */
const MOST_KNOWN = 8;

export class EmbedMemory {
  readonly #client: Pick<EmbedClient, 'running'>;
  readonly #model: string;
  readonly #db: Pick<VectorDb, 'neighbours' | 'setNeighbours'>;
  readonly #options: MemoryOptions;
  #last: Seen = { isLoaded: false, others: [] };

  constructor(
    client: Pick<EmbedClient, 'running'>,
    model: string,
    db: Pick<VectorDb, 'neighbours' | 'setNeighbours'>,
    options: MemoryOptions,
  ) {
    this.#client = client;
    this.#model = model;
    this.#db = db;
    this.#options = options;
  }

  /** Resolves when a batch may be embedded; `onWait` is called with the reason once if it has to wait. */
  async waitForTurn(signal: AbortSignal, onWait: (reason: string) => void): Promise<void> {
    for (let hasWaited = false; ; hasWaited = true) {
      const reason = await this.obstacle(signal);
      if (reason === undefined) return;
      if (!hasWaited) onWait(reason);
      await delay(POLL_MS, undefined, { signal });
    }
  }

  /** Why nothing may be embedded now; undefined: it may. @throws ModelError; the signal's reason. */
  async obstacle(signal: AbortSignal): Promise<string | undefined> {
    signal.throwIfAborted();
    const { isLoaded, others } = await this.#look(signal);
    if (this.#options.isForced) return undefined;
    const chat = this.#options.chatModel?.();
    const isLoading =
      chat !== undefined && !isCloudName(chat) && !has(others, chat) && this.#options.isChatBusy?.();
    const all = isLoading ? [...others, chat] : others;
    if (all.length === 0 || (isLoaded && !isLoading)) return undefined;
    if (this.#db.neighbours().some((known) => all.every((name) => has(known, name)))) return undefined;
    return `the server was never seen to hold ${all.join(' and ')} together with ${this.#model} (\`oagent index build\` finds out)`;
  }

  /** The embedding model has just answered: what is still there? @throws ModelError; the signal's reason. */
  async learn(signal: AbortSignal): Promise<void> {
    await this.#look(signal);
  }

  async #look(signal: AbortSignal): Promise<Seen> {
    const loaded = await loadedModels(this.#client, signal);
    const now = {
      isLoaded: has(loaded, this.#model),
      others: loaded.filter((name) => !sameModel(name, this.#model)).sort(),
    };
    const before = this.#last;
    this.#last = now;
    if (now.isLoaded && now.others.length > 0) this.#add(now.others);
    // One came and the other went. It may have left by itself: then it is seen again.
    if (now.isLoaded && !before.isLoaded)
      this.#remove(before.others.filter((name) => !has(now.others, name)));
    if (!now.isLoaded && before.isLoaded)
      this.#remove(now.others.filter((name) => !has(before.others, name)));
    return now;
  }

  #add(others: readonly string[]): void {
    const known = this.#db.neighbours();
    if (known.some((set) => others.every((name) => has(set, name)))) return;
    const larger = known.filter((set) => !set.every((name) => has(others, name)));
    this.#db.setNeighbours([others, ...larger].slice(0, MOST_KNOWN));
  }

  #remove(names: readonly string[]): void {
    const known = this.#db.neighbours();
    const left = known.filter((set) => !names.some((name) => has(set, name)));
    if (left.length < known.length) this.#db.setNeighbours(left);
  }
}

function has(names: readonly string[], name: string): boolean {
  return names.some((other) => sameModel(other, name));
}
