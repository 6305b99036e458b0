/**
 * What the model has been told of its surroundings, and where in the history.
 *
 * Invariants: the first frame has everything, a later one only what has changed since the last that is still in the
 * history. Does not: read the surroundings (context/environment.ts) or record a frame (agent.ts).
 */
import { type Environment, environmentContext, environmentDiff } from '../context/environment.ts';
import { truncateText } from '../context/truncate.ts';

/** `at`: the place of the frame in the history. */
export type Told = readonly { readonly at: number; readonly environment: Environment }[];

export class Surroundings {
  readonly #projectDoc: string | undefined;
  #docBytes = Number.MAX_SAFE_INTEGER;
  #told: Told;

  /**
   * @param projectDoc the instructions of AGENTS.md, ready to send; they go in front of the first frame.
   * @param told what the history of an earlier session has already.
   */
  constructor(projectDoc: string | undefined, told: Told = []) {
    this.#projectDoc = projectDoc;
    this.#told = told;
  }

  /** What must be told now, to stand at `at` in the history; undefined: nothing has changed. */
  frame(environment: Environment, at: number): string | undefined {
    const before = this.#told.at(-1)?.environment;
    const frame = before === undefined ? this.#whole(environment) : environmentDiff(before, environment);
    if (frame !== undefined) this.#told = [...this.#told, { at, environment }];
    return frame;
  }

  /** The project's instructions alone, once: a model that is led does nothing that depends on the rest. */
  docOnly(at: number): string | undefined {
    if (at > 0 || this.#projectDoc === undefined) return undefined;
    return this.#cutDoc(this.#projectDoc).text;
  }

  /** Everything, to stand at the beginning of a history that takes the place of the old one. */
  again(environment: Environment): string {
    this.#told = [{ at: 0, environment }];
    return this.#whole(environment);
  }

  /** What has been told, to be given back to `restore` when that history comes back. */
  get told(): Told {
    return this.#told;
  }

  restore(told: Told): void {
    this.#told = told;
  }

  /** From now on the instructions get so many bytes, their beginning and end. @returns false if they are cut by that. */
  limitDoc(bytes: number): boolean {
    this.#docBytes = bytes;
    return this.#projectDoc === undefined || !this.#cutDoc(this.#projectDoc).truncated;
  }

  #cutDoc(doc: string): { text: string; truncated: boolean } {
    return truncateText(doc, { limitBytes: this.#docBytes });
  }

  #whole(environment: Environment): string {
    const text = environmentContext(environment);
    return this.#projectDoc === undefined ? text : `${this.#cutDoc(this.#projectDoc).text}\n\n${text}`;
  }

  /** The history has only `length` items left. */
  cutTo(length: number): void {
    this.#told = this.#told.filter(({ at }) => at < length);
  }
}
