/**
 * What the workspace was when a trial began: for each entry what tells whether somebody has touched it since. Contents are not read.
 */
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HeldFolder, isGone } from '../../system/held-folder.ts';
import { errorCode } from '../../text/error-message.ts';
import { replaceFile } from './record.ts';

type EntryKind = 'file' | 'link' | 'folder' | 'other';

/** What is at a path, links not followed. `stamp` changes with every change of it, of a folder only if another one takes its place. */
export interface Entry {
  readonly kind: EntryKind;
  /** Permission bits, without set-user-ID and set-group-ID. */
  readonly mode: number;
  readonly stamp: string;
}

/** Paths are relative to the workspace, with `/`; absent: nothing was there. */
export class Base {
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #names = new Map<string, string[]>();

  constructor(entries: ReadonlyMap<string, Entry>) {
    this.#entries = entries;
    for (const path of entries.keys()) {
      const end = path.lastIndexOf('/');
      const folder = end === -1 ? '' : path.slice(0, end);
      const names = this.#names.get(folder) ?? [];
      names.push(path.slice(end + 1));
      this.#names.set(folder, names);
    }
  }

  get(path: string): Entry | undefined {
    return this.#entries.get(path);
  }

  /** What was in a folder; `''` is the workspace. */
  names(folder: string): readonly string[] {
    return this.#names.get(folder) ?? [];
  }
}

/** More entries take too long to look at, twice. */
export const MOST_ENTRIES = 500_000;

export class TooManyEntries extends Error {
  override readonly name = 'TooManyEntries';
}

/** @throws TooManyEntries; a system error if the workspace itself cannot be read */
export function takeBase(workspace: string, most = MOST_ENTRIES): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  const root = HeldFolder.open(workspace);
  try {
    collect(root, '', { entries, most });
  } finally {
    root.close();
  }
  return entries;
}

interface Collected {
  readonly entries: Map<string, Entry>;
  readonly most: number;
}

function collect(folder: HeldFolder, path: string, into: Collected): void {
  for (const { name } of folder.list()) {
    const entry = entryIn(folder, name);
    if (entry === undefined) continue;
    const here = path === '' ? name : `${path}/${name}`;
    into.entries.set(here, entry);
    if (into.entries.size > into.most) throw new TooManyEntries();
    if (entry.kind === 'folder') within(folder, name, (inner) => collect(inner, here, into));
  }
}

/**
 * Does something in a folder below.
 * @returns false: it is not there, or is none any more
 * @throws a system error if it cannot be opened
 */
export function within(folder: HeldFolder, name: string, work: (inner: HeldFolder) => void): boolean {
  let inner: HeldFolder;
  try {
    inner = folder.folder(name);
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
  try {
    work(inner);
  } finally {
    inner.close();
  }
  return true;
}

/** Undefined: there is nothing, or its name is no text. @throws a system error if it cannot be looked at */
export function entryIn(folder: HeldFolder, name: string): Entry | undefined {
  try {
    return folder.use(name, entryAt);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}

function entryAt(at: string): Entry {
  const stat = lstatSync(at, { bigint: true });
  const mode = Number(stat.mode) & 0o1777;
  const { ino, size, mtimeNs, ctimeNs } = stat;
  if (stat.isDirectory()) return { kind: 'folder', mode, stamp: `${ino}` };
  const kind = stat.isFile() ? 'file' : stat.isSymbolicLink() ? 'link' : 'other';
  return { kind, mode, stamp: `${ino} ${size} ${mtimeNs} ${ctimeNs}` };
}

export function isSameEntry(one: Entry | undefined, other: Entry | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.kind === other.kind && one.mode === other.mode && one.stamp === other.stamp;
}

/** @throws a system error */
export function writeBase(file: string, entries: ReadonlyMap<string, Entry>): void {
  const lines = [...entries].map(([path, { kind, mode, stamp }]) =>
    JSON.stringify([path, kind, mode, stamp]),
  );
  replaceFile(file, lines.join('\n'));
}

/** @throws Error if it cannot be read */
export function readBase(file: string): Base {
  const lines = readFileSync(file, 'utf8').split('\n');
  const entries = new Map<string, Entry>();
  for (const line of lines) {
    if (line === '') continue;
    const [path, kind, mode, stamp]: [string, EntryKind, number, string] = JSON.parse(line);
    entries.set(path, { kind, mode, stamp });
  }
  return new Base(entries);
}

/** A path in a folder. */
export function below(folder: string, name: string): string {
  return folder === '' ? name : join(folder, name);
}
