/**
 * The history of a session: everything the model was sent and has said, oldest first.
 *
 * Invariants: it only grows, at its end, until the user rolls back or a compaction replaces it; an item is frozen when
 * it is recorded, so that each request begins with the bytes of the one before and the server can reuse what it has
 * read. The keeper is informed of every change as it happens.
 */
import type { ToolCall } from '../model/chat.ts';
import type { Environment } from './environment.ts';

export type HistoryItem =
  /** `prompt`: the user's own words; `context` and `note`: the harness, in the user's role. */
  | {
      readonly type: 'user';
      readonly kind: 'prompt' | 'context' | 'note';
      readonly content: string;
      /** What the user was shown of it, if the text is oagent's own. */
      readonly shownAs?: string;
      readonly images?: readonly string[];
      /** Their files, if they are not named in the text. */
      readonly imageNames?: readonly string[];
    }
  | {
      readonly type: 'assistant';
      readonly content: string;
      readonly thinking: string;
      readonly calls: readonly ToolCall[];
    }
  | {
      readonly type: 'tool';
      readonly callId: string;
      readonly name: string;
      readonly content: string;
      readonly images?: readonly string[] | undefined;
    };

/** A message by the user. */
export function isPrompt(item: HistoryItem): item is HistoryItem & { readonly type: 'user' } {
  return item.type === 'user' && item.kind === 'prompt';
}

/** Stores the changes of a history, so that it can be rebuilt. */
export interface HistoryKeeper {
  readonly recorded: (item: HistoryItem) => void;
  /** Everything after the first `length` items was removed. `isAgain`: the same message comes again, in another form. */
  readonly cut: (length: number, isAgain: boolean) => void;
  /** These items replaced all others. `restored`: a compaction had replaced them, and was taken back. */
  readonly replaced: (items: readonly HistoryItem[], restored?: Restored) => void;
}

/** What is known of items that a compaction had replaced. */
export interface Restored {
  /** How many of the first ones stand for what was summarised before. */
  readonly summarised: number;
  /** Which of them described the environment to the model, and what they said. */
  readonly told: readonly { readonly at: number; readonly environment: Environment }[];
}

export class History {
  readonly #keeper: HistoryKeeper | undefined;
  readonly #items: HistoryItem[] = [];
  readonly #callIds = new Set<string>();

  /** @param options `items`: of a resumed session; the keeper already has them. */
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

  /** A message of the harness, in the user's role. */
  note(content: string): void {
    this.record({ type: 'user', kind: 'note', content });
  }

  /** Replaces all items, for a compaction, or to take it back. Ids of calls are not reused. */
  replace(items: readonly HistoryItem[], restored?: Restored): void {
    this.#keeper?.replaced(items, restored);
    this.#items.length = 0;
    for (const item of items) this.#add(item);
  }

  #add(item: HistoryItem): void {
    this.#items.push(Object.freeze(item));
    if (item.type === 'assistant') for (const call of item.calls) this.#callIds.add(call.id);
  }

  /** Removes everything after the first `length` items. Ids of calls are not reused. @param isAgain the same message comes again */
  cutTo(length: number, isAgain = false): void {
    if (length >= this.#items.length) return;
    this.#keeper?.cut(length, isAgain);
    this.#items.length = length;
  }

  /** Outputs are matched to calls by id, so no id may be used twice. */
  hasCall(id: string): boolean {
    return this.#callIds.has(id);
  }
}
