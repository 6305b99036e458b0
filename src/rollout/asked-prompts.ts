/** What the user has asked in a session, and what was done: for a run that goes on where another one has ended. */

import { type HistoryItem, isPrompt } from '../context/history.ts';
import { isTurnEnd } from '../text/turn-end.ts';
import type { EventMessage, TurnContext } from './lines.ts';
import { RolloutReader } from './scan.ts';

export interface AskedPrompt {
  /** As the user was shown it. */
  readonly text: string;
  /** The turn in which the model got it was completed, and its verifying command, if any, succeeded. */
  readonly isDone: boolean;
}

/** The messages of the user that were not taken back, oldest first; compactions change nothing about them. @throws Error */
export function askedPrompts(file: string): readonly AskedPrompt[] {
  const reader = new RolloutReader(file);
  try {
    const asked = new Asked();
    reader.scan((line) => {
      const parsed = WANTED.has(line.of) || WANTED.has(line.type) ? reader.parse(line) : undefined;
      if (parsed?.type === 'turn_context') asked.begin(parsed.payload);
      else if (parsed?.type === 'compacted') asked.compact();
      else if (parsed?.type === 'response_item') asked.item(parsed.payload);
      else if (parsed?.type === 'event_msg') asked.event(parsed.payload);
    });
    return asked.prompts;
  } finally {
    reader.close();
  }
}

/** Lines and payloads. */
const WANTED: ReadonlySet<string> = new Set([
  'turn_context',
  'compacted',
  'context_compacted',
  'user',
  'turn_completed',
  'turn_failed',
  'turn_aborted',
  'thread_rolled_back',
]);

class Asked {
  prompts: AskedPrompt[] = [];
  #turn: string | undefined;
  /** A message came in this turn: one that only compacts has none. */
  #hasPrompt = false;
  /** How many messages there were at the last compaction, and at the one before it. */
  #compactedAt = 0;
  #compactedBefore = 0;
  /** Nothing came after its line. */
  #isJustCompacted = false;

  begin({ turn_id: turn }: TurnContext): void {
    this.#turn = turn;
    this.#hasPrompt = false;
    this.#isJustCompacted = false;
  }

  compact(): void {
    this.#compactedBefore = this.#compactedAt;
    this.#compactedAt = this.prompts.length;
    this.#isJustCompacted = true;
  }

  item(item: HistoryItem): void {
    this.#isJustCompacted = false;
    if (!isPrompt(item)) return;
    this.prompts.push({ text: item.shownAs ?? item.content, isDone: false });
    this.#hasPrompt = true;
  }

  event(event: EventMessage): void {
    if (event.type === 'thread_rolled_back') return this.#rollBack(event.num_turns);
    this.#isJustCompacted = false;
    if (!isTurnEnd(event)) return;
    const last = this.prompts.at(-1);
    if (last === undefined || !this.#hasPrompt || event.turn_id !== this.#turn) return;
    const isDone = event.type === 'turn_completed' && event.is_verified !== false;
    this.prompts[this.prompts.length - 1] = { ...last, isDone };
  }

  /** To go back behind a compaction, what was before it is put back first: that line looks like a compaction, too. */
  #rollBack(turns: number): void {
    if (this.#isJustCompacted) {
      this.prompts.length = this.#compactedBefore;
      this.#compactedAt = 0;
    }
    this.#isJustCompacted = false;
    this.prompts.length = Math.max(0, this.prompts.length - turns);
  }
}
