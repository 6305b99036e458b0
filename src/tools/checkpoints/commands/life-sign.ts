/**
 * Says on the disk, by the ctime of a file, until when a command was certainly watched. After a kill, what has changed later may be
 * somebody else's work. So it is said as soon as a change is reported, and else from time to time.
 */
import { closeSync, fstatSync, futimesSync, openSync, rmSync, writeSync } from 'node:fs';

/** For what no watch reports: changes in folders that the command has made, and on file systems of other machines. */
const BEAT_MS = 100;
/** A command that writes thousands of files is reported thousands of times. */
const SHORTEST_MS = 5;

export class LifeSign {
  /** Milliseconds of the epoch, by the clock of the file system. */
  readonly begunMs: number;
  readonly #file: number;
  readonly #beat: NodeJS.Timeout;
  #soon: NodeJS.Timeout | undefined;
  #saidAt = 0;
  #isEnded = false;

  /** @param file is made anew. @throws a system error */
  constructor(file: string) {
    rmSync(file, { force: true });
    this.#file = openSync(file, 'wx', 0o600);
    this.begunMs = fstatSync(this.#file).ctimeMs;
    this.#beat = setInterval(() => this.#say(), BEAT_MS).unref();
  }

  /** What the file says. @throws a system error */
  write(text: string): void {
    writeSync(this.#file, text);
  }

  /** A change has been reported. */
  changed(): void {
    if (this.#isEnded) return;
    const passed = performance.now() - this.#saidAt;
    if (passed >= SHORTEST_MS) this.#say();
    else this.#soon ??= setTimeout(() => this.#say(), SHORTEST_MS - passed).unref();
  }

  /** The last one. The file stays. */
  end(): void {
    this.#say();
    this.#isEnded = true;
    clearInterval(this.#beat);
    closeSync(this.#file);
  }

  #say(): void {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    this.#saidAt = performance.now();
    try {
      // Changes its ctime.
      futimesSync(this.#file, 0, 0);
    } catch {
      // Then less is known after a kill.
    }
  }
}
