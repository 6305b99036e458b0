/**
 * The repository index, as a session uses it.
 *
 * Owns: where an index is kept, when something is put behind a user's message, and what it says. Invariants: nothing is loaded or
 * started before `start`; no call throws, except for an abort: without an index there are no hits, and the status says why; nothing is
 * injected before the index has been ready once, after `INJECT_MS`, for a short reply, or below the relevance floor.
 * Does not: index or search itself (a worker does), or put anything into a history.
 */

import { realpathSync } from 'node:fs';
import path from 'node:path';
import { isInside, physicalPath } from '../safety/paths.ts';
import { timeLimit, within } from '../system/within.ts';
import { repositoryRoot } from './reading/files.ts';
import type { Progress } from './reading/indexer.ts';
import { sha1 } from './reading/read-file.ts';
import { INJECTION, type Packed, pack, relevant, type Shown, tokensIn } from './search/pack.ts';
import type { SearchHit, SearchOptions } from './search/search.ts';
import { queryTokens } from './store/tokens.ts';
import type { ChatState, VectorSetup } from './vectors/vector-side.ts';
import { startWorker, type WorkerClient } from './worker-client.ts';
import type { WorkerStatus } from './worker-protocol.ts';

/** A message of fewer telling words is a reply, no question. */
const LEAST_TOKENS = 2;
/** Longer than this no request waits for the index. */
const INJECT_MS = 400;
/** The vector of a question is waited for so long: behind a message, and by somebody who has asked for a search. */
const INJECT_PATIENCE_MS = 200;
const SEARCH_PATIENCE_MS = 3_000;
/** Of a thread that has died before it said anything. */
const NOTHING: WorkerStatus = { state: 'failed', files: 0, waiting: 0, chunks: 0, commits: 0, unnamable: 0 };

export interface IndexServiceOptions {
  /** The session's folder; the index is that of the git repository around it. */
  readonly cwd: string;
  /** oagent's own folder. */
  readonly home: string;
  /** Follow changes. Default true. */
  readonly watch?: boolean;
  /** Absent: a search is by words alone. */
  readonly vectors?: VectorSetup;
  readonly onProgress?: (progress: Progress) => void;
  readonly onStatus?: (status: ServiceStatus) => void;
}

export type ServiceStatus = WorkerStatus | { readonly state: 'off' };

export interface InjectOptions {
  /** Tokens at most; 0: nothing. */
  readonly budgetTokens: number;
  /** What the conversation has shown. */
  readonly shown: Shown;
  /** Files that the conversation is about; relative to `root`. */
  readonly near?: readonly string[];
  /** Milliseconds that are waited for an index that is being read for the first time in this session. Default 0. */
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

export interface IndexService {
  /** The folder that paths are relative to, but for those that a model reads. */
  readonly root: string;
  /** A path as it is named from the session's folder, with `/`: so the tools of a model take it. */
  readonly nameOf: (path: string) => string;
  /** Starts the thread. Once; later calls do nothing. */
  readonly start: () => void;
  /** Resolves when all of the folder is in the index. @throws Error if it cannot be listed. */
  readonly update: () => Promise<void>;
  /** Resolves when all chunks that can be embedded now are. */
  readonly embedded: () => Promise<void>;
  /** What the chat model does, which the embedding model makes room for. */
  readonly chat: (state: ChatState) => void;
  /** Best first; empty without an index. Also while it is being made: then ripgrep finds what is not in it yet. */
  readonly search: (query: string, options?: QueryOptions) => Promise<readonly SearchHit[]>;
  /** The best chunks as a model reads them, with citations; within `maxBytes`. `path` is absolute. Empty if there are none. */
  readonly searchText: (query: string, options: SearchTextOptions) => Promise<Packed>;
  /** The files of the best chunks, best first; by words alone, which is quick. */
  readonly files: (query: string, options: QueryOptions) => Promise<readonly string[]>;
  readonly inject: (message: string, options: InjectOptions) => Promise<Packed | undefined>;
  /** As of the last update. */
  readonly status: () => ServiceStatus;
  /** As of now, asked of the thread. */
  readonly freshStatus: () => Promise<ServiceStatus>;
  readonly close: () => Promise<void>;
}

/** Where the index of a repository is kept. Deleting it is always safe. */
export function indexFolder(home: string, root: string): string {
  return path.join(home, 'index', sha1(root).toString('hex').slice(0, 20));
}

/** The folder whose index serves `cwd`: the repository around it. @throws Error if `cwd` does not exist. */
export function indexRoot(cwd: string): string {
  return repositoryRoot(realpathSync(cwd));
}

/** An absolute path as the index at `root` names it, behind links; empty for all of it, undefined for what is outside. */
export function placeInIndex(root: string, target: string): string | undefined {
  const real = physicalPath(target);
  if (real === root) return '';
  if (real === undefined || !isInside(root, real)) return undefined;
  return path.relative(root, real).split(path.sep).join('/');
}

/** @throws Error if `cwd` does not exist. */
export function createIndexService(options: IndexServiceOptions): IndexService {
  const root = indexRoot(options.cwd);
  const here = realpathSync(options.cwd);
  const nameOf = (file: string): string =>
    here === root ? file : path.relative(here, path.join(root, file)).split(path.sep).join('/');
  let worker: WorkerClient | undefined;
  let status: ServiceStatus = { state: 'off' };
  let chat: ChatState | undefined;
  let wasReady = false;
  const ready = Promise.withResolvers<void>();
  const hear = (next: ServiceStatus): void => {
    status = next;
    wasReady ||= next.state === 'ready';
    // Nobody waits for what has failed.
    if (next.state === 'ready' || next.state === 'failed') ready.resolve();
    options.onStatus?.(next);
  };
  const hearDeath = (reason: Error): void => {
    const { vectors: _, ...known } = status.state === 'off' ? NOTHING : status;
    hear({
      ...known,
      state: 'failed',
      problem: `there is no index until the next session: ${reason.message}`,
    });
  };
  const start = (): WorkerClient => {
    worker ??= startWorker({
      data: {
        root,
        folder: indexFolder(options.home, root),
        watch: options.watch ?? true,
        vectors: options.vectors,
      },
      onProgress: options.onProgress,
      onStatus: hear,
      onDeath: hearDeath,
    });
    return worker;
  };
  const tellChat = (): void => {
    if (chat !== undefined) worker?.call('chat', chat).catch(() => undefined);
  };
  const freshStatus = async (): Promise<ServiceStatus> => {
    if (worker !== undefined) hear(await worker.call('status', {}).catch(() => status));
    return status;
  };
  const update = async (): Promise<void> => {
    await start().call('update', {});
    await freshStatus();
  };
  const find = async (
    query: string,
    { signal, ...rest }: QueryOptions,
    patienceMs: number,
  ): Promise<readonly SearchHit[]> => {
    try {
      return (await worker?.call('search', { query, options: rest, patienceMs }, signal)) ?? [];
    } catch {
      signal?.throwIfAborted();
      return [];
    }
  };
  const search: IndexService['search'] = (query, queryOptions = {}) =>
    find(query, queryOptions, SEARCH_PATIENCE_MS);
  return {
    root,
    nameOf,
    start() {
      if (worker !== undefined) return;
      start();
      tellChat();
      void update().catch(freshStatus);
    },
    update,
    async embedded() {
      await worker?.call('embedded', {});
      await freshStatus();
    },
    chat(state) {
      chat = state;
      tellChat();
    },
    search,
    async searchText(query, { limit, path: target, maxBytes, near = [], signal }) {
      const inside = target === undefined ? '' : placeInIndex(root, target);
      if (inside === undefined) return pack([], 0);
      const hits = await search(query, { limit, near, signal, path: inside === '' ? undefined : inside });
      return pack(hits, tokensIn(maxBytes), undefined, nameOf);
    },
    async files(query, queryOptions) {
      const hits = await find(query, queryOptions, 0);
      return [...new Set(hits.map(({ path: file }) => file))];
    },
    async inject(message, { budgetTokens, shown, near = [], patienceMs = 0, signal }) {
      if (budgetTokens <= 0 || queryTokens(message).length < LEAST_TOKENS) return undefined;
      if (!wasReady && patienceMs > 0) await within(ready.promise, patienceMs, signal);
      signal?.throwIfAborted();
      if (!wasReady) return undefined;
      const queryOptions = { ...INJECTION, near, signal: timeLimit(INJECT_MS, signal) };
      const hits = await find(message, queryOptions, INJECT_PATIENCE_MS).catch(() => []);
      signal?.throwIfAborted();
      const packed = pack(relevant(hits), budgetTokens, shown, nameOf);
      return packed.text === '' ? undefined : packed;
    },
    status: () => status,
    freshStatus,
    async close() {
      await worker?.close();
    },
  };
}
