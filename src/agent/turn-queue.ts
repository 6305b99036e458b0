/**
 * What the user has said and the model has not received yet: steers for the running turn, and further turns. An entry
 * leaves once, to the model or back to the user; every change is reported with all entries, oldest first.
 */
import type { AgentOp, QueueEntry } from '../protocol.ts';

export type UserTurn = Extract<AgentOp, { type: 'user_turn' }>;

interface Waiting extends QueueEntry {
  readonly turn: UserTurn;
}

export class TurnQueue {
  readonly #onChange: (entries: readonly QueueEntry[]) => void;
  #waiting: readonly Waiting[] = [];
  #last = 0;

  constructor(onChange: (entries: readonly QueueEntry[]) => void) {
    this.#onChange = onChange;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  get hasSteers(): boolean {
    return this.#waiting.some(({ kind }) => kind === 'steer');
  }

  add(kind: QueueEntry['kind'], turn: UserTurn): void {
    this.#last += 1;
    this.#set([...this.#waiting, { id: `q${this.#last}`, text: shownText(turn), kind, turn }]);
  }

  /** All steers, oldest first. */
  takeSteers(): UserTurn[] {
    return this.#take(({ kind }) => kind === 'steer').map(({ turn }) => turn);
  }

  /** The oldest entry that is a turn of its own. */
  takeTurn(): UserTurn | undefined {
    const next = this.#waiting.find(({ kind }) => kind === 'queue');
    return next && this.#take(({ id }) => id === next.id)[0]?.turn;
  }

  /** Removes the entry with that id, or all entries, to be handed back to the user. */
  takeBack(wanted?: string): { readonly id: string; readonly turn: UserTurn }[] {
    return this.#take(({ id }) => wanted === undefined || id === wanted);
  }

  #take(fits: (entry: Waiting) => boolean): Waiting[] {
    const taken = this.#waiting.filter(fits);
    if (taken.length > 0) this.#set(this.#waiting.filter((entry) => !fits(entry)));
    return taken;
  }

  #set(waiting: readonly Waiting[]): void {
    this.#waiting = waiting;
    this.#onChange(waiting.map(({ id, text, kind }) => ({ id, text, kind })));
  }
}

/** What the user sees of a message. */
export function shownText({ text, shownAs }: Pick<UserTurn, 'text' | 'shownAs'>): string {
  return shownAs ?? text;
}

/** Several messages as one: texts on separate lines, images in order. */
export function joinTurns(turns: readonly UserTurn[]): UserTurn {
  const images = turns.flatMap((turn) => turn.images ?? []);
  return {
    type: 'user_turn',
    text: turns.map(({ text }) => text).join('\n'),
    images: images.length === 0 ? undefined : images,
  };
}
