/**
 * Questions to the user: numbers them, shows them in the front ends, waits for the answer. Every `approval_requested`
 * is closed by one `approval_resolved`, even on interrupt. When to ask: safety/guard.ts.
 */
import type { ApprovalAnswer, ApprovalRequest, Event } from '../protocol.ts';
import type { Question } from '../safety/guard.ts';

const STOP: ApprovalAnswer = { type: 'stop' };

/**
 * Requests that wait for an answer. The first answer wins, later ones are refused, and an abort answers `stop`. `ask`
 * registers the request before it returns, so ask first, then show it, then await: an immediate answer is not lost.
 */
export class ApprovalDesk {
  readonly #pending = new Map<string, (answer: ApprovalAnswer) => void>();

  /** Resolves with the answer; never rejects. Throws synchronously for an id that already waits. */
  ask(request: ApprovalRequest, signal: AbortSignal): Promise<ApprovalAnswer> {
    const { id } = request;
    if (this.#pending.has(id)) throw new Error(`approval request ${id} is already waiting`);
    if (signal.aborted) return Promise.resolve(STOP);
    return new Promise((resolve) => {
      const onAbort = () => this.answer(id, STOP);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#pending.set(id, (answer) => {
        signal.removeEventListener('abort', onAbort);
        resolve(answer);
      });
    });
  }

  /** False, without any effect, if no request with this id waits. */
  answer(id: string, answer: ApprovalAnswer): boolean {
    const settle = this.#pending.get(id);
    this.#pending.delete(id);
    settle?.(answer);
    return settle !== undefined;
  }
}

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

  async ask(question: Question, signal: AbortSignal): Promise<ApprovalAnswer> {
    this.#last += 1;
    const request: ApprovalRequest = { id: `a${this.#last}`, ...question };
    const pending = this.#desk.ask(request, signal);
    this.#emit({ type: 'approval_requested', request });
    const answer = await pending;
    this.#emit({ type: 'approval_resolved', id: request.id, answer, request });
    if (answer.type === 'stop') this.#stop();
    return answer;
  }

  answer(id: string, answer: ApprovalAnswer): void {
    this.#desk.answer(id, answer);
  }
}
