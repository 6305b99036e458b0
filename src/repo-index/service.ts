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
import { repositoryRoot } from './files.ts';
import type { IndexStatus } from './index-core.ts';
import type { Progress } from './indexer.ts';
import { type Excerpt, INJECTION, pack, relevant, type Shown, tokensIn } from './pack.ts';
import { sha1 } from './read-file.ts';
import type { SearchHit, SearchOptions } from './search.ts';
import { queryTokens } from './tokens.ts';
import { startWorker, type WorkerClient } from './worker-client.ts';

/** A message of fewer telling words is a reply, no question. */
const LEAST_TOKENS = 2;
/** Longer than this no request waits for the index. */
const INJECT_MS = 400;

export interface IndexServiceOptions {
  /** The session's folder; the index is that of the git repository around it. */
  readonly cwd: string;
  /** oagent's own folder. */
  readonly home: string;
  /** Follow changes. Default true. */
  readonly watch?: boolean;
  readonly onProgress?: (progress: Progress) => void;
  readonly onStatus?: (status: ServiceStatus) => void;
}

export type ServiceStatus = IndexStatus | { readonly state: 'off' };

/** What goes behind a user's message. */
export interface Injection {
  /** The excerpts with their citations, without any words around them. */
  readonly text: string;
  readonly excerpts: readonly Excerpt[];
  /** Estimated. */
  readonly tokens: number;
}

export interface InjectOptions {
  /** Tokens at most; 0: nothing. */
  readonly budgetTokens: number;
  /** What the conversation has shown; the injected lines are added. */
  readonly shown: Shown;
  /** Files that the conversation is about; relative to `root`. */
  readonly near?: readonly string[];
  readonly signal?: AbortSignal;
}

export interface SearchTextOptions {
  readonly limit: number;
  readonly path?: string;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

export interface IndexService {
  /** The folder that paths are relative to. */
  readonly root: string;
  /** Starts the thread. Once; later calls do nothing. */
  readonly start: () => void;
  /** Resolves when all of the folder is in the index. @throws Error if it cannot be listed. */
  readonly update: () => Promise<void>;
  /** Best first; empty without an index. Also while it is being made: then ripgrep finds what is not in it yet. */
  readonly search: (query: string, options?: SearchOptions) => Promise<readonly SearchHit[]>;
  /** The best chunks as a model reads them, with citations; within `maxBytes`. `path` is absolute. Empty if there are none. */
  readonly searchText: (query: string, options: SearchTextOptions) => Promise<string>;
  readonly inject: (message: string, options: InjectOptions) => Promise<Injection | undefined>;
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

/** @throws Error if `cwd` does not exist. */
export function createIndexService(options: IndexServiceOptions): IndexService {
  const root = repositoryRoot(realpathSync(options.cwd));
  let worker: WorkerClient | undefined;
  let status: ServiceStatus = { state: 'off' };
  let wasReady = false;
  const hear = (next: ServiceStatus): void => {
    status = next;
    wasReady ||= next.state === 'ready';
    options.onStatus?.(next);
  };
  const start = (): WorkerClient => {
    worker ??= startWorker({
      data: { root, folder: indexFolder(options.home, root), watch: options.watch ?? true },
      ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
      onStatus: hear,
    });
    return worker;
  };
  const freshStatus = async (): Promise<ServiceStatus> => {
    if (worker !== undefined) hear(await worker.call('status', {}).catch(() => status));
    return status;
  };
  const update = async (): Promise<void> => {
    await start().call('update', {});
    await freshStatus();
  };
  const search: IndexService['search'] = async (query, { signal, ...rest } = {}) => {
    try {
      return (await worker?.call('search', { query, options: rest }, signal)) ?? [];
    } catch {
      signal?.throwIfAborted();
      return [];
    }
  };
  return {
    root,
    start() {
      if (worker !== undefined) return;
      start();
      void update().catch(freshStatus);
    },
    update,
    search,
    async searchText(query, { limit, path: target, maxBytes, signal }) {
      const inside = target === undefined ? '' : path.relative(root, target).split(path.sep).join('/');
      if (inside.startsWith('../') || inside === '..') return '';
      const hits = await search(query, { limit, signal, ...(inside === '' ? {} : { path: inside }) });
      return pack(hits, tokensIn(maxBytes)).text;
    },
    async inject(message, { budgetTokens, shown, near = [], signal }) {
      if (!wasReady || budgetTokens <= 0 || queryTokens(message).length < LEAST_TOKENS) return undefined;
      const timeout = AbortSignal.timeout(INJECT_MS);
      const both = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
      const options = { ...INJECTION, near, signal: both };
      const hits = await search(message, options).catch(() => []);
      signal?.throwIfAborted();
      const packed = pack(relevant(hits), budgetTokens, shown);
      if (packed.text === '') return undefined;
      for (const { path: file, lines } of packed.excerpts) shown.add(file, lines);
      return packed;
    },
    status: () => status,
    freshStatus,
    async close() {
      await worker?.close();
    },
  };
}
