/**
 * The histories that one compaction could leave, and whether one of them is worth it. Changes nothing; a message of the
 * user that has to be cut is saved once, however many drafts are made.
 */
import type { Environment } from '../context/environment.ts';
import type { HistoryItem } from '../context/history.ts';
import type { Budget } from './budget.ts';
import type { Conversation } from './conversation.ts';
import { frameItems, newHistory } from './new-history.ts';

/** A compaction that gains less costs the model its memory of the work for next to nothing. */
const LEAST_GAIN = 0.25;

interface DraftParts {
  readonly conversation: Conversation;
  readonly budget: Budget;
  readonly environment: Environment;
  readonly facts: string | undefined;
  /** Tokens of what precedes every history. */
  readonly fixed: number;
  readonly tokensOf: (items: readonly HistoryItem[]) => number;
  readonly save: (message: string) => string | undefined;
}

export class Drafts {
  readonly #parts: DraftParts;
  readonly #saved = new Map<string, string | undefined>();

  constructor(parts: DraftParts) {
    this.#parts = parts;
  }

  get environment(): Environment {
    return this.#parts.environment;
  }

  /**
   * The history with this summary; undefined if it would not be clearly smaller.
   *
   * @param depth how often the size of the new history is halved.
   */
  smaller(summary: string, depth: number): readonly HistoryItem[] | undefined {
    const { conversation, environment } = this.#parts;
    const draft = conversation.draft((frame) => this.#build(frame, summary, depth), environment);
    const most = this.#size(conversation.history.items) * (1 - LEAST_GAIN);
    return this.#size(draft) <= most ? draft : undefined;
  }

  /** Tokens, without the frame, which every history needs. */
  #size(items: readonly HistoryItem[]): number {
    return this.#parts.tokensOf(items.filter((item) => item.type !== 'user' || item.kind !== 'context'));
  }

  #build(frame: string | undefined, summary: string, depth: number): HistoryItem[] {
    const { conversation, budget, facts, fixed, tokensOf } = this.#parts;
    const deeper = 2 ** depth;
    // A long AGENTS.md must leave some space for the summary.
    const least = tokensOf(frameItems(frame)) + budget.least / deeper;
    return newHistory(
      { frame, old: conversation.history.items, summary, facts },
      {
        total: Math.floor(Math.max(budget.target / deeper - fixed, least)),
        users: Math.floor(budget.users / deeper),
      },
      { tokensOf, bytesPerToken: conversation.meter.bytesPerToken, save: (message) => this.#save(message) },
    );
  }

  #save(message: string): string | undefined {
    if (!this.#saved.has(message)) this.#saved.set(message, this.#parts.save(message));
    return this.#saved.get(message);
  }
}
