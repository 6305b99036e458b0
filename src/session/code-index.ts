/** The repository index of a session: whether there is one, and how much of it is added to a message. */
import { existsSync } from 'node:fs';
import type { Retrieve } from '../agent/agent-options.ts';
import { folderName } from '../config/paths.ts';
import { tooWideForWriting } from '../config/trust.ts';
import type { Event } from '../protocol.ts';
import { IndexReader } from '../repo-index/index-reader.ts';
import { type IndexQueries, indexFolder, indexRoot } from '../repo-index/queries.ts';
import type { IndexService } from '../repo-index/service.ts';
import type { VectorSetup } from '../repo-index/vectors/vector-side.ts';
import type { CodeSearch } from '../tools/search-code.ts';
import { endpointOf } from './connect.ts';
import { indexLines } from './index-lines.ts';
import type { SessionPlan } from './plan.ts';
import { SeenCode } from './seen-code.ts';

export interface CodeIndexOptions {
  /** Gets the lines for /status whenever they have changed. */
  readonly onStatus?: (lines: readonly string[]) => void;
  /**
   * `use`: an existing index is used as it is, without a thread unless it has vectors, and no vectors are made: a single task ends before
   * they are done, and needs the machine.
   */
  readonly purpose: 'make' | 'use';
  /** Milliseconds that the first message waits for the index to be ready. */
  readonly patienceMs: number;
  /** No message waits longer for its code, once the index has been ready. Default: the index's own limit. */
  readonly injectMs?: number;
}

/** At most one part in this many of the window, and no more than `MOST_TOKENS`. */
const SHARE = 8;
const MOST_TOKENS = 6_000;
/** Chunks that decide which files a text is about, and how long that may take. */
const MOST_LIKELY = 12;
const KEY_MS = 80;

type Place = Pick<SessionPlan, 'cwd' | 'home' | 'env' | 'loaded'>;

/** Undefined if the user wants none, if the folder is more than one project, and with `use` if there is none yet. */
export async function openCodeIndex(plan: Place, options: CodeIndexOptions): Promise<CodeIndex | undefined> {
  const { cwd, home, env, loaded } = plan;
  if (!loaded.config.index.enabled || tooWideForWriting(cwd, env, home) !== undefined) return undefined;
  if (options.purpose === 'make') return new CodeIndex(await serviceOf(plan, options), plan, options);
  if (!existsSync(indexFolder(home, indexRoot(cwd)))) return undefined;
  const reader = new IndexReader({ cwd, home, injectMs: options.injectMs });
  reader.start();
  if (!reader.hasVectors()) return new CodeIndex(reader, plan, options);
  reader.close();
  return new CodeIndex(await serviceOf(plan, options), plan, options);
}

/** Loaded where a thread is needed: a single task mostly needs none. */
async function serviceOf(
  plan: Place,
  { onStatus, purpose, injectMs }: CodeIndexOptions,
): Promise<IndexService> {
  const { IndexService } = await import('../repo-index/service.ts');
  return new IndexService({
    cwd: plan.cwd,
    home: plan.home,
    vectors: vectorSetup(plan, purpose),
    injectMs,
    onStatus: onStatus && ((status) => onStatus(indexLines(status))),
  });
}

/** An index in a thread, or one that is only read. */
interface Source extends IndexQueries {
  readonly start: () => void;
  readonly prepare?: IndexReader['prepare'];
  readonly chat?: IndexService['chat'];
  readonly close: () => Promise<void> | void;
}

export class CodeIndex {
  readonly #source: Source;
  readonly #seen: SeenCode;
  readonly #patienceMs: number;
  /** The user's budget for a message. */
  readonly #wantedTokens: number | undefined;
  #model: string | undefined;

  /** Starts nothing. */
  constructor(
    source: Source,
    { cwd, loaded }: Pick<Place, 'cwd' | 'loaded'>,
    { patienceMs }: Pick<CodeIndexOptions, 'patienceMs'>,
  ) {
    this.#source = source;
    this.#patienceMs = patienceMs;
    this.#wantedTokens = loaded.config.index.inject_tokens;
    this.#seen = new SeenCode(folderName(cwd), source.root);
  }

  start(): void {
    this.#source.start();
  }

  /** The search for this message begins: it will be the first one. */
  prepare(message: string): void {
    if (this.#wantedTokens !== 0) this.#source.prepare?.(message);
  }

  readonly search: CodeSearch = async (query, options) => {
    const { text } = await this.#source.searchText(query, { ...options, near: this.#seen.near });
    return text;
  };

  /** Code that a message needs, within the session's budget; undefined: nothing relevant enough. */
  readonly retrieve: Retrieve = async (message, { numCtx, left, history }, signal) => {
    this.#seen.follow(history);
    const { shown, near } = this.#seen;
    const budget = this.#wantedTokens ?? Math.min(MOST_TOKENS, Math.floor(numCtx / SHARE));
    // Never so much that the next request would need a compaction.
    const budgetTokens = Math.min(budget, Math.floor(left / 2));
    let isLate = false;
    const onLate = (): void => {
      isLate = true;
    };
    const options = { budgetTokens, shown, near, patienceMs: this.#patienceMs, onLate, signal };
    const found = await this.#source.inject(message, options);
    if (found === undefined) return isLate ? { text: '', places: [], isLate } : undefined;
    const places = found.excerpts.map(({ path: file, start, end }) => ({
      path: this.#source.nameOf(file),
      start,
      end,
    }));
    return { text: found.text, places };
  };

  /** Files that a text is about, best first, relative to the session's folder. None if that takes too long for a keystroke. */
  async filesFor(text: string): Promise<readonly string[]> {
    const options = { limit: MOST_LIKELY, near: this.#seen.near, signal: AbortSignal.timeout(KEY_MS) };
    const files = await this.#source.files(text, options).catch(() => []);
    return files.map((file) => this.#source.nameOf(file)).filter((file) => !file.startsWith('../'));
  }

  /** @param files absolute; their text is in the opening context. */
  setContextFiles(files: readonly string[]): void {
    this.#seen.setContextFiles(files);
  }

  /** Follows what the model does. */
  readonly hear = (event: Event): void => {
    switch (event.type) {
      case 'session_configured':
        this.#model = event.model;
        return this.#source.chat?.({ model: this.#model, isBusy: false });
      case 'turn_started':
        return this.#source.chat?.({ model: this.#model, isBusy: true });
      case 'turn_completed':
      case 'turn_failed':
      case 'turn_aborted':
        return this.#source.chat?.({ model: this.#model, isBusy: false });
      default:
    }
  };

  async close(): Promise<void> {
    await this.#source.close();
  }
}

/** @throws ConfigError if the address of the server is not valid. */
export function vectorSetup(
  plan: Pick<Place, 'loaded' | 'env'>,
  purpose: VectorSetup['purpose'],
): VectorSetup {
  return { config: plan.loaded.config.index, endpoint: endpointOf(plan), purpose };
}
