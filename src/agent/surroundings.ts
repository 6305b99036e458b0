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
  readonly #hasEnvironment: boolean;
  #docBytes = Number.MAX_SAFE_INTEGER;
  #frames: Frames;

  /**
   * @param projectDoc AGENTS.md, ready to send; it precedes the first frame.
   * @param frames the frames in the history of a resumed session.
   * @param hasEnvironment false: the frames are only AGENTS.md.
   */
  constructor(projectDoc: string | undefined, frames: Frames = [], hasEnvironment = true) {
    this.#projectDoc = projectDoc;
    this.#hasEnvironment = hasEnvironment;
    this.#frames = frames;
  }

  /** The frame that is due, for index `at` of the history; undefined: nothing has changed. */
  frame(environment: Environment, at: number): string | undefined {
    const before = this.#frames.at(-1)?.environment;
    const frame = before === undefined ? this.#whole(environment) : this.#changes(before, environment);
    if (frame !== undefined) this.#frames = [...this.#frames, { at, environment }];
    return frame;
  }

  /** AGENTS.md alone, once: a led model does nothing that depends on the rest. */
  docOnly(at: number): string | undefined {
    if (at > 0 || this.#projectDoc === undefined) return undefined;
    return this.#cutDoc(this.#projectDoc).text;
  }

  /** The complete frame, for the beginning of a new history; undefined: there is nothing to say. */
  again(environment: Environment): string | undefined {
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

  #changes(before: Environment, environment: Environment): string | undefined {
    return this.#hasEnvironment ? environmentDiff(before, environment) : undefined;
  }

  #whole(environment: Environment): string | undefined {
    const doc = this.#projectDoc === undefined ? [] : [this.#cutDoc(this.#projectDoc).text];
    const parts = this.#hasEnvironment ? [...doc, environmentContext(environment)] : doc;
    return parts.length === 0 ? undefined : parts.join('\n\n');
  }

  /** Only the first `length` items of the history are left. */
  cutTo(length: number): void {
    this.#frames = this.#frames.filter(({ at }) => at < length);
  }
}
