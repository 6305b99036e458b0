/**
 * Names the files for outputs that are cut for the model: one folder a session, one number a call.
 *
 * Does not: write them (context/output-capture.ts, tool-calls.ts).
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';

export class OutputFiles {
  readonly #folder: string;
  #last = 0;

  constructor(outputsFolder: string, threadId: string) {
    this.#folder = path.join(outputsFolder, threadId);
  }

  /** The file of the next call, as a function that also sees to its folder. */
  next(): () => string {
    this.#last += 1;
    const file = path.join(this.#folder, `${this.#last}.txt`);
    return () => {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      return file;
    };
  }
}
