/**
 * The bytes of the files that commands could change, one behind the other in one file, which is only ever appended to: thousands of
 * small files would take ten times as long to write. What a command has changed in fact goes on to `Objects`.
 */
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import path from 'node:path';
import { contentHash } from '../../../config/project-file.ts';

export interface Copy {
  readonly sha256: string;
  /** Where it begins, in bytes. */
  readonly at: number;
  readonly length: number;
}

const BUFFERED_BYTES = 1024 * 1024;

export class Copies {
  readonly #file: number;
  #size = 0;
  #written = 0;
  readonly #pending = Buffer.allocUnsafeSlow(BUFFERED_BYTES);

  /** @param folder exists. @param isNew false: an earlier process has begun it. @throws a system error */
  constructor(folder: string, isNew: boolean) {
    this.#file = openSync(path.join(folder, 'bytes'), isNew ? 'wx+' : 'r+', 0o600);
    this.#written = fstatSync(this.#file).size;
    this.#size = this.#written;
  }

  /** The bytes of all that was ever put. */
  get size(): number {
    return this.#size;
  }

  /** @throws a system error */
  put(bytes: Uint8Array): Copy {
    const copy = { sha256: contentHash(bytes), at: this.#size, length: bytes.length };
    if (this.#size - this.#written + bytes.length > BUFFERED_BYTES) this.flush();
    if (bytes.length > BUFFERED_BYTES) this.#write(bytes);
    else this.#pending.set(bytes, this.#size - this.#written);
    this.#size += bytes.length;
    return copy;
  }

  /** Everything is on the disk. @throws a system error */
  flush(): void {
    this.#write(this.#pending.subarray(0, this.#size - this.#written));
  }

  #write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(this.#file, bytes, done, bytes.length - done, this.#written + done);
    }
    this.#written += bytes.length;
  }

  /** The bytes; undefined: they are not here, or not whole. @throws a system error */
  get({ sha256, at, length }: Copy): Buffer | undefined {
    this.flush();
    const bytes = Buffer.alloc(length);
    let done = 0;
    for (let read = -1; read !== 0 && done < length; done += read) {
      read = readSync(this.#file, bytes, done, length - done, at + done);
    }
    return done === length && contentHash(bytes) === sha256 ? bytes : undefined;
  }

  close(): void {
    closeSync(this.#file);
  }
}
