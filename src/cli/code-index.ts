/**
 * The repository index as a session has it: started when the session begins, ended with it.
 *
 * Owns: where there is an index at all, how much of it goes behind a message, and what the conversation has seen of it.
 * Invariants: nothing is loaded before `start`; a session without an index works as well. Does not: search (repo-index/).
 */
import type { Retrieved } from '../agent/agent-options.ts';
import { findUp, tooWideForWriting } from '../config/trust.ts';
import { Shown } from '../repo-index/pack.ts';
import { createIndexService } from '../repo-index/service.ts';
import type { CodeSearch } from '../tools/search-code.ts';
import type { SessionPlan } from './open-session.ts';

export interface CodeIndex {
  readonly start: () => void;
  readonly search: CodeSearch;
  /** What a message needs of the code, within the session's budget; undefined: nothing that is worth it. */
  readonly retrieve: (message: string, numCtx: number, signal: AbortSignal) => Promise<Retrieved | undefined>;
  /** The conversation begins anew, or was summarised: it has seen nothing. */
  readonly forget: () => void;
  readonly close: () => Promise<void>;
}

/** Of a window this part at most, and no more than `MOST_TOKENS`. */
const SHARE = 8;
const MOST_TOKENS = 6_000;

/** Undefined where the user wants none, and outside of a repository, where nobody knows how much there is. */
export function openCodeIndex({ cwd, home, loaded }: SessionPlan): CodeIndex | undefined {
  const { enabled, inject_tokens: wanted } = loaded.config.index;
  const isRepository = findUp(cwd, ['.git']) !== undefined;
  if (!enabled || !isRepository || tooWideForWriting(cwd, process.env, home) !== undefined) return undefined;
  const service = createIndexService({ cwd, home });
  const shown = new Shown();
  return {
    start: service.start,
    search: service.searchText,
    retrieve: async (message, numCtx, signal) => {
      const budgetTokens = wanted ?? Math.min(MOST_TOKENS, Math.floor(numCtx / SHARE));
      const found = await service.inject(message, { budgetTokens, shown, signal });
      if (found === undefined) return undefined;
      const places = found.excerpts.map(({ path, start, end }) => ({ path, start, end }));
      return { text: found.text, places };
    },
    forget: () => shown.clear(),
    close: service.close,
  };
}
