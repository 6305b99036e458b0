/**
 * The contents of files, each once, under the digest of its bytes. They appear whole or not at all, and are compared with
 * their digest when they are read. If they become too many, those that were not used for the longest time go.
 */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../../config/make-folder.ts';
import { contentHash } from '../../config/project-file.ts';

/** Of one session, compressed. */
const MOST_BYTES = 256 * 1024 * 1024;
const DRAFT = '.new-';
const LEVEL = 1;

export class Objects {
  readonly #folder: string;
  readonly #most: number;
  /** Those of the change that is being made are not taken away for it. */
  readonly #needed = new Set<string>();
  /** The bytes of all; undefined: not counted yet. */
  #size: number | undefined;
  #problem: Error | undefined;

  /** @param folder that of a session's checkpoints */
  constructor(folder: string, most = MOST_BYTES) {
    this.#folder = path.join(folder, 'objects');
    this.#most = most;
  }

  /** Keeps these bytes, unless that fails: see `problem`. @returns their digest, by which it is known that they were there */
  put(bytes: Uint8Array): string {
    const sha256 = contentHash(bytes);
    this.#needed.add(sha256);
    try {
      if (!this.#touch(sha256)) this.#write(sha256, bytes);
    } catch (error) {
      this.#problem ??= error as Error;
    }
    return sha256;
  }

  /** Why not all is kept that was put; undefined: it is. */
  get problem(): Error | undefined {
    return this.#problem;
  }

  /** The bytes; undefined: they are not here, or not whole. */
  get(sha256: string): Buffer | undefined {
    try {
      const bytes = zlib().inflateRawSync(readFileSync(this.#file(sha256)));
      return contentHash(bytes) === sha256 ? bytes : undefined;
    } catch {
      return undefined;
    }
  }

  #file(sha256: string): string {
    return path.join(this.#folder, sha256);
  }

  #touch(sha256: string): boolean {
    try {
      const now = new Date();
      utimesSync(this.#file(sha256), now, now);
      return true;
    } catch {
      return false;
    }
  }

  #write(sha256: string, bytes: Uint8Array): void {
    makeFolder(this.#folder);
    const packed = zlib().deflateRawSync(bytes, { level: LEVEL });
    const draft = path.join(this.#folder, `${DRAFT}${randomUUID()}`);
    try {
      writeFileSync(draft, packed, { mode: 0o600, flag: 'wx' });
      renameSync(draft, this.#file(sha256));
    } catch (error) {
      // On a full disk it would take the room that the patch itself needs.
      rmSync(draft, { force: true });
      throw error;
    }
    this.#size =
      (this.#size ?? this.#list().reduce((sum, { size }) => sum + size, -packed.length)) + packed.length;
    if (this.#size > this.#most) this.#makeRoom();
  }

  /** Also takes away what a killed process was writing. */
  #makeRoom(): void {
    let size = 0;
    const kept: { readonly name: string; readonly size: number; readonly usedAt: number }[] = [];
    for (const entry of this.#list()) {
      if (entry.name.startsWith(DRAFT)) rmSync(path.join(this.#folder, entry.name), { force: true });
      else {
        kept.push(entry);
        size += entry.size;
      }
    }
    for (const { name, size: bytes } of kept.toSorted((a, b) => a.usedAt - b.usedAt)) {
      if (size <= this.#most) break;
      if (this.#needed.has(name)) continue;
      rmSync(path.join(this.#folder, name), { force: true });
      size -= bytes;
    }
    this.#size = size;
  }

  #list(): { readonly name: string; readonly size: number; readonly usedAt: number }[] {
    return readdirSync(this.#folder).map((name) => {
      const { size, mtimeMs } = statSync(path.join(this.#folder, name));
      return { name, size, usedAt: mtimeMs };
    });
  }
}

function zlib(): typeof import('node:zlib') {
  return process.getBuiltinModule('node:zlib');
}
