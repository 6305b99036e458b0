/** What a project brings that would run is offered to the user, in the dialog of the approvals, but outside any turn. */
import { ApprovalDesk } from '../agent/questions.ts';
import type { Offer } from '../extensions/offer-brought.ts';
import type { ApprovalAnswer, Event } from '../protocol.ts';

export class Offers {
  readonly #emit: (event: Event) => void;
  readonly #cwd: () => string;
  readonly #desk = new ApprovalDesk();
  readonly #closed = new AbortController();
  #last = 0;

  constructor(emit: (event: Event) => void, cwd: () => string) {
    this.#emit = emit;
    this.#cwd = cwd;
  }

  readonly offer: Offer = async (extension, reason) => {
    this.#last += 1;
    const request = {
      id: `offer-${this.#last}`,
      kind: 'extension',
      cwd: this.#cwd(),
      reason,
      extension,
    } as const;
    const pending = this.#desk.ask(request, this.#closed.signal);
    this.#emit({ type: 'approval_requested', request });
    const answer = await pending;
    this.#emit({ type: 'approval_resolved', id: request.id, answer, request });
    return offerAnswer(answer);
  };

  /** @returns false if it is the answer to something else. */
  answer(id: string, answer: ApprovalAnswer): boolean {
    return this.#desk.answer(id, answer);
  }

  /** Nobody can be asked any more. */
  close(): void {
    this.#closed.abort();
  }
}

function offerAnswer({ type }: ApprovalAnswer): Awaited<ReturnType<Offer>> {
  if (type === 'once') return 'yes';
  return type === 'no' ? 'no' : 'later';
}
