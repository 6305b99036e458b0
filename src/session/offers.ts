/** What a project brings that would run is offered to the user, once; answers arrive as operations. */
import type { Event } from '../protocol.ts';
import { counter } from '../text/uuid.ts';

type Offered = Extract<Event, { type: 'extension_offered' }>;
export type OfferAnswer = 'yes' | 'no' | 'later';
export type Offer = (what: Pick<Offered, 'kind' | 'name' | 'lines'>) => Promise<OfferAnswer>;

export class Offers {
  readonly #emit: (event: Event) => void;
  readonly #waiting = new Map<string, (answer: OfferAnswer) => void>();
  readonly #nextId = counter('offer', 0);

  constructor(emit: (event: Event) => void) {
    this.#emit = emit;
  }

  readonly offer: Offer = (what) => {
    const id = this.#nextId();
    const answer = new Promise<OfferAnswer>((resolve) => this.#waiting.set(id, resolve));
    this.#emit({ type: 'extension_offered', id, ...what });
    return answer;
  };

  /** An unknown id is ignored. */
  answer(id: string, answer: OfferAnswer): void {
    this.#waiting.get(id)?.(answer);
    this.#waiting.delete(id);
  }

  /** Nobody can be asked any more. */
  close(): void {
    for (const id of [...this.#waiting.keys()]) this.answer(id, 'later');
  }
}
