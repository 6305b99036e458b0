/**
 * What the model has been told of its surroundings, and where in the history.
 *
 * Invariants: the first frame has everything, a later one only what has changed since the last that is still in the
 * history. Does not: read the surroundings (context/environment.ts) or record a frame (agent.ts).
 */
import { type Environment, environmentContext, environmentDiff } from '../context/environment.ts';

export class Surroundings {
  readonly #projectDoc: string | undefined;
  /** `at`: the place of the frame in the history. */
  #told: { readonly at: number; readonly environment: Environment }[] = [];

  /** @param projectDoc the instructions of AGENTS.md, ready to send; they go in front of the first frame. */
  constructor(projectDoc: string | undefined) {
    this.#projectDoc = projectDoc;
  }

  /** What must be told now, to stand at `at` in the history; undefined: nothing has changed. */
  frame(environment: Environment, at: number): string | undefined {
    const before = this.#told.at(-1)?.environment;
    const whole = environmentContext(environment);
    const first = this.#projectDoc === undefined ? whole : `${this.#projectDoc}\n\n${whole}`;
    const frame = before === undefined ? first : environmentDiff(before, environment);
    if (frame !== undefined) this.#told.push({ at, environment });
    return frame;
  }

  /** The history has only `length` items left. */
  cutTo(length: number): void {
    this.#told = this.#told.filter(({ at }) => at < length);
  }
}
