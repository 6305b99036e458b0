/**
 * The repository index as an interactive session uses it: in a thread of its own, which follows the folder and tells its status.
 * Nothing is loaded or started before `start`.
 */
import { distrustedFolders } from '../system/find-program.ts';
import { within } from '../system/within.ts';
import {
  IndexQueries,
  indexFolder,
  placeInIndex,
  type QueriesOptions,
  type QueryOptions,
} from './queries.ts';
import type { Progress } from './reading/indexer.ts';
import type { SearchHit } from './search/search.ts';
import type { Why } from './search/why.ts';
import type { ChatState, Embedded, VectorSetup } from './vectors/vector-side.ts';
import { WorkerClient } from './worker-client.ts';
import type { WorkerStatus } from './worker-protocol.ts';

/** The status of a thread that has died before it reported one. */
const NOTHING: WorkerStatus = { state: 'failed', files: 0, waiting: 0, chunks: 0, commits: 0, unnamable: 0 };

/** For the vector of the question. */
const WHY_PATIENCE_MS = 3_000;

export interface IndexServiceOptions extends QueriesOptions {
  /** oagent's own folder. */
  readonly home: string;
  /** Follow changes. Default true. */
  readonly watch?: boolean;
  /** Undefined: a search is by words alone. */
  readonly vectors?: VectorSetup;
  readonly onProgress?: (progress: Progress) => void;
  readonly onStatus?: (status: ServiceStatus) => void;
}

export type ServiceStatus = WorkerStatus | { readonly state: 'off' };

export class IndexService extends IndexQueries {
  readonly #options: IndexServiceOptions;
  readonly #ready = Promise.withResolvers<void>();
  #wasReady = false;
  #worker: WorkerClient | undefined;
  #status: ServiceStatus = { state: 'off' };
  #chat: ChatState | undefined;

  /** @throws Error if `cwd` does not exist. */
  constructor(options: IndexServiceOptions) {
    super(options);
    this.#options = options;
  }

  /** Starts the thread. Once; later calls do nothing. */
  start(): void {
    if (this.#worker !== undefined) return;
    this.#started();
    this.#tellChat();
    void this.update().catch(() => this.freshStatus());
  }

  /** Resolves when all of the folder is in the index. @throws Error if it cannot be listed. */
  async update(): Promise<void> {
    await this.#started().call('update', {});
    await this.freshStatus();
  }

  /** Resolves when all chunks that can be embedded now are. */
  async embedded(): Promise<void> {
    await this.#worker?.call('embedded', {});
    await this.freshStatus();
  }

  /** Vectors of texts that are no code; undefined: none are made. @throws Error if the model fails, or the thread ends. */
  async embed(texts: readonly string[]): Promise<Embedded | undefined> {
    return (await this.#worker?.call('embed', { texts })) ?? undefined;
  }

  /** Why a file (absolute) is where it is for a question, or is not found. @throws Error if it is outside, or there is no index. */
  async why(query: string, file: string): Promise<Why> {
    const name = placeInIndex(this.root, file);
    if (name === undefined) throw new Error(`${file} is outside of ${this.root}: name a file inside it`);
    if (this.#worker === undefined) throw new Error('there is no index');
    return this.#worker.call('why', { query, name, patienceMs: WHY_PATIENCE_MS });
  }

  /** The state of the chat model, which the embedding model makes way for. */
  chat(state: ChatState): void {
    this.#chat = state;
    this.#tellChat();
  }

  /** As of the last update. */
  status(): ServiceStatus {
    return this.#status;
  }

  /** As of now, asked of the thread. */
  async freshStatus(): Promise<ServiceStatus> {
    if (this.#worker !== undefined)
      this.#hear(await this.#worker.call('status', {}).catch(() => this.#status));
    return this.#status;
  }

  async close(): Promise<void> {
    await this.#worker?.close();
  }

  #started(): WorkerClient {
    const { home, watch = true, vectors, onProgress } = this.#options;
    this.#worker ??= new WorkerClient({
      data: {
        root: this.root,
        folder: indexFolder(home, this.root),
        watch,
        distrusted: distrustedFolders(),
        vectors,
      },
      onProgress,
      onStatus: (status) => this.#hear(status),
      onDeath: (reason) => this.#hearDeath(reason),
    });
    return this.#worker;
  }

  protected async find(
    query: string,
    { signal, onVectorLate, onQuestion, ...options }: QueryOptions,
    patienceMs: number,
  ): Promise<readonly SearchHit[]> {
    try {
      const found = await this.#worker?.call('search', { query, options, patienceMs }, signal);
      // Nobody who does not wait misses it.
      if (found?.isVectorLate && patienceMs > 0) onVectorLate?.();
      if (found?.question !== undefined) onQuestion?.(found.question);
      return found?.hits ?? [];
    } catch {
      signal?.throwIfAborted();
      return [];
    }
  }

  protected async isReady(patienceMs: number, signal: AbortSignal | undefined): Promise<boolean> {
    if (!this.#wasReady && patienceMs > 0) await within(this.#ready.promise, patienceMs, signal);
    return this.#wasReady;
  }

  #hear(status: ServiceStatus): void {
    this.#status = status;
    this.#wasReady ||= status.state === 'ready';
    // Nobody waits for what has failed.
    if (status.state === 'ready' || status.state === 'failed') this.#ready.resolve();
    this.#options.onStatus?.(status);
  }

  #hearDeath(reason: Error): void {
    const { vectors: _, ...known } = this.#status.state === 'off' ? NOTHING : this.#status;
    const problem = `there is no index until the next session: ${reason.message}`;
    this.#hear({ ...known, state: 'failed', problem });
  }

  #tellChat(): void {
    if (this.#chat !== undefined) this.#worker?.call('chat', this.#chat).catch(() => undefined);
  }
}
