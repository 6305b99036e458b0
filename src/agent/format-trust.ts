/**
 * Whether a server enforces a JSON schema (`format`): found out by trying, once per server and model, and remembered
 * for later sessions.
 */

import { leastThinking } from '../model/least-thinking.ts';
import type { ModelMeasures } from '../model/measures.ts';
import type { ChatSettings } from '../model/server.ts';
import type { AgentModel } from './conversation.ts';

/** For one model. */
export interface Constraint {
  /** The settings of a request with a schema; undefined if a schema would be useless. */
  readonly settings: ChatSettings | undefined;
  readonly learned: (obeys: boolean) => void;
}

export class FormatTrust {
  readonly #server: { readonly host: string };
  readonly #measures: ModelMeasures | undefined;
  /** What this session has learned, even if it cannot be stored. */
  readonly #learned = new Map<string, boolean>();

  constructor(server: { readonly host: string }, measures: ModelMeasures | undefined) {
    this.#server = server;
    this.#measures = measures;
  }

  for({ settings, facts }: AgentModel): Constraint {
    const { model } = settings;
    const { host } = this.#server;
    const key = `${model} @ ${host}`;
    const think = leastThinking(settings.think);
    // If the model thinks first, the server runs two requests, and reads the prompt twice.
    const canBe = !facts.thinking || think === false;
    const obeys = (): boolean =>
      this.#learned.get(key) ?? this.#measures?.of(host, model).obeysFormat ?? true;
    return {
      get settings() {
        return canBe && obeys() ? { ...settings, think } : undefined;
      },
      learned: (isObeyed) => {
        if (this.#learned.get(key) === isObeyed) return;
        this.#learned.set(key, isObeyed);
        this.#measures?.keepObedience(host, model, isObeyed);
      },
    };
  }
}
