/** What a sub-agent does, as its parent shows it: its calls. */
import { truncateText } from '../../context/truncate.ts';
import type { TokenUsage } from '../../protocol/requests.ts';
import type { Event, Item } from '../../protocol.ts';
import type { WorkListener } from '../../tools/tool.ts';

export class Steps {
  readonly #listener: WorkListener;
  readonly #emit: (event: Event) => void;
  readonly #done: Item[] = [];
  readonly #retrieved: string[] = [];
  #tokens = 0;
  /** What the server has read and written of the conversation. */
  #known = 0;

  /** @param emit gets what is not about a step: what the model is doing, and warnings. */
  constructor(listener: WorkListener, emit: (event: Event) => void) {
    this.#listener = listener;
    this.#emit = emit;
  }

  /** In the order in which they ended. */
  get done(): readonly Item[] {
    return this.#done;
  }

  /** All that it was shown, as text. */
  get shown(): string {
    return [...this.#done.map((step) => JSON.stringify(step)), ...this.#retrieved].join('\n');
  }

  readonly hear = (event: Event): void => {
    switch (event.type) {
      case 'item_started':
        if (isShown(event.item)) this.#listener.onStep(event.item);
        return;
      case 'item_completed':
        if (!isShown(event.item)) return;
        return this.#ended(bounded(event.item));
      case 'token_count':
        return event.estimated ? undefined : this.#count(event.last);
      case 'retrieved':
        this.#retrieved.push(event.places.map(({ path }) => path).join('\n'));
        return;
      case 'warning':
      case 'hook_ran':
      case 'model_phase':
        this.#emit(event);
        return;
      default:
        return;
    }
  };

  #ended(step: Item): void {
    this.#done.push(step);
    this.#listener.onStep(step);
  }

  #count({ inputTokens, outputTokens }: TokenUsage): void {
    this.#tokens += Math.max(0, inputTokens - this.#known) + outputTokens;
    this.#known = inputTokens + outputTokens;
    this.#listener.onTokens(this.#tokens);
  }
}

/** All of them are one line of the record. More than a model gets of an output. */
const MOST_BYTES = 40_000;

function bounded(step: Item): Item {
  return 'output' in step
    ? { ...step, output: truncateText(step.output, { limitBytes: MOST_BYTES }).text }
    : step;
}

function isShown({ type }: Item): boolean {
  return type !== 'user_message' && type !== 'reasoning' && type !== 'agent_message';
}
