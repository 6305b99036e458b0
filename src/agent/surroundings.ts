/**
 * What the history says about the environment, and where. The first frame has everything, a later one only what has
 * changed since the last one that is still in the history.
 */
import { type Environment, environmentContext, environmentDiff } from '../context/environment.ts';
import { type HistoryItem, isPrompt } from '../context/history.ts';
import { planContext, planDiff } from '../context/plan-context.ts';
import { truncateText } from '../context/truncate.ts';

/** `at`: the index of the frame in the history. */
export type Frames = readonly { readonly at: number; readonly environment: Environment }[];

/** What is remembered of earlier sessions, ready to send to a window of that many tokens; undefined: nothing. */
export type Remembered = (numCtx: number) => string | undefined;

export class Surroundings {
  readonly #projectDoc: string | undefined;
  readonly #hasEnvironment: boolean;
  readonly #remembered: Remembered | undefined;
  #numCtx = 0;
  #docBytes = Number.MAX_SAFE_INTEGER;
  #frames: Frames;

  /**
   * @param projectDoc AGENTS.md, ready to send; it precedes the first frame.
   * @param frames the frames in the history of a resumed session.
   * @param hasEnvironment false: the frames are only AGENTS.md, what is remembered, and plan mode.
   * @param remembered follows AGENTS.md where a history begins, and nowhere else.
   */
  constructor(
    projectDoc: string | undefined,
    frames: Frames = [],
    hasEnvironment = true,
    remembered?: Remembered,
  ) {
    this.#projectDoc = projectDoc;
    this.#hasEnvironment = hasEnvironment;
    this.#remembered = remembered;
    this.#frames = frames;
  }

  /**
   * The frame that is due, for the end of `history`; undefined: nothing has changed. AGENTS.md is in it once more if it has come
   * since, or the user has trusted the folder.
   */
  frame(environment: Environment, history: readonly HistoryItem[]): string | undefined {
    const at = history.length;
    const before = this.#frames.at(-1)?.environment;
    const changes = before && [
      this.#newDoc(history),
      this.#changes(before, environment),
      planDiff(before, environment),
    ];
    const frame = changes === undefined ? this.#whole(environment) : joined(changes);
    if (frame !== undefined) this.#frames = [...this.#frames, { at, environment }];
    return frame;
  }

  /** Without the environment: a led model does nothing that depends on it. */
  docOnly(history: readonly HistoryItem[]): string | undefined {
    const memory = history.some(isPrompt) ? undefined : this.#remembered?.(this.#numCtx);
    return joined([this.#newDoc(history), memory]);
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

  /** Limits AGENTS.md to its beginning and end from now on, for a window of `numCtx`. @returns false if that cuts it. */
  limitDoc(bytes: number, numCtx: number): boolean {
    this.#docBytes = bytes;
    this.#numCtx = numCtx;
    return this.#projectDoc === undefined || !this.#cutDoc(this.#projectDoc).truncated;
  }

  /** AGENTS.md, unless the history has it: its first line says for which folder it is, and whether it is to be followed. */
  #newDoc(history: readonly HistoryItem[]): string | undefined {
    const doc = this.#projectDoc;
    if (doc === undefined) return undefined;
    const head = doc.slice(0, doc.indexOf('\n') + 1);
    const isSaid = history.some(
      (item) => item.type === 'user' && item.kind === 'context' && item.content.includes(head),
    );
    return isSaid ? undefined : this.#cutDoc(doc).text;
  }

  #cutDoc(doc: string): { text: string; truncated: boolean } {
    return truncateText(doc, { limitBytes: this.#docBytes });
  }

  #changes(before: Environment, environment: Environment): string | undefined {
    return this.#hasEnvironment ? environmentDiff(before, environment) : undefined;
  }

  #whole(environment: Environment): string | undefined {
    const doc = this.#projectDoc === undefined ? undefined : this.#cutDoc(this.#projectDoc).text;
    const facts = this.#hasEnvironment ? environmentContext(environment) : undefined;
    return joined([doc, this.#remembered?.(this.#numCtx), facts, planContext(environment)]);
  }

  /** Only the first `length` items of the history are left. */
  cutTo(length: number): void {
    this.#frames = this.#frames.filter(({ at }) => at < length);
  }
}

function joined(parts: readonly (string | undefined)[]): string | undefined {
  const present = parts.filter((part) => part !== undefined);
  return present.length === 0 ? undefined : present.join('\n\n');
}
