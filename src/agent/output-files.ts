/**
 * Names the files for outputs that are cut for the model: one folder a session, one number a call.
 *
 * Invariants: a session that is gone on with writes no file again that is there. Does not: write them (context/output-capture.ts, tool-calls.ts).
 */
import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';

export class OutputFiles {
  readonly #folder: string;
  /** The highest number of an earlier run of the session. */
  #before: number | undefined;
  #last = 0;

  constructor(outputsFolder: string, threadId: string) {
    this.#folder = path.join(outputsFolder, threadId);
  }

  /** The file of the next call, as a function that also sees to its folder. */
  next(): () => string {
    this.#last += 1;
    const number = this.#last;
    return () => {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      this.#before ??= Math.max(
        0,
        ...readdirSync(this.#folder).map((name) => Number.parseInt(name, 10) || 0),
      );
      return path.join(this.#folder, `${this.#before + number}.txt`);
    };
  }
}
