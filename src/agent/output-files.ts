/**
 * Names the files for outputs that are cut for the model: one folder per session, one number per call. A resumed
 * session does not reuse numbers.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../config/make-folder.ts';

export class OutputFiles {
  readonly #folder: string;
  /** The highest number used before the session was resumed. */
  #before: number | undefined;
  #last = 0;

  constructor(outputsFolder: string, threadId: string) {
    this.#folder = path.join(outputsFolder, threadId);
  }

  /** The file for the next call, as a function that also creates its folder. */
  next(): () => string {
    this.#last += 1;
    const number = this.#last;
    return () => {
      makeFolder(this.#folder);
      this.#before ??= Math.max(
        0,
        ...readdirSync(this.#folder).map((name) => Number.parseInt(name, 10) || 0),
      );
      return path.join(this.#folder, `${this.#before + number}.txt`);
    };
  }
}
