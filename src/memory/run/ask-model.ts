/** Asks the model of a session, or another one, with the window that the server has it loaded with. */

import { parseJson } from '../../model/json-object.ts';
import { leastThinking } from '../../model/least-thinking.ts';
import { answeredJson } from '../../model/repair/answered-json.ts';
import type { ChatSettings, ModelServer } from '../../model/server.ts';
import type { MemoryModel, MemoryQuestion } from '../model.ts';

export interface AskOptions {
  readonly client: Pick<ModelServer, 'chat'>;
  /** Of the session: a request with another window would make the server load the model again. */
  readonly settings: ChatSettings;
  /** Told how long a request has waited for those of others, in milliseconds. */
  readonly onQueued?: (ms: number) => void;
}

export class AskedModel implements MemoryModel {
  readonly #options: AskOptions;

  constructor(options: AskOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.settings.model;
  }

  get numCtx(): number {
    return this.#options.settings.numCtx;
  }

  async ask({ system, text, schema, maxTokens }: MemoryQuestion, signal: AbortSignal): Promise<unknown> {
    const { client, settings, onQueued } = this.#options;
    const messages = [
      { role: 'system', content: system },
      { role: 'user', content: text },
    ] as const;
    const begun = performance.now();
    const turn = await client.chat(
      { ...settings, numPredict: maxTokens, think: leastThinking(settings.think) },
      { messages, tools: [], format: schema },
      { onDelta: () => undefined, onPhase: () => undefined },
      signal,
    );
    onQueued?.(performance.now() - begun - turn.loadMs - turn.promptEvalMs - turn.evalMs);
    const isCut = turn.doneReason === 'length';
    const answer = isCut ? { value: parseJson(turn.content) } : answeredJson(turn.content);
    if (answer?.value !== undefined) return answer.value;
    throw new Error(isCut ? 'the answer was too long' : 'the answer is not valid JSON');
  }
}
