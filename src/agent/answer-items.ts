/**
 * The items of one answer as front ends see it: its reasoning and its message. An item is opened with its first visible
 * character, and closed once: by `complete` or `fail`, or by what shows that a message was reasoning. The message of an
 * answer that was cut off stays open for what continues it.
 */
import type { AnswerDelta } from '../model/answer/reader.ts';
import type { Event, Item } from '../protocol.ts';

type Sort = 'thinking' | 'text';

interface ItemDeps {
  readonly emit: (event: Event) => void;
  readonly nextItemId: () => string;
}

export class AnswerItems {
  readonly #deps: ItemDeps;
  readonly #open = new Map<Sort, { id: string; text: string }>();
  /** White space before the first visible character. */
  readonly #leading = new Map<Sort, string>();
  #hasRethought = false;
  #isHeldBack = false;
  /** The parts of the message that have been cut off. */
  #parts = '';

  constructor(deps: ItemDeps) {
    this.#deps = deps;
  }

  /** The message so far, of an answer that is continued; empty for any other. */
  get parts(): string {
    return this.#parts;
  }

  add(delta: AnswerDelta): void {
    if (delta.type === 'rethought') return this.#rethink(delta.text);
    if (delta.text === '') {
      this.#isHeldBack = true;
      return;
    }
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
    this.#leading.delete(delta.type);
    const id = this.#start(delta.type, text);
    this.#deps.emit({ type: 'item_delta', itemId: id, text });
  }

  /** @param final what this answer came to, without the parts before it. */
  complete(final: { readonly thinking: string; readonly text: string }): void {
    const text = this.#parts + final.text;
    // What was taken for thinking or for a call, and is all that was said.
    if ((this.#hasRethought || this.#isHeldBack) && !this.#open.has('text') && text.trim() !== '')
      this.#start('text', text);
    this.#close('thinking', this.#hasRethought ? undefined : final.thinking, 'completed');
    this.#close('text', text, 'completed');
    this.#parts = '';
  }

  /** The answer was cut off; another one continues its message. */
  cut(final: { readonly thinking: string; readonly text: string }): void {
    this.#close('thinking', this.#hasRethought ? undefined : final.thinking, 'completed');
    this.#parts += final.text;
    this.#hasRethought = false;
  }

  /** The thinking was stopped: it stays to be seen, and another answer follows. */
  stopThinking(): void {
    this.#close('thinking', undefined, 'completed');
    if (this.#parts === '') this.#close('text', undefined, 'failed');
    this.#leading.clear();
    this.#hasRethought = false;
    this.#isHeldBack = false;
  }

  /** What came since the last part is not part of the conversation; the parts are. */
  fail(): void {
    this.#close('thinking', undefined, 'failed');
    if (this.#parts === '') this.#close('text', undefined, 'failed');
  }

  /** Nothing will continue the parts. */
  end(): void {
    this.fail();
    if (this.#parts !== '') this.#close('text', this.#parts, 'completed');
  }

  #rethink(text: string): void {
    // The parts before it were said.
    if (this.#parts !== '') return;
    this.#hasRethought = true;
    this.#leading.delete('text');
    const open = this.#open.get('text');
    if (open === undefined) return;
    this.#open.delete('text');
    const item = itemOf('thinking', open.id, text.trim(), 'completed');
    this.#deps.emit({ type: 'item_completed', item });
  }

  #start(sort: Sort, text: string): string {
    const id = this.#deps.nextItemId();
    this.#open.set(sort, { id, text });
    this.#deps.emit({ type: 'item_started', item: itemOf(sort, id, '', 'in_progress') });
    return id;
  }

  #close(sort: Sort, text: string | undefined, status: 'completed' | 'failed'): void {
    const open = this.#open.get(sort);
    if (open === undefined) return;
    this.#open.delete(sort);
    this.#deps.emit({ type: 'item_completed', item: itemOf(sort, open.id, text ?? open.text, status) });
  }
}

function itemOf(sort: Sort, id: string, text: string, status: 'in_progress' | 'completed' | 'failed'): Item {
  return { type: sort === 'thinking' ? 'reasoning' : 'agent_message', id, text, status };
}
