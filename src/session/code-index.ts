/** The repository index of a session: whether there is one, and how much of it is added to a message. */

import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Retrieve } from '../agent/agent-options.ts';
import { folderName } from '../config/paths.ts';
import { tooWideForWriting } from '../config/trust.ts';
import type { Event } from '../protocol.ts';
import { IndexReader } from '../repo-index/index-reader.ts';
import { type IndexQueries, indexFolder, indexRoot, TOO_LATE } from '../repo-index/queries.ts';
import type { Progress } from '../repo-index/reading/indexer.ts';
import type { IndexService } from '../repo-index/service.ts';
import type { QuestionVector } from '../repo-index/vectors/embed-models.ts';
import type { Embedded, VectorSetup } from '../repo-index/vectors/vector-side.ts';
import { BY_WORDS } from '../text/by-words.ts';
import { sanitizeForTerminal } from '../text/sanitize.ts';
import type { CodeSearch } from '../tools/search-code.ts';
import { endpointOf } from './connect.ts';
import { indexLines } from './index-lines.ts';
import type { SessionPlan } from './plan.ts';
import { SeenCode } from './seen-code.ts';
import { whyLines } from './why-lines.ts';

export interface CodeIndexOptions {
  /** Gets the lines for /status whenever they have changed. */
  readonly onStatus?: (lines: readonly string[]) => void;
  /** The first reading of many files: how many can be searched. Called when the percentage has changed. */
  readonly onProgress?: (done: number, total: number) => void;
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
/** For one name; a file may define it and use it. */
export const PARTS_SEARCH = { limit: 8, perFile: 2 };

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
  { onStatus, onProgress, purpose, injectMs }: CodeIndexOptions,
): Promise<IndexService> {
  const { IndexService } = await import('../repo-index/service.ts');
  const first = onProgress && new FirstReading(onProgress);
  return new IndexService({
    cwd: plan.cwd,
    home: plan.home,
    vectors: vectorSetup(plan, purpose),
    injectMs,
    onProgress: (progress) => first?.hear(progress),
    onStatus: (status) => {
      if (status.state === 'ready' || status.state === 'failed') first?.end();
      onStatus?.(indexLines(status));
    },
  });
}

/** Fewer files are read before anybody has read that they are. */
const MANY_FILES = 100;

/** Tells of the first update of a session, whenever the percentage has changed, and of its end, however it ends. */
class FirstReading {
  readonly #tell: (done: number, total: number) => void;
  #percent: number | undefined;
  #isOver = false;

  constructor(tell: (done: number, total: number) => void) {
    this.#tell = tell;
  }

  hear({ filesDone, filesTotal }: Progress): void {
    const percent = Math.floor((filesDone / Math.max(1, filesTotal)) * 100);
    if (this.#isOver || filesTotal < MANY_FILES || percent === this.#percent) return;
    this.#percent = percent;
    this.#tell(filesDone, filesTotal);
  }

  end(): void {
    if (!this.#isOver && this.#percent !== undefined && this.#percent < 100) this.#tell(1, 1);
    this.#isOver = true;
  }
}

/** An index in a thread, or one that is only read. */
interface Source extends IndexQueries {
  readonly start: () => void;
  readonly prepare?: IndexReader['prepare'];
  readonly freshStatus?: IndexService['freshStatus'];
  readonly why?: IndexService['why'];
  readonly embed?: IndexService['embed'];
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
  readonly #cwd: string;
  /** The last message for which code was looked for, and what came of it. */
  #last:
    | { readonly message: string; readonly outcome: string; readonly question: QuestionVector | undefined }
    | undefined;

  /** Starts nothing. */
  constructor(
    source: Source,
    { cwd, loaded }: Pick<Place, 'cwd' | 'loaded'>,
    { patienceMs }: Pick<CodeIndexOptions, 'patienceMs'>,
  ) {
    this.#source = source;
    this.#cwd = cwd;
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

  /** The parts of files that words are about, best first; paths as the index has them. @throws the signal's reason */
  parts(words: string, signal: AbortSignal): ReturnType<IndexQueries['search']> {
    return this.#source.search(words, { ...PARTS_SEARCH, signal });
  }

  /** Code that a message needs, within the session's budget; undefined: nothing relevant enough. */
  readonly retrieve: Retrieve = async (message, { numCtx, left, history }, signal) => {
    await this.#seen.follow(history);
    const { shown, near } = this.#seen;
    const budget = this.#wantedTokens ?? Math.min(MOST_TOKENS, Math.floor(numCtx / SHARE));
    // Never so much that the next request would need a compaction.
    const budgetTokens = Math.min(budget, Math.floor(left / 2));
    let outcome = 'interrupted';
    const onNothing = (reason: string): void => {
      outcome = reason;
    };
    let isByWords: true | undefined;
    const onVectorLate = (): void => {
      isByWords = true;
    };
    let question: QuestionVector | undefined;
    const onQuestion = (made: QuestionVector): void => {
      question = made;
    };
    const options = {
      budgetTokens,
      shown,
      near,
      patienceMs: this.#patienceMs,
      signal,
      onNothing,
      onVectorLate,
      onQuestion,
    };
    try {
      const found = await this.#source.inject(message, options);
      if (found === undefined && outcome === TOO_LATE) return { text: '', places: [], isLate: true };
      if (found === undefined) return isByWords && { text: '', places: [], isByWords };
      const places = found.excerpts.map(({ path: file, start, end }) => ({
        path: this.#source.nameOf(file),
        start,
        end,
      }));
      outcome = places.map(({ path: file, start, end }) => `${file}:${start}-${end}`).join(', ');
      return { text: found.text, places, isByWords };
    } finally {
      this.#last = { message, outcome: isByWords ? `${outcome} (${BY_WORDS})` : outcome, question };
    }
  };

  /** The vector of the message for which code was looked for last; undefined: there is none, or it came too late. */
  vectorOf(message: string): QuestionVector | undefined {
    return this.#last?.message === message ? this.#last.question : undefined;
  }

  /** Vectors of texts that are no code; undefined: none are made. @throws Error */
  async embed(texts: readonly string[]): Promise<Embedded | undefined> {
    return this.#source.embed?.(texts);
  }

  /** For `/index`: the state, and what came of the last message; `why PATH [QUESTION]`: why a file is where it is. */
  async report(args: string): Promise<readonly string[]> {
    const wanted = readIndexArguments(args);
    if (wanted === undefined) return [INDEX_USAGE];
    if (wanted.path === undefined) {
      const status = await this.#source.freshStatus?.();
      const lines = status ? indexLines(status) : ['an index that this session only reads'];
      return [...lines, lastLine(this.#last)].map((line) => sanitizeForTerminal(line));
    }
    const question = wanted.question ?? this.#last?.message;
    if (question === undefined) return [INDEX_USAGE];
    if (this.#source.why === undefined) return ['This session only reads the index: use `oagent index why`.'];
    return whyLines(await this.#source.why(question, path.resolve(this.#cwd, wanted.path)), question);
  }

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

const LAST_CHARS = 200;
const INDEX_USAGE =
  'Usage: /index, or /index why PATH QUESTION (without a question: that of the last message)';

/** Undefined: neither nothing nor `why PATH [QUESTION]`. The path may be quoted, and begin with @. */
function readIndexArguments(
  args: string,
): { readonly path?: string; readonly question?: string } | undefined {
  if (args === '') return {};
  const match = /^why\s+@?(?:"([^"]+)"|'([^']+)'|(\S+))(?:\s+(.+))?$/s.exec(args);
  if (match === null) return undefined;
  const [, inDouble, inSingle, plain, question] = match;
  return { path: inDouble ?? inSingle ?? plain, question: question?.replace(/^"(.*)"$/s, '$1') };
}

function lastLine(last: { readonly message: string; readonly outcome: string } | undefined): string {
  if (last === undefined) return 'No message has asked for code yet.';
  return `Last message: "${last.message.replaceAll(/\s+/g, ' ').slice(0, LAST_CHARS)}": ${last.outcome}`;
}

/** @throws ConfigError if the address of the server is not valid. */
export function vectorSetup(
  plan: Pick<SessionPlan, 'loaded' | 'env' | 'server'>,
  purpose: VectorSetup['purpose'],
): VectorSetup {
  return { config: plan.loaded.config.index, endpoint: endpointOf(plan), purpose };
}
