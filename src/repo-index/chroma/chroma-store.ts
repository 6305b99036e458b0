/**
 * Vectors in one collection of a Chroma server, ours or the user's, over the `chromadb` client.
 *
 * Invariants: ids and vectors only, no documents, no embedding function, cosine; batches small enough that a query never
 * waits long for one; the client has no time limits, so every call here has one, and a call that exceeds it
 * ends all calls of this store: such a server is not worth waiting for. The client is
 * imported when it is first used: it costs 60 ms and 18 MB.
 */
import type { ChromaClient, Collection } from 'chromadb';
import { within } from '../../system/within.ts';
import { errorMessage } from '../../text/error-message.ts';
import {
  type CallOptions,
  type VectorHit,
  type VectorItem,
  type VectorStore,
  VectorStoreError,
  type VectorStoreFault,
} from '../vectors/vector-store.ts';

export interface ChromaAddress {
  readonly host: string;
  readonly port: number;
  readonly ssl: boolean;
  readonly headers?: { readonly [name: string]: string };
  readonly tenant?: string;
  readonly database?: string;
}

/** Larger batches are not faster, and queries wait seconds for them. */
const BATCH = 100;
const TIMEOUT_MS = 10_000;

/** @throws VectorStoreError if it is not the address of a server. */
export function parseChromaUrl(url: string): Pick<ChromaAddress, 'host' | 'port' | 'ssl'> {
  const parsed = URL.parse(/^[a-z]+:\/\//i.test(url) ? url : `http://${url}`);
  if (!parsed || !['http:', 'https:'].includes(parsed.protocol) || !/^\/?$/.test(parsed.pathname)) {
    throw new VectorStoreError(
      'refused',
      `index.chroma_url is not an address such as http://host:8000: ${url}`,
    );
  }
  const ssl = parsed.protocol === 'https:';
  // The URL parser hides a port that is the protocol's own.
  const usual = ssl ? 443 : /:80\/?$/.test(url) ? 80 : 8000;
  return { host: parsed.hostname, port: parsed.port === '' ? usual : Number(parsed.port), ssl };
}

/** A name that Chroma accepts, for vectors that can be compared with each other. @param owner tells repositories apart. */
export function collectionName(owner: string, model: string, dimensions: number): string {
  const slug = (text: string): string =>
    text
      .replace(/[^a-zA-Z0-9]+/g, '-')
      .replace(/^-|-$/g, '')
      .slice(0, 120);
  return ['oagent', slug(owner), slug(model), dimensions, 'v1'].filter((part) => part !== '').join('-');
}

export class ChromaStore implements VectorStore {
  readonly #name: string;
  readonly #client: ChromaClient;
  readonly #lifetime: AbortController;
  readonly #timeoutMs: number;
  #collection: Promise<Collection> | undefined;

  private constructor(name: string, client: ChromaClient, lifetime: AbortController, timeoutMs: number) {
    this.#name = name;
    this.#client = client;
    this.#lifetime = lifetime;
    this.#timeoutMs = timeoutMs;
  }

  /** Sends nothing to the server yet. */
  static async open(address: ChromaAddress, name: string, timeoutMs = TIMEOUT_MS): Promise<ChromaStore> {
    const { ChromaClient } = await import('chromadb');
    const lifetime = new AbortController();
    const client = new ChromaClient({
      host: address.host,
      port: address.port,
      ssl: address.ssl,
      tenant: address.tenant ?? 'default_tenant',
      database: address.database ?? 'default_database',
      headers: address.headers === undefined ? undefined : { ...address.headers },
      fetchOptions: { signal: lifetime.signal },
    });
    return new ChromaStore(name, client, lifetime, timeoutMs);
  }

  async upsert(items: readonly VectorItem[], options: CallOptions): Promise<void> {
    for (let start = 0; start < items.length; start += BATCH) {
      const batch = items.slice(start, start + BATCH);
      await this.#call(options, (collection) =>
        collection.upsert({
          ids: batch.map(({ id }) => id),
          // The client sends float32 rows as base64; its types know only arrays of numbers.
          embeddings: batch.map(({ vector }) => vector) as unknown as number[][],
        }),
      );
    }
  }

  async delete(ids: readonly string[], options: CallOptions): Promise<void> {
    for (let start = 0; start < ids.length; start += BATCH) {
      const batch = ids.slice(start, start + BATCH);
      await this.#call(options, (collection) => collection.delete({ ids: batch }));
    }
  }

  async query(vector: Float32Array, k: number, options: CallOptions): Promise<VectorHit[]> {
    if (k <= 0) return [];
    const answer = await this.#call(options, (collection) =>
      // A Float32Array is refused here.
      collection.query({ queryEmbeddings: [Array.from(vector)], nResults: k, include: ['distances'] }),
    );
    const distances = answer.distances[0] ?? [];
    return (answer.ids[0] ?? []).map((id, index) => ({ id, score: 1 - (distances[index] ?? 1) }));
  }

  count(options: CallOptions): Promise<number> {
    return this.#call(options, (collection) => collection.count());
  }

  /** Empties the collection by creating it again, which also repairs one whose files are broken. */
  async reset(options: CallOptions): Promise<void> {
    this.#collection = undefined;
    await this.#limited(options, async () => {
      const { ChromaNotFoundError } = await import('chromadb');
      await this.#client.deleteCollection({ name: this.#name }).catch((error: unknown) => {
        if (!(error instanceof ChromaNotFoundError)) throw error;
      });
      await this.#open();
    });
  }

  /** Aborts the calls that are still running. */
  async close(): Promise<void> {
    this.#lifetime.abort(new VectorStoreError('gone', 'the store is closed'));
  }

  #open(): Promise<Collection> {
    this.#collection ??= this.#client.getOrCreateCollection({
      name: this.#name,
      configuration: { hnsw: { space: 'cosine' } },
      // Without this the client complains on the console that it has none.
      embeddingFunction: null,
    });
    return this.#collection;
  }

  #call<T>(options: CallOptions, work: (collection: Collection) => Promise<T>): Promise<T> {
    return this.#limited(options, async () => work(await this.#open()));
  }

  async #limited<T>({ signal, timeoutMs }: CallOptions, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const limitMs = timeoutMs ?? this.#timeoutMs;
    try {
      const waited = await within(work(), limitMs, signal);
      if (waited.kind === 'done') return waited.value;
      signal.throwIfAborted();
      void this.close();
      throw new VectorStoreError('timeout', `no answer in ${limitMs} ms`);
    } catch (error) {
      if (signal.aborted || error instanceof VectorStoreError) throw error;
      this.#collection = undefined;
      throw new VectorStoreError(faultOf(error), errorMessage(error));
    }
  }
}

function faultOf(error: unknown): VectorStoreFault {
  switch (error instanceof Error ? error.name : '') {
    case 'ChromaConnectionError':
    case 'AbortError':
    case 'TypeError':
      return 'gone';
    case 'ChromaNotFoundError':
      return 'missing';
    default:
      return 'refused';
  }
}
