/**
 * The items of one answer as front ends see it: its reasoning and its message. An item is opened with its first visible
 * character, and closed once, by `complete` or `fail`.
 */
import type { ModelDelta } from '../model/stream.ts';
import type { Event, Item } from '../protocol.ts';

interface ItemDeps {
  readonly emit: (event: Event) => void;
  readonly nextItemId: () => string;
}

export class AnswerItems {
  readonly #deps: ItemDeps;
  readonly #open = new Map<ModelDelta['type'], { id: string; text: string }>();
  /** White space before the first visible character. */
  readonly #leading = new Map<ModelDelta['type'], string>();

  constructor(deps: ItemDeps) {
    this.#deps = deps;
  }

  add(delta: ModelDelta): void {
    const open = this.#open.get(delta.type);
    if (open) {
      open.text += delta.text;
      this.#deps.emit({ type: 'item_delta', itemId: open.id, text: delta.text });
      return;
    }
    const text = (this.#leading.get(delta.type) ?? '') + delta.text;
    if (text.trim() === '') {
      this.#leading.set(delta.type, text);
      return;
    }
    const id = this.#deps.nextItemId();
    this.#open.set(delta.type, { id, text });
    this.#deps.emit({ type: 'item_started', item: itemOf(delta.type, id, '', 'in_progress') });
    this.#deps.emit({ type: 'item_delta', itemId: id, text });
  }

  complete(final: { readonly thinking: string; readonly text: string }): void {
    for (const [type, { id }] of this.#open) {
      this.#deps.emit({ type: 'item_completed', item: itemOf(type, id, final[type], 'completed') });
    }
    this.#open.clear();
  }

  fail(): void {
    for (const [type, { id, text }] of this.#open) {
      this.#deps.emit({ type: 'item_completed', item: itemOf(type, id, text, 'failed') });
    }
    this.#open.clear();
  }
}

function itemOf(
  type: ModelDelta['type'],
  id: string,
  text: string,
  status: 'in_progress' | 'completed' | 'failed',
): Item {
  return { type: type === 'thinking' ? 'reasoning' : 'agent_message', id, text, status };
}
