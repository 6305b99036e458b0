/**
 * What a session asks an index, and gets as text for a model.
 *
 * Invariants: a search never throws, except for an abort: without an index there are no hits; nothing is injected before the index has
 * been ready once, after `injectMs`, for a short reply, or below the relevance floor.
 */
import path from 'node:path';
import { folderName, isInside, physicalPath } from '../config/paths.ts';
import { mayBeShownUnasked } from '../safety/instruction-files.ts';
import { timeLimit, within } from '../system/within.ts';
import { sha1 } from './reading/read-file.ts';
import { repositoryRoot } from './reading/repository-root.ts';
import { INJECTION, type Packed, pack, relevant, type Shown, tokensIn } from './search/pack.ts';
import type { SearchHit, SearchOptions } from './search/search.ts';
import { queryTokens } from './store/tokens.ts';
import type { QuestionVector } from './vectors/embed-models.ts';

/** A message of fewer telling words is a reply, not a question. */
const LEAST_TOKENS = 2;
const INJECT_MS = 400;
/** How long the vector of a question is waited for: after a message, and by a caller that has asked for a search. */
const INJECT_PATIENCE_MS = 200;
const SEARCH_PATIENCE_MS = 3_000;

export interface QueriesOptions {
  /** The session's folder; the index is that of the git repository around it. */
  readonly cwd: string;
  /** No message waits longer for its code, once the index has been ready. Default 400 ms. */
  readonly injectMs?: number | undefined;
}

export const TOO_LATE = 'the search took too long';

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
  /** Told why nothing is injected; `TOO_LATE`: nobody knows whether there is anything. */
  readonly onNothing?: (reason: string) => void;
  /** The embedding model did not answer in time: words alone decided. */
  readonly onVectorLate?: () => void;
  /** Gets the vector of the message, if there was one in time. */
  readonly onQuestion?: (question: QuestionVector) => void;
}

export interface SearchTextOptions {
  readonly limit: number;
  readonly path?: string;
  readonly near?: readonly string[];
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

export interface QueryOptions extends Omit<SearchOptions, 'vectors' | 'floor'> {
  /** The embedding model did not answer in time: words alone decide. */
  readonly onVectorLate?: (() => void) | undefined;
  readonly onQuestion?: ((question: QuestionVector) => void) | undefined;
}

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

/** A search that began before its message. */
interface Prepared {
  readonly message: string;
  readonly hits: Promise<readonly SearchHit[] | undefined>;
  readonly stop: AbortController;
}

export abstract class IndexQueries {
  /** The folder that paths are relative to, except for those that a model reads. */
  readonly root: string;
  readonly #injectMs: number;
  /** The session's folder, without links. */
  readonly #here: string;
  #prepared: Prepared | undefined;

  /** @throws Error if `cwd` does not exist. */
  constructor({ cwd, injectMs = INJECT_MS }: QueriesOptions) {
    this.root = indexRoot(cwd);
    this.#here = folderName(cwd);
    this.#injectMs = injectMs;
  }

  /** Best first; empty without an index. `patienceMs`: for the vector of the question. @throws only the signal's reason. */
  protected abstract find(
    query: string,
    options: QueryOptions,
    patienceMs: number,
  ): Promise<readonly SearchHit[]>;

  /** Whether the index has been complete once; waits that long for it. */
  protected abstract isReady(patienceMs: number, signal: AbortSignal | undefined): Promise<boolean>;

  /** A path as it is named from the session's folder, with `/`: the form that the model's tools take. */
  nameOf(file: string): string {
    if (this.#here === this.root) return file;
    return path.relative(this.#here, path.join(this.root, file)).split(path.sep).join('/');
  }

  /** Best first; empty without an index. While it is being made, ripgrep finds what is not in it yet. */
  search(query: string, options: QueryOptions = {}): Promise<readonly SearchHit[]> {
    return this.find(query, options, SEARCH_PATIENCE_MS);
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
    const hits = await this.find(query, options, 0);
    return [...new Set(hits.map(({ path: file }) => file))];
  }

  /** The next `inject` is for this message, in a conversation that is about no file yet. Only who waits for it has a limit. */
  protected prepareInjection(message: string): void {
    if (queryTokens(message).length < LEAST_TOKENS) return;
    const stop = new AbortController();
    const hits = this.#hitsFor(message, { signal: stop.signal }).catch(() => undefined);
    this.#prepared = { message, hits, stop };
  }

  /** Undefined if there was no time for them. */
  async #hitsInTime(
    message: string,
    { near = [], signal, onVectorLate, onQuestion }: InjectOptions,
  ): Promise<readonly SearchHit[] | undefined> {
    const prepared = this.#prepared;
    this.#prepared = undefined;
    if (prepared?.message === message && near.length === 0) {
      const waited = await within(prepared.hits, this.#injectMs, signal);
      prepared.stop.abort();
      return waited.kind === 'done' ? waited.value : undefined;
    }
    prepared?.stop.abort();
    const limited = timeLimit(this.#injectMs, signal);
    return this.#hitsFor(message, { near, signal: limited, onVectorLate, onQuestion }).catch(() => undefined);
  }

  #hitsFor(message: string, options: QueryOptions): Promise<readonly SearchHit[]> {
    return this.find(message, { ...options, ...INJECTION }, INJECT_PATIENCE_MS);
  }

  /** The code that a message is about; undefined: none that is worth its tokens. */
  async inject(message: string, options: InjectOptions): Promise<Packed | undefined> {
    const { budgetTokens, shown, patienceMs = 0, signal } = options;
    const nothing = (reason: string): undefined => {
      options.onNothing?.(reason);
    };
    if (budgetTokens <= 0) return nothing('there is no room for it');
    if (queryTokens(message).length < LEAST_TOKENS)
      return nothing('the message is too short to be a question');
    const isReady = await this.isReady(patienceMs, signal);
    signal?.throwIfAborted();
    if (!isReady) return nothing('the index has not been ready yet');
    const hits = await this.#hitsInTime(message, options);
    signal?.throwIfAborted();
    if (hits === undefined) return nothing(TOO_LATE);
    const showable = hits.filter((hit) => mayBeShownUnasked(hit.path, message));
    const found = relevant(showable);
    if (found.length === 0) return nothing('nothing relevant');
    const packed = pack(found, budgetTokens, shown, (file) => this.nameOf(file));
    return packed.text === '' ? nothing('what is relevant has been shown, or does not fit') : packed;
  }
}
