/**
 * The session's items, for the transcript, /copy and /export, in the order in which they began, with what happened between them.
 *
 * Memory is bounded: when all outputs together exceed the limit, the oldest keep only their ends.
 */
import type { Event, Happening, Item } from '../../protocol.ts';
import { isHappening, isItem } from '../../text/entries.ts';
import { withStep } from '../../text/task-steps.ts';

/** Characters of output kept whole, over all items. */
const KEPT_OUTPUT = 16 * 2 ** 20;
/** Characters of an old output, from its start and from its end. */
const OLD_END = 2_048;

/** An item, or what happened between two of them. */
export type TranscriptEntry = Item | Happening;

export class TranscriptStore {
  #entries: TranscriptEntry[] = [];
  readonly #places = new Map<string, number>();
  #kept = 0;
  /** Outputs before this index have been shortened. */
  #shortened = 0;
  #version = 0;

  get entries(): readonly TranscriptEntry[] {
    return this.#entries;
  }

  get items(): readonly Item[] {
    return this.#entries.filter(isItem);
  }

  /** A new number whenever the entries have changed. */
  get version(): number {
    return this.#version;
  }

  get hasPrompt(): boolean {
    return this.#entries.some(({ type }) => type === 'user_message');
  }

  get lastAnswer(): string | undefined {
    const last = this.#entries.findLast((item) => item.type === 'agent_message');
    return last?.type === 'agent_message' ? last.text : undefined;
  }

  handle(event: Event): void {
    switch (event.type) {
      case 'item_started':
        this.#places.set(event.item.id, this.#entries.length);
        this.add(event.item);
        return;
      case 'item_completed':
        this.#complete(event.item);
        return;
      case 'task_step':
        this.#step(event);
        return;
      case 'rolled_back':
        this.#rollBack(event.userTurns);
        return;
      default:
        if (isHappening(event)) this.add(event);
    }
  }

  /** At the end. */
  add(entry: TranscriptEntry): void {
    this.#entries.push(entry);
    this.#version += 1;
  }

  /** A new conversation begins. */
  clear(): void {
    this.#entries = [];
    this.#places.clear();
    this.#kept = 0;
    this.#shortened = 0;
    this.#version += 1;
  }

  /** How many user messages there are from this one on. */
  promptsFrom(itemId: string): number {
    const at = this.#places.get(itemId);
    if (at === undefined) return 0;
    return this.#entries.slice(at).filter(({ type }) => type === 'user_message').length;
  }

  /** Whether files may have been changed from this item on, or the talk before it summarised. */
  hasChangesFrom(itemId: string): boolean {
    const at = this.#places.get(itemId);
    return at !== undefined && this.#entries.slice(at).some(isMoreThanTalk);
  }

  #step(event: Extract<Event, { type: 'task_step' }>): void {
    const at = this.#places.get(event.itemId);
    const item = at === undefined ? undefined : this.#entries[at];
    if (at === undefined || item?.type !== 'task') return;
    this.#entries[at] = withStep(item, event);
    this.#version += 1;
  }

  #complete(item: Item): void {
    const at = this.#places.get(item.id);
    if (at === undefined) return;
    this.#entries[at] = item;
    this.#version += 1;
    this.#kept += outputOf(item);
    while (this.#kept > KEPT_OUTPUT && this.#shortened < this.#entries.length - 1) this.#shortenNext();
  }

  #shortenNext(): void {
    const item = this.#entries[this.#shortened];
    if (item !== undefined && isItem(item)) {
      const shortened = shortenedItem(item);
      this.#entries[this.#shortened] = shortened;
      this.#kept -= outputOf(item) - outputOf(shortened);
    }
    this.#shortened += 1;
  }

  #rollBack(userTurns: number): void {
    let left = userTurns;
    let at = this.#entries.length;
    while (left > 0 && at > 0) {
      at -= 1;
      if (this.#entries[at]?.type === 'user_message') left -= 1;
    }
    for (const item of this.#entries.splice(at)) {
      if (!isItem(item)) continue;
      this.#places.delete(item.id);
      this.#kept -= outputOf(item);
    }
    this.#shortened = Math.min(this.#shortened, at);
    this.#version += 1;
  }
}

/** Characters of output, those of its steps among them. */
function outputOf(item: Item): number {
  const own = 'output' in item ? item.output.length : 0;
  return item.type === 'task' ? item.steps.reduce((sum, step) => sum + outputOf(step), own) : own;
}

function shortenedItem(item: Item): Item {
  if (item.type === 'task') return { ...item, steps: item.steps.map(shortenedItem) };
  if (!('output' in item) || item.output.length <= OLD_END * 2) return item;
  const { output } = item;
  const dropped = output.length - OLD_END * 2;
  const cut = `${output.slice(0, OLD_END)}\n… ${dropped} characters dropped …\n${output.slice(-OLD_END)}`;
  return { ...item, output: cut };
}

/** What the user runs is not taken back. */
function isMoreThanTalk(entry: TranscriptEntry): boolean {
  if (entry.type === 'command_execution') return entry.source !== 'user';
  return entry.type === 'file_change' || entry.type === 'compacted';
}
