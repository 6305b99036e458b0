/**
 * One question of a review: a piece, and what is asked about it.
 *
 * Invariants: all requests of a review begin with the same system message, and all about one piece with the same text of it, so
 * that the server reads neither twice; no tools; an answer that was cut is none.
 */
import type { PromptMeter, Reading } from '../agent/prompt-meter.ts';
import type { ChatMessage } from '../model/chat.ts';
import type { ModelError } from '../model/errors.ts';
import { parseJson } from '../model/json-object.ts';
import { leastThinking } from '../model/least-thinking.ts';
import { answeredJson } from '../model/repair/answered-json.ts';
import { withRetries } from '../model/retry.ts';
import type { ChatSettings, ModelServer } from '../model/server.ts';
import type { ModelTurn } from '../model/stream.ts';
import type { ModelPhase } from '../protocol/requests.ts';
import type { JsonObject } from '../protocol.ts';

export interface AskDeps {
  readonly client: Pick<ModelServer, 'chat'>;
  readonly settings: ChatSettings;
  readonly meter: PromptMeter;
  readonly onRetry: (error: ModelError, attempt: number) => void;
  readonly onPhase?: (phase: ModelPhase, reading: Reading) => void;
  readonly onTurn?: (turn: ModelTurn) => void;
}

export interface Question {
  /** The piece with what is around it. */
  readonly about: string;
  readonly ask: string;
  /** The answer is constrained by it (`format`). */
  readonly schema: JsonObject;
}

/** The same change is reviewed alike each time, unless the user has set it. */
const TEMPERATURE = 0;

export class Asker {
  readonly #deps: AskDeps;
  readonly #system: ChatMessage;

  constructor(system: string, deps: AskDeps) {
    this.#deps = deps;
    this.#system = { role: 'system', content: system };
  }

  /** Tokens of a prompt without anything about a piece, estimated. */
  emptyTokens(ask: string): number {
    return this.#deps.meter.estimate(this.#messages({ about: '', ask }), []);
  }

  /** @returns what was answered, checked by nobody; undefined: nothing that is JSON, or not all of it. @throws ModelError; the signal's reason */
  async ask(question: Question, signal: AbortSignal): Promise<unknown> {
    const { client, settings, meter, onRetry, onPhase, onTurn } = this.#deps;
    const messages = this.#messages(question);
    const isSame = meter.promptTokens > 0;
    // Of the last request only the system message is part of this one.
    if (isSame) meter.cutTo(1);
    const reading = meter.begin(messages, []);
    const think = leastThinking(settings.think);
    const sampling = { ...settings.sampling, temperature: settings.sampling.temperature ?? TEMPERATURE };
    const once = () =>
      client.chat(
        { ...settings, think, sampling },
        { messages, tools: [], format: question.schema },
        { onDelta: () => undefined, onPhase: (phase) => onPhase?.(phase, reading) },
        signal,
      );
    const turn = await withRetries(once, onRetry, signal, settings.reconnectMs, settings.maxRetries);
    meter.end(turn);
    onTurn?.(turn);
    const isWhole = turn.doneReason === 'stop';
    return isWhole ? answeredJson(turn.content)?.value : parseJson(turn.content);
  }

  #messages({ about, ask }: Pick<Question, 'about' | 'ask'>): readonly ChatMessage[] {
    return [this.#system, { role: 'user', content: `${about}\n\n${ask}` }];
  }
}
