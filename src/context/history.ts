/**
 * The one history of a session: what the model has been told and has said, oldest first.
 *
 * Invariants: it only grows, at its end, until the user takes back the end of it or a compaction replaces it; an item is
 * frozen when it is recorded and never changed, so that each request begins with the bytes of the one before and the
 * server can reuse what it has read. The keeper hears of every change when it happens, in order.
 * Does not: decide what goes in (agent/), cut outputs (truncate.ts), make messages of it (prompt.ts).
 */
import type { ToolCall } from '../model/chat.ts';

export type HistoryItem =
  /** `prompt` is the user's own words; `context` and `note` are the harness speaking in the user's role. */
  | {
      readonly type: 'user';
      readonly kind: 'prompt' | 'context' | 'note';
      readonly content: string;
      readonly images?: readonly string[];
    }
  | {
      readonly type: 'assistant';
      readonly content: string;
      readonly thinking: string;
      readonly calls: readonly ToolCall[];
    }
  | { readonly type: 'tool'; readonly callId: string; readonly name: string; readonly content: string };

/** A message of the user's own. */
export function isPrompt(item: HistoryItem): item is HistoryItem & { readonly type: 'user' } {
  return item.type === 'user' && item.kind === 'prompt';
}

/** Keeps what happens to a history, so that it can be built again. */
export interface HistoryKeeper {
  readonly recorded: (item: HistoryItem) => void;
  /** All behind the first `length` items was taken back. */
  readonly cut: (length: number) => void;
  /** These items stand in the place of all. */
  readonly replaced: (items: readonly HistoryItem[]) => void;
}

export class History {
  readonly #keeper: HistoryKeeper | undefined;
  readonly #items: HistoryItem[] = [];
  readonly #callIds = new Set<string>();

  /** @param items of an earlier session, which the keeper knows already. */
  constructor(options: { readonly keeper?: HistoryKeeper; readonly items?: readonly HistoryItem[] } = {}) {
    this.#keeper = options.keeper;
    for (const item of options.items ?? []) this.#add(item);
  }

  get items(): readonly HistoryItem[] {
    return this.#items;
  }

  record(...items: readonly HistoryItem[]): void {
    for (const item of items) {
      this.#keeper?.recorded(item);
      this.#add(item);
    }
  }

  /** The harness says something in the user's role. */
  note(content: string): void {
    this.record({ type: 'user', kind: 'note', content });
  }

  /** A compaction: these items stand in the place of all. Ids of calls are not given again. */
  replace(items: readonly HistoryItem[]): void {
    this.#keeper?.replaced(items);
    this.#items.length = 0;
    for (const item of items) this.#add(item);
  }

  #add(item: HistoryItem): void {
    this.#items.push(Object.freeze(item));
    if (item.type === 'assistant') for (const call of item.calls) this.#callIds.add(call.id);
  }

  /** Takes back all behind the first `length` items. Ids of calls are not given again. */
  cutTo(length: number): void {
    if (length >= this.#items.length) return;
    this.#keeper?.cut(length);
    this.#items.length = length;
  }

  /** Outputs find their call by its id, so an id that was used once must not be used again. */
  hasCall(id: string): boolean {
    return this.#callIds.has(id);
  }
}
