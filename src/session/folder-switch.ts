/** Whether memories have been switched off in a folder while a session runs there, perhaps from another terminal. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { loadConfig } from '../config/load.ts';
import { memoriesOffIn } from '../config/trust.ts';

export class FolderSwitch {
  readonly #file: string;
  readonly #cwd: string;
  #mark: string;
  #isOff = false;

  /** @param file the user's config.toml, as it was read for the session. @param cwd absolute. */
  constructor(file: string, cwd: string) {
    this.#file = file;
    this.#cwd = cwd;
    this.#mark = this.#now();
  }

  /** As the file says now; as before, if it cannot be read. */
  get isOff(): boolean {
    const mark = this.#now();
    if (mark === this.#mark) return this.#isOff;
    this.#mark = mark;
    try {
      const { config } = loadConfig({ home: path.dirname(this.#file), cwd: this.#cwd });
      this.#isOff = memoriesOffIn(config, this.#cwd) !== undefined;
    } catch {
      // Somebody is editing it.
    }
    return this.#isOff;
  }

  #now(): string {
    const stats = statSync(this.#file, { throwIfNoEntry: false, bigint: true });
    return stats === undefined ? '' : `${stats.ino} ${stats.size} ${stats.mtimeNs}`;
  }
}
