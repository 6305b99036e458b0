/**
 * The repository index as a session has it: started when the session begins, ended with it.
 *
 * Owns: where there is an index at all, how much of it goes behind a message, and what the conversation has seen of it.
 * Invariants: nothing is loaded before `start`; a session without an index works as well. Does not: search (repo-index/).
 */
import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type { Retrieved } from '../agent/agent-options.ts';
import type { LoadedConfig } from '../config/load.ts';
import { findUp, tooWideForWriting } from '../config/trust.ts';
import type { Event, Item } from '../protocol.ts';
import { Shown } from '../repo-index/pack.ts';
import { createIndexService, indexFolder, indexRoot, type ServiceStatus } from '../repo-index/service.ts';
import type { VectorSetup } from '../repo-index/vector-side.ts';
import type { CodeSearch } from '../tools/search-code.ts';
import { endpointOf, type SessionPlan } from './open-session.ts';
import { newLines, readLines } from './shown-lines.ts';

export interface CodeIndex {
  readonly start: () => void;
  readonly search: CodeSearch;
  /** What a message needs of the code, within the session's budget; undefined: nothing that is worth it. */
  readonly retrieve: (message: string, numCtx: number, signal: AbortSignal) => Promise<Retrieved | undefined>;
  /** Files in the session's folder that a text is about, best first; relative to it. None if that takes longer than a key may. */
  readonly filesFor: (text: string) => Promise<readonly string[]>;
  /** Hears what the conversation shows, and what the model does. */
  readonly hear: (event: Event) => void;
  /** The conversation begins anew: it has seen nothing. */
  readonly forget: () => void;
  readonly close: () => Promise<void>;
}

export interface CodeIndexOptions {
  readonly onStatus?: (status: ServiceStatus) => void;
  /** `use`: only an index that is there is used, and no vectors are made: a single task is over before they are, and needs the machine. */
  readonly purpose: VectorSetup['purpose'];
  /** Milliseconds that the first message waits for the index to be ready. */
  readonly patienceMs: number;
}

/** Of a window this part at most, and no more than `MOST_TOKENS`. */
const SHARE = 8;
const MOST_TOKENS = 6_000;
/** Chunks that tell which files a text is about, and how long that may take. */
const MOST_LIKELY = 12;
const KEY_MS = 80;
/** Files that the conversation was about last. */
const MOST_NEAR = 10;

/** Undefined where the user wants none, and outside of a repository, where nobody knows how much there is. */
export function openCodeIndex(
  { cwd, home, loaded }: Pick<SessionPlan, 'cwd' | 'home' | 'loaded'>,
  { onStatus, purpose, patienceMs }: CodeIndexOptions,
): CodeIndex | undefined {
  const { enabled, inject_tokens: wanted } = loaded.config.index;
  const isRepository = findUp(cwd, ['.git']) !== undefined;
  if (!enabled || !isRepository || tooWideForWriting(cwd, process.env, home) !== undefined) return undefined;
  if (purpose === 'use' && !existsSync(indexFolder(home, indexRoot(cwd)))) return undefined;
  const service = createIndexService({
    cwd,
    home,
    vectors: vectorSetup(loaded, purpose),
    ...(onStatus === undefined ? {} : { onStatus }),
  });
  const shown = new Shown();
  const here = realpathSync(cwd);
  const inRoot = (file: string): string => path.relative(service.root, path.resolve(here, file));
  let near: readonly string[] = [];
  let model: string | undefined;
  const isAbout = (file: string): void => {
    near = [file, ...near.filter((other) => other !== file)].slice(0, MOST_NEAR);
  };
  const see = (item: Item): void => {
    if (item.type === 'tool_call' && item.tool === 'read_file') {
      const file = inRoot(String(item.arguments.path ?? ''));
      for (const lines of readLines(item.output)) shown.add(file, lines);
      isAbout(file);
    }
    if (item.type !== 'file_change' || item.status !== 'completed') return;
    for (const { path: before, movePath, diff } of item.changes) {
      const file = inRoot(movePath ?? before);
      for (const lines of newLines(diff)) shown.add(file, lines);
      isAbout(file);
    }
  };
  return {
    start: service.start,
    async search(query, options) {
      const { text, excerpts } = await service.searchText(query, { ...options, near });
      for (const { path: file, lines } of excerpts) shown.add(file, lines);
      return text;
    },
    async retrieve(message, numCtx, signal) {
      const budgetTokens = wanted ?? Math.min(MOST_TOKENS, Math.floor(numCtx / SHARE));
      const found = await service.inject(message, { budgetTokens, shown, near, patienceMs, signal });
      if (found === undefined) return undefined;
      const places = found.excerpts.map(({ path: file, start, end }) => ({ path: file, start, end }));
      return { text: found.text, places };
    },
    async filesFor(text) {
      const signal = AbortSignal.timeout(KEY_MS);
      const files = await service.files(text, { limit: MOST_LIKELY, near, signal }).catch(() => []);
      const inFolder = files.map((file) => path.relative(here, path.join(service.root, file)));
      return inFolder.map((file) => file.split(path.sep).join('/')).filter((file) => !file.startsWith('../'));
    },
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
        case 'compacted':
          return shown.clear();
        case 'item_completed':
          return see(event.item);
        default:
      }
    },
    forget() {
      shown.clear();
      near = [];
    },
    close: service.close,
  };
}

/** What the index needs for vectors. @throws ConfigError for an address of the server that is none. */
export function vectorSetup(loaded: LoadedConfig, purpose: VectorSetup['purpose']): VectorSetup {
  return { config: loaded.config.index, endpoint: endpointOf(loaded), purpose };
}
