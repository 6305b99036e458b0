/**
 * The one history of a session: what the model has been told and has said, oldest first.
 *
 * Invariants: it only grows, at its end, until the user takes back the end of it or a compaction replaces it; an item is
 * frozen when it is recorded and never changed, so that each request begins with the bytes of the one before and the
 * server can reuse what it has read. The keeper hears of every change when it happens, in order.
 * Does not: decide what goes in (agent/), cut outputs (truncate.ts), know the system message (the caller puts it in
 * front).
 */
import type { ChatMessage, ToolCall } from '../model/chat.ts';
import { normalize } from './normalize.ts';

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

/** What stands in for an image when the model cannot see. */
const IMAGE_OMITTED = 'image content omitted because you do not support image input';

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

  /**
   * The messages of the next request: every call with its outputs behind it in call order, `aborted` where one is
   * missing, outputs without a call left out, images only for models that see.
   */
  forPrompt(options: { readonly vision: boolean }): ChatMessage[] {
    return promptMessages(this.#items, options);
  }
}

/** These items as a request has them; see `History.forPrompt`. */
export function promptMessages(
  items: readonly HistoryItem[],
  options: { readonly vision: boolean },
): ChatMessage[] {
  return normalize(items).map((item) => toMessage(item, options.vision));
}

function toMessage(item: HistoryItem, vision: boolean): ChatMessage {
  switch (item.type) {
    case 'user': {
      if (!item.images?.length) return { role: 'user', content: item.content };
      if (vision) return { role: 'user', content: item.content, images: [...item.images] };
      return { role: 'user', content: [item.content, ...item.images.map(() => IMAGE_OMITTED)].join('\n') };
    }
    case 'assistant':
      return {
        role: 'assistant',
        content: item.content,
        thinking: item.thinking === '' ? undefined : item.thinking,
        ...(item.calls.length === 0
          ? {}
          : {
              tool_calls: item.calls.map((call, index) => ({
                id: call.id,
                function: { index, name: call.name, arguments: call.arguments },
              })),
            }),
      };
    case 'tool':
      return { role: 'tool', content: item.content, tool_name: item.name, tool_call_id: item.callId };
    default:
      return item satisfies never;
  }
}
