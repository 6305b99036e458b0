/**
 * Whether a server holds its model to a JSON schema (`format`): found out by trying, once per server and model, and
 * remembered for later sessions.
 *
 * Does not: make a schema (model/constrained.ts) or a request.
 */
import type { ChatSettings } from '../model/client.ts';
import type { ModelMeasures } from '../model/measures.ts';
import type { AgentModel } from './conversation.ts';

/** The same for one model. */
export interface Constraint {
  /** What a request with a schema is sent with; undefined where a schema is of no use. */
  readonly settings: ChatSettings | undefined;
  readonly learned: (obeys: boolean) => void;
}

export class FormatTrust {
  readonly #host: string;
  readonly #measures: ModelMeasures | undefined;
  /** What this session has learned, also where nothing can be kept. */
  readonly #learned = new Map<string, boolean>();

  constructor(host: string, measures: ModelMeasures | undefined) {
    this.#host = host;
    this.#measures = measures;
  }

  for({ settings, facts }: AgentModel): Constraint {
    const { model } = settings;
    const think = leastThinking(settings.think);
    // Of a request that thinks first the server makes two, and reads the prompt twice.
    const canBe = !facts.thinking || think === false;
    const obeys = (): boolean =>
      this.#learned.get(model) ?? this.#measures?.of(this.#host, model).obeysFormat ?? true;
    return {
      get settings() {
        return canBe && obeys() ? { ...settings, think } : undefined;
      },
      learned: (isObeyed) => {
        if (this.#learned.get(model) === isObeyed) return;
        this.#learned.set(model, isObeyed);
        this.#measures?.keepObedience(this.#host, model, isObeyed);
      },
    };
  }
}

/** For an answer in which thinking is in the way: off, or as little as the model can. */
export function leastThinking(think: ChatSettings['think']): ChatSettings['think'] {
  if (think === undefined) return undefined;
  return typeof think === 'string' ? 'low' : false;
}
