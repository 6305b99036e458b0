/**
 * The questions to the user: numbers them, tells them to the front ends, waits for the one answer.
 *
 * Invariants: every `approval_requested` is closed by one `approval_resolved`, also on interrupt.
 * Does not: decide when to ask (safety/guard.ts).
 */
import type { ApprovalAnswer, ApprovalRequest, Event } from '../protocol.ts';
import { ApprovalDesk } from '../safety/approvals.ts';
import type { Ask } from '../safety/guard.ts';

export class Questions {
  readonly #desk = new ApprovalDesk();
  readonly #emit: (event: Event) => void;
  readonly #stop: () => void;
  #last = 0;

  /** @param stop called when the user answers `stop`, which ends the turn as an interrupt does. */
  constructor(emit: (event: Event) => void, stop: () => void) {
    this.#emit = emit;
    this.#stop = stop;
  }

  async ask(question: Parameters<Ask>[0], signal: AbortSignal): Promise<ApprovalAnswer> {
    this.#last += 1;
    const request: ApprovalRequest = { id: `a${this.#last}`, ...question };
    const pending = this.#desk.ask(request, signal);
    this.#emit({ type: 'approval_requested', request });
    const answer = await pending;
    this.#emit({ type: 'approval_resolved', id: request.id, answer });
    if (answer.type === 'stop') this.#stop();
    return answer;
  }

  answer(id: string, answer: ApprovalAnswer): void {
    this.#desk.answer(id, answer);
  }
}
