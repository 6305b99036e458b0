/**
 * The repository index as a session uses it: where it is kept, what is added after a user's message, what its status is.
 *
 * Invariants: nothing is loaded or started before `start`; a search never throws, except for an abort (without an index there are no
 * hits, and the status says why); nothing is injected before the index has been ready once, after `injectMs`, for a short reply, or
 * below the relevance floor.
 */
import path from 'node:path';
import { folderName, isInside, physicalPath } from '../config/paths.ts';
import { distrustedFolders } from '../system/find-program.ts';
import { timeLimit, within } from '../system/within.ts';
import { repositoryRoot } from './reading/files.ts';
import type { Progress } from './reading/indexer.ts';
import { sha1 } from './reading/read-file.ts';
import { INJECTION, type Packed, pack, relevant, type Shown, tokensIn } from './search/pack.ts';
import type { SearchHit, SearchOptions } from './search/search.ts';
import { queryTokens } from './store/tokens.ts';
import type { ChatState, VectorSetup } from './vectors/vector-side.ts';
import { WorkerClient } from './worker-client.ts';
import type { WorkerStatus } from './worker-protocol.ts';

/** A message of fewer telling words is a reply, not a question. */
const LEAST_TOKENS = 2;
const INJECT_MS = 400;
/** How long the vector of a question is waited for: after a message, and by a caller that has asked for a search. */
const INJECT_PATIENCE_MS = 200;
const SEARCH_PATIENCE_MS = 3_000;
/** The status of a thread that has died before it reported one. */
const NOTHING: WorkerStatus = { state: 'failed', files: 0, waiting: 0, chunks: 0, commits: 0, unnamable: 0 };

export interface IndexServiceOptions {
  /** The session's folder; the index is that of the git repository around it. */
  readonly cwd: string;
  /** oagent's own folder. */
  readonly home: string;
  /** Follow changes. Default true. */
  readonly watch?: boolean;
  /** Undefined: a search is by words alone. */
  readonly vectors?: VectorSetup;
  /** No message waits longer for its code, once the index has been ready. Default 400 ms. */
  readonly injectMs?: number;
  readonly onProgress?: (progress: Progress) => void;
  readonly onStatus?: (status: ServiceStatus) => void;
}

export type ServiceStatus = WorkerStatus | { readonly state: 'off' };

export interface InjectOptions {
  /** At most; 0: nothing. */
  readonly budgetTokens: number;
  /** What the conversation has shown. */
  readonly shown: Shown;
  /** Files that the conversation is about; relative to `root`. */
  readonly near?: readonly string[];
  /** How long to wait, in milliseconds, for an index that is being read for the first time in this session. Default 0. */
  readonly patienceMs?: number;
  readonly signal?: AbortSignal;
}

export interface SearchTextOptions {
  readonly limit: number;
  readonly path?: string;
  readonly near?: readonly string[];
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

export type QueryOptions = Omit<SearchOptions, 'vectors'>;

/** Where the index of a repository is kept. Deleting it is always safe. */
export function indexFolder(home: string, root: string): string {
  return path.join(home, 'index', sha1(root).toString('hex').slice(0, 20));
}

/** The folder whose index serves `cwd`: the repository around it. @throws Error if `cwd` does not exist. */
export function indexRoot(cwd: string): string {
  return repositoryRoot(cwd);
}

/** An absolute path as the index at `root` names it, with links resolved; empty for the root itself, undefined for what is outside. */
export function placeInIndex(root: string, target: string): string | undefined {
  const real = physicalPath(target);
  if (real === root) return '';
  if (real === undefined || !isInside(root, real)) return undefined;
  return path.relative(root, real).split(path.sep).join('/');
}

export class IndexService {
  /** The folder that paths are relative to, except for those that a model reads. */
  readonly root: string;
  readonly #options: IndexServiceOptions;
  /** The session's folder, without links. */
  readonly #here: string;
  readonly #ready = Promise.withResolvers<void>();
  #wasReady = false;
  #worker: WorkerClient | undefined;
  #status: ServiceStatus = { state: 'off' };
  #chat: ChatState | undefined;

  /** @throws Error if `cwd` does not exist. */
  constructor(options: IndexServiceOptions) {
    this.#options = options;
    this.root = indexRoot(options.cwd);
    this.#here = folderName(options.cwd);
  }

  /** A path as it is named from the session's folder, with `/`: the form that the model's tools take. */
  nameOf(file: string): string {
    if (this.#here === this.root) return file;
    return path.relative(this.#here, path.join(this.root, file)).split(path.sep).join('/');
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

  /** The state of the chat model, which the embedding model makes way for. */
  chat(state: ChatState): void {
    this.#chat = state;
    this.#tellChat();
  }

  /** Best first; empty without an index. While it is being made, ripgrep finds what is not in it yet. */
  search(query: string, options: QueryOptions = {}): Promise<readonly SearchHit[]> {
    return this.#find(query, options, SEARCH_PATIENCE_MS);
  }

  /** The best chunks as a model reads them, with citations; within `maxBytes`. `path` is absolute. Empty if there are none. */
  async searchText(query: string, options: SearchTextOptions): Promise<Packed> {
    const { limit, path: target, maxBytes, near = [], signal } = options;
    const inside = target === undefined ? '' : placeInIndex(this.root, target);
    if (inside === undefined) return pack([], 0);
    const place = inside === '' ? undefined : inside;
    const hits = await this.search(query, { limit, near, signal, path: place });
    return pack(hits, tokensIn(maxBytes), undefined, (file) => this.nameOf(file));
  }

  /** The files of the best chunks, best first; by words alone, which is quick. */
  async files(query: string, options: QueryOptions): Promise<readonly string[]> {
    const hits = await this.#find(query, options, 0);
    return [...new Set(hits.map(({ path: file }) => file))];
  }

  /** The code that a message is about; undefined: none that is worth its tokens. */
  async inject(message: string, options: InjectOptions): Promise<Packed | undefined> {
    const { budgetTokens, shown, near = [], patienceMs = 0, signal } = options;
    if (budgetTokens <= 0 || queryTokens(message).length < LEAST_TOKENS) return undefined;
    if (!this.#wasReady && patienceMs > 0) await within(this.#ready.promise, patienceMs, signal);
    signal?.throwIfAborted();
    if (!this.#wasReady) return undefined;
    const limited = timeLimit(this.#options.injectMs ?? INJECT_MS, signal);
    const queryOptions = { ...INJECTION, near, signal: limited };
    const hits = await this.#find(message, queryOptions, INJECT_PATIENCE_MS).catch(() => []);
    signal?.throwIfAborted();
    const packed = pack(relevant(hits), budgetTokens, shown, (file) => this.nameOf(file));
    return packed.text === '' ? undefined : packed;
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

  async #find(
    query: string,
    { signal, ...options }: QueryOptions,
    patienceMs: number,
  ): Promise<readonly SearchHit[]> {
    try {
      return (await this.#worker?.call('search', { query, options, patienceMs }, signal)) ?? [];
    } catch {
      signal?.throwIfAborted();
      return [];
    }
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
