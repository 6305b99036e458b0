/**
 * What the model has been told and what that costs: the history with its frames, its count and its measures.
 *
 * Invariants: a message of the user is recorded behind what has changed in the surroundings; after a rollback what is
 * left stands as it was sent, and what the cut part had told of the surroundings is told again.
 * Does not: run turns, or read the surroundings.
 */
import type { Environment } from '../context/environment.ts';
import { History, type HistoryItem } from '../context/history.ts';
import type { ModelFacts } from '../model/capabilities.ts';
import type { ChatMessage } from '../model/chat.ts';
import type { ChatSettings } from '../model/client.ts';
import type { Event } from '../protocol.ts';
import type { Tool } from '../tools/tool.ts';
import { PromptMeter } from './prompt-meter.ts';
import { Surroundings } from './surroundings.ts';
import type { UserTurn } from './turn-queue.ts';
import { UsageMeter } from './usage.ts';

/** What the model is, in each request. */
export interface AgentModel {
  readonly settings: ChatSettings;
  readonly facts: ModelFacts;
}

/** Where the history is cut when the user goes back. */
export interface Cut {
  /** The place of the first message that is dropped. */
  readonly at: number;
  readonly userTurns: number;
  /** Its text. */
  readonly text: string;
}

export class Conversation {
  readonly history = new History();
  readonly usage = new UsageMeter();
  readonly meter = new PromptMeter();
  readonly #surroundings: Surroundings;
  readonly #system: string;

  constructor(system: string, projectDoc: string | undefined) {
    this.#system = system;
    this.#surroundings = new Surroundings(projectDoc);
  }

  recordInput(turn: UserTurn, environment: Environment): void {
    const frame = this.#surroundings.frame(environment, this.history.items.length);
    if (frame !== undefined) this.history.record({ type: 'user', kind: 'context', content: frame });
    const images = turn.images?.length ? { images: turn.images } : {};
    this.history.record({ type: 'user', kind: 'prompt', content: turn.text, ...images });
  }

  recordNote(content: string): void {
    this.history.record({ type: 'user', kind: 'note', content });
  }

  /** Drops the last messages of the user with all behind the first of them; undefined: there is none. */
  rollBack(userTurns: number): Cut | undefined {
    const cut = lastUserTurns(this.history.items, userTurns);
    if (cut === undefined) return undefined;
    this.history.cutTo(cut.at);
    this.#surroundings.cutTo(cut.at);
    this.meter.cutTo(1 + cut.at);
    this.usage.forget();
    return cut;
  }

  /** Another model has read nothing yet. */
  changeModel(): void {
    this.usage.forget();
    this.meter.forget();
  }

  /** The count of a history that nobody has measured yet. */
  estimate({ facts, settings }: AgentModel, tools: readonly Tool[]): Event {
    const messages: ChatMessage[] = [
      { role: 'system', content: this.#system },
      ...this.history.forPrompt({ vision: facts.vision }),
    ];
    const schemas = tools.map(({ schema }) => schema);
    const last = { ...this.usage.last, inputTokens: this.meter.estimate(messages, schemas), outputTokens: 0 };
    return { type: 'token_count', total: this.usage.total, last, numCtx: settings.numCtx, estimated: true };
  }
}

/** A message of the user is what was shown as one, so steers count too. */
function lastUserTurns(items: readonly HistoryItem[], count: number): Cut | undefined {
  const prompts = items.flatMap((item, at) =>
    item.type === 'user' && item.kind === 'prompt' ? [{ at, text: item.content }] : [],
  );
  const userTurns = Math.min(Math.floor(count), prompts.length);
  const first = userTurns >= 1 ? prompts.at(-userTurns) : undefined;
  return first && { ...first, userTurns };
}
