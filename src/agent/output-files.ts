/**
 * Names the files for outputs that are cut for the model: one folder per session, one number per call. A resumed
 * session does not reuse numbers.
 */
import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';

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
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      this.#before ??= Math.max(
        0,
        ...readdirSync(this.#folder).map((name) => Number.parseInt(name, 10) || 0),
      );
      return path.join(this.#folder, `${this.#before + number}.txt`);
    };
  }
}
