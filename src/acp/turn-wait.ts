/** Waits for the end of the turn that one prompt has begun. */
import type { StopReason } from '@agentclientprotocol/sdk';
import type { Event } from '../protocol.ts';
import { refused } from './errors.ts';

/** How a turn ends that a limit has ended. */
const LIMITS = {
  max_steps: 'max_turn_requests',
  max_time: 'max_turn_requests',
  max_tokens: 'max_tokens',
} as const;

export interface WaitedTurn {
  /** A custom command, whose text may turn out to be unusable. */
  readonly command?: string | undefined;
  /** Ends the running turn, or takes back the waiting one. */
  readonly interrupt: () => void;
}

export class TurnWait {
  /** @throws RequestError if the turn fails, or cannot begin. */
  readonly ended: Promise<StopReason>;
  readonly #turn: WaitedTurn;
  readonly #settle: PromiseWithResolvers<StopReason>;
  #hasStarted = false;
  #isCancelled = false;

  constructor(turn: WaitedTurn) {
    this.#turn = turn;
    this.#settle = Promise.withResolvers();
    this.ended = this.#settle.promise;
  }

  cancel(): void {
    this.#isCancelled = true;
    this.#turn.interrupt();
  }

  handle(event: Event): void {
    switch (event.type) {
      case 'turn_started':
        this.#hasStarted = true;
        // It was on its way while it was cancelled.
        if (this.#isCancelled) queueMicrotask(this.#turn.interrupt);
        return;
      case 'turn_completed':
        return this.#settle.resolve(this.#isCancelled ? 'cancelled' : 'end_turn');
      case 'turn_aborted':
        return this.#settle.resolve('cancelled');
      case 'turn_failed':
        if (event.limit !== undefined) return this.#settle.resolve(LIMITS[event.limit.code]);
        return this.#settle.reject(refused('internal', event.message));
      case 'unqueued':
        if (!this.#hasStarted) this.#settle.resolve('cancelled');
        return;
      case 'server_state':
        if (event.state === 'down' || event.state === 'no_model') this.#cannotBegin(event.message ?? '');
        return;
      case 'warning':
        if (this.#turn.command !== undefined && event.message.startsWith(`/${this.#turn.command}: `))
          this.#cannotBegin(event.message);
        return;
      default:
        return;
    }
  }

  /** Nothing of it is left waiting for a server that may come back. */
  #cannotBegin(message: string): void {
    if (this.#hasStarted) return;
    this.#settle.reject(refused('internal', message));
    this.#turn.interrupt();
  }
}
