/**
 * What was at the paths of a workspace when they were last looked at, in memory and on the disk: after a kill in the middle of a command
 * another process compares with it.
 */
import { appendFileSync, readFileSync, renameSync, type Stats, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Copy } from './copies.ts';

/** If it is the same, so is the content: nobody can set the ctime. */
export interface Stamp {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  /** The permission bits. */
  readonly mode: number;
}

export interface Looked {
  readonly stamp: Stamp;
  /** It was looked at long enough after its last change to be sure that a later one has another ctime. */
  readonly isSettled: boolean;
}

export interface KnownFile extends Looked {
  /** Absent: it is too large, or could not be read. */
  readonly copy?: Copy | undefined;
}

export interface KnownFolder extends Looked {
  /** All that is in it; what is no file has a slash behind its name. */
  readonly names: ReadonlySet<string>;
}

/** File systems that count in steps of two seconds do not show a second change within one. */
const COARSEST_CLOCK_MS = 2_000;

export function stampOf({ dev, ino, size, mtimeMs, ctimeMs, mode }: Stats): Stamp {
  return { dev, ino, size, mtimeMs, ctimeMs, mode: mode & 0o1777 };
}

/** @param now milliseconds of the epoch, from before it was read */
export function lookedAt(stamp: Stamp, now: number): Looked {
  return { stamp, isSettled: now - stamp.ctimeMs > COARSEST_CLOCK_MS };
}

export function isSameStamp(one: Stamp, other: Stamp): boolean {
  return (
    one.ctimeMs === other.ctimeMs &&
    one.ino === other.ino &&
    one.size === other.size &&
    one.mtimeMs === other.mtimeMs &&
    one.mode === other.mode &&
    one.dev === other.dev
  );
}

/** `other`: a link, a device, or what cannot be looked at. */
export type KnownEntry = KnownFile | 'absent' | 'other';

type Line =
  | { readonly roots: readonly string[] }
  | { readonly file: string; readonly is: KnownEntry }
  | { readonly folder: string; readonly is: (Looked & { readonly names: readonly string[] }) | null };

const NAME = 'known.jsonl';
/** What may be appended before it is all written anew. */
const LEAST_APPENDED = 1024 * 1024;

export class Known {
  readonly #folder: string;
  readonly roots: readonly string[];
  /** By path, absolute and real. */
  readonly files = new Map<string, KnownEntry>();
  /** Their paths by folder. */
  readonly byFolder = new Map<string, string[]>();
  readonly folders = new Map<string, KnownFolder>();
  #unsaved = new Map<string, Line>();
  /** Bytes of the file: what was written at once, and what came behind that. */
  #whole = 0;
  #appended = 0;

  /** @param folder where it is kept */
  constructor(folder: string, roots: readonly string[]) {
    this.#folder = folder;
    this.roots = roots;
    this.#unsaved.set('', { roots });
  }

  setFile(file: string, is: KnownEntry): void {
    this.#put(file, is);
    this.#unsaved.set(file, { file, is });
  }

  #put(file: string, is: KnownEntry): void {
    if (!this.files.has(file)) {
      const folder = path.dirname(file);
      const others = this.byFolder.get(folder);
      if (others === undefined) this.byFolder.set(folder, [file]);
      else others.push(file);
    }
    this.files.set(file, is);
  }

  /** @param is undefined: it is none any more */
  setFolder(folder: string, is: KnownFolder | undefined): void {
    if (is === undefined) this.folders.delete(folder);
    else this.folders.set(folder, is);
    this.#unsaved.set(`${folder}/`, folderLine(folder, is));
  }

  /** The file takes at most twice the room of what is known. @throws a system error */
  save(): void {
    if (this.#unsaved.size === 0) return;
    const text = textOf(this.#unsaved.values());
    if (this.#appended + text.length > this.#whole + LEAST_APPENDED) this.#writeAll();
    else {
      appendFileSync(path.join(this.#folder, NAME), text, { mode: 0o600 });
      this.#appended += text.length;
    }
    this.#unsaved = new Map();
  }

  /** A kill leaves the old file or the new one. */
  #writeAll(): void {
    const file = path.join(this.#folder, NAME);
    const text = textOf(this.#lines());
    writeFileSync(`${file}.new`, text, { mode: 0o600 });
    renameSync(`${file}.new`, file);
    this.#whole = text.length;
    this.#appended = 0;
  }

  *#lines(): Generator<Line> {
    yield { roots: this.roots };
    for (const [file, is] of this.files) yield { file, is };
    for (const [folder, is] of this.folders) yield folderLine(folder, is);
  }

  /** As another process has saved it, which nobody else could write. @throws a system error, SyntaxError if it is not whole */
  static load(folder: string): Known {
    const [head, ...lines] = readFileSync(path.join(folder, NAME), 'utf8')
      .split('\n')
      .flatMap((text) => (text === '' ? [] : [JSON.parse(text) as Line]));
    if (head === undefined || !('roots' in head)) throw new SyntaxError(`${NAME} has no head`);
    const known = new Known(folder, head.roots);
    for (const line of lines) {
      if ('file' in line) known.#put(line.file, line.is);
      else if ('folder' in line && line.is !== null)
        known.folders.set(line.folder, { ...line.is, names: new Set(line.is.names) });
      else if ('folder' in line) known.folders.delete(line.folder);
    }
    known.#unsaved = new Map();
    return known;
  }
}

function folderLine(folder: string, is: KnownFolder | undefined): Line {
  return { folder, is: is === undefined ? null : { ...is, names: [...is.names] } };
}

function textOf(lines: Iterable<Line>): string {
  return Array.from(lines, (line) => `${JSON.stringify(line)}\n`).join('');
}
