/**
 * The repository index as a session has it: started when the session begins, ended with it.
 *
 * Owns: where there is an index at all, and how much of it goes behind a message. Invariants: nothing is loaded before `start`; a
 * session without an index works as well. Does not: search (repo-index/).
 */
import { existsSync, realpathSync } from 'node:fs';
import type { Retrieve } from '../agent/agent-options.ts';
import type { LoadedConfig } from '../config/load.ts';
import { tooWideForWriting } from '../config/trust.ts';
import type { Event } from '../protocol.ts';
import { IndexService, indexFolder, indexRoot } from '../repo-index/service.ts';
import type { VectorSetup } from '../repo-index/vectors/vector-side.ts';
import type { CodeSearch } from '../tools/search-code.ts';
import { indexLines } from './index-lines.ts';
import { endpointOf, type SessionPlan } from './open-session.ts';
import { SeenCode } from './seen-code.ts';

export interface CodeIndex {
  readonly start: () => void;
  readonly search: CodeSearch;
  /** What a message needs of the code, within the session's budget; undefined: nothing that is worth it. */
  readonly retrieve: Retrieve;
  /** Files in the session's folder that a text is about, best first; relative to it. None if that takes longer than a key may. */
  readonly filesFor: (text: string) => Promise<readonly string[]>;
  /** The files (absolute) whose text stands in the context that the model is told at first. */
  readonly tells: (files: readonly string[]) => void;
  /** Hears what the model does. */
  readonly hear: (event: Event) => void;
  readonly close: () => Promise<void>;
}

export interface CodeIndexOptions {
  /** Hears what is said of it, whenever that has changed. */
  readonly onStatus?: (lines: readonly string[]) => void;
  /** `use`: only an index that is there is used, and no vectors are made: a single task is over before they are, and needs the machine. */
  readonly purpose: VectorSetup['purpose'];
  /** Milliseconds that the first message waits for the index to be ready. */
  readonly patienceMs: number;
  /** No message waits longer for its code, once the index has been ready. Default: the index's own limit. */
  readonly injectMs?: number;
}

/** Of a window this part at most, and no more than `MOST_TOKENS`. */
const SHARE = 8;
const MOST_TOKENS = 6_000;
/** Chunks that tell which files a text is about, and how long that may take. */
const MOST_LIKELY = 12;
const KEY_MS = 80;

/** Undefined where the user wants none, in a folder that holds more than a project, and with `use` where there is none yet. */
export function openCodeIndex(
  { cwd, home, loaded }: Pick<SessionPlan, 'cwd' | 'home' | 'loaded'>,
  { onStatus, purpose, patienceMs, injectMs }: CodeIndexOptions,
): CodeIndex | undefined {
  const { enabled, inject_tokens: wanted } = loaded.config.index;
  if (!enabled || tooWideForWriting(cwd, process.env, home) !== undefined) return undefined;
  if (purpose === 'use' && !existsSync(indexFolder(home, indexRoot(cwd)))) return undefined;
  const service = new IndexService({
    cwd,
    home,
    vectors: vectorSetup(loaded, purpose),
    injectMs,
    onStatus: onStatus === undefined ? undefined : (status) => onStatus(indexLines(status)),
  });
  const seen = new SeenCode(realpathSync(cwd), service.root);
  let model: string | undefined;
  return {
    start: () => service.start(),
    search: async (query, options) => {
      const { text } = await service.searchText(query, { ...options, near: seen.near });
      return text;
    },
    async retrieve(message, { numCtx, left, history }, signal) {
      seen.follow(history);
      const { shown, near } = seen;
      const budget = wanted ?? Math.min(MOST_TOKENS, Math.floor(numCtx / SHARE));
      // Never what would make the next request due for a compaction.
      const budgetTokens = Math.min(budget, Math.floor(left / 2));
      const found = await service.inject(message, { budgetTokens, shown, near, patienceMs, signal });
      if (found === undefined) return undefined;
      const places = found.excerpts.map(({ path: file, start, end }) => ({
        path: service.nameOf(file),
        start,
        end,
      }));
      return { text: found.text, places };
    },
    async filesFor(text) {
      const options = { limit: MOST_LIKELY, near: seen.near, signal: AbortSignal.timeout(KEY_MS) };
      const files = await service.files(text, options).catch(() => []);
      return files.map((file) => service.nameOf(file)).filter((file) => !file.startsWith('../'));
    },
    tells: seen.tells,
    hear(event) {
      switch (event.type) {
        case 'session_configured':
          ({ model } = event);
          return service.chat({ model, isBusy: false });
        case 'turn_started':
          return service.chat({ model, isBusy: true });
        case 'turn_completed':
        case 'turn_failed':
        case 'turn_aborted':
          return service.chat({ model, isBusy: false });
        default:
      }
    },
    close: () => service.close(),
  };
}

/** What the index needs for vectors. @throws ConfigError for an address of the server that is none. */
export function vectorSetup(loaded: LoadedConfig, purpose: VectorSetup['purpose']): VectorSetup {
  return { config: loaded.config.index, endpoint: endpointOf(loaded), purpose };
}
