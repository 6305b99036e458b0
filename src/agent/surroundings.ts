/**
 * What the history says about the environment, and where. The first frame has everything, a later one only what has
 * changed since the last one that is still in the history.
 */
import { type Environment, environmentContext, environmentDiff } from '../context/environment.ts';
import { truncateText } from '../context/truncate.ts';

/** `at`: the index of the frame in the history. */
export type Frames = readonly { readonly at: number; readonly environment: Environment }[];

export class Surroundings {
  readonly #projectDoc: string | undefined;
  #docBytes = Number.MAX_SAFE_INTEGER;
  #frames: Frames;

  /**
   * @param projectDoc AGENTS.md, ready to send; it precedes the first frame.
   * @param frames the frames in the history of a resumed session.
   */
  constructor(projectDoc: string | undefined, frames: Frames = []) {
    this.#projectDoc = projectDoc;
    this.#frames = frames;
  }

  /** The frame that is due, for index `at` of the history; undefined: nothing has changed. */
  frame(environment: Environment, at: number): string | undefined {
    const before = this.#frames.at(-1)?.environment;
    const frame = before === undefined ? this.#whole(environment) : environmentDiff(before, environment);
    if (frame !== undefined) this.#frames = [...this.#frames, { at, environment }];
    return frame;
  }

  /** AGENTS.md alone, once: a led model does nothing that depends on the rest. */
  docOnly(at: number): string | undefined {
    if (at > 0 || this.#projectDoc === undefined) return undefined;
    return this.#cutDoc(this.#projectDoc).text;
  }

  /** The complete frame, for the beginning of a new history. */
  again(environment: Environment): string {
    this.#frames = [{ at: 0, environment }];
    return this.#whole(environment);
  }

  /** For `restore`, in case that history is restored. */
  get frames(): Frames {
    return this.#frames;
  }

  restore(frames: Frames): void {
    this.#frames = frames;
  }

  /** Limits AGENTS.md to its beginning and end from now on. @returns false if that cuts it. */
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

  /** Only the first `length` items of the history are left. */
  cutTo(length: number): void {
    this.#frames = this.#frames.filter(({ at }) => at < length);
  }
}
