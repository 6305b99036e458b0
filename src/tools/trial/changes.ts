/**
 * What a trial has changed, found where it is mounted: the kernel says what is to be seen in the end (`merged`), and what was written
 * (`upper`) only says where to look. So nothing here has to know how an overlay notes that something is gone.
 */
import { closeSync, constants, readlinkSync, readSync } from 'node:fs';
import { folded } from '../../config/paths.ts';
import { PROTECTED_NAMES } from '../../safety/permissions.ts';
import type { HeldFolder } from '../../system/held-folder.ts';
import { errorCode } from '../../text/error-message.ts';
import { type Base, below, type Entry, entryIn, isSameEntry, within } from './base.ts';
import type { LeftAlone } from './record.ts';

/** What is to be at a path; the content of a file is in `upper`, at the same path. */
export type After =
  | { readonly kind: 'absent' }
  | { readonly kind: 'file' | 'folder'; readonly mode: number }
  | { readonly kind: 'link'; readonly to: string };

export interface TrialChange {
  /** Relative to the workspace. */
  readonly path: string;
  /** When the trial began; absent: nothing was there. */
  readonly before?: Entry | undefined;
  readonly after: After;
  /** Somebody else has changed it since. */
  readonly isConflict?: boolean | undefined;
}

export interface TrialChanges {
  /** By path: a folder comes before what is in it. */
  readonly changes: readonly TrialChange[];
  /** What cannot be kept, and why. */
  readonly left: readonly LeftAlone[];
}

/** The folders that a trial consists of, held open. */
export interface TrialFolders {
  readonly upper: HeldFolder;
  readonly merged: HeldFolder;
  /** The workspace as it is without the trial. */
  readonly lower: HeldFolder;
}

/** A place in all three; one that is not there is undefined. */
interface Place {
  readonly path: string;
  readonly upper: HeldFolder;
  readonly merged: HeldFolder;
  readonly lower: HeldFolder | undefined;
}

const CHUNK = 64 * 1024;

/** @throws a system error if something cannot be read */
export function findChanges(folders: TrialFolders, base: Base): TrialChanges {
  const search = new Search(base);
  search.look({ path: '', ...folders });
  return search.found;
}

class Search {
  readonly #base: Base;
  readonly #changes: TrialChange[] = [];
  readonly #left: LeftAlone[] = [];

  constructor(base: Base) {
    this.#base = base;
  }

  get found(): TrialChanges {
    return {
      changes: this.#changes.toSorted((one, other) => (one.path < other.path ? -1 : 1)),
      left: this.#left,
    };
  }

  look(place: Place): void {
    try {
      this.#compareAll(place);
    } catch (error) {
      if (errorCode(error) !== 'EACCES') throw error;
      this.#left.push({ path: place.path, reason: 'a command has made it unreadable' });
    }
  }

  #compareAll(place: Place): void {
    for (const name of this.#base.names(place.path)) {
      if (entryIn(place.merged, name) === undefined) this.#removed(place, name);
    }
    for (const { name } of place.upper.list()) this.#written(place, name);
  }

  /** What is gone takes along what was in it. */
  #removed({ path, lower }: Pick<Place, 'path' | 'lower'>, name: string): void {
    const here = below(path, name);
    const before = this.#base.get(here);
    const now = lower && entryIn(lower, name);
    // Somebody else has removed it.
    if (before === undefined || now === undefined) return;
    this.#add({ path: here, before, after: { kind: 'absent' } }, now);
    this.#emptied(here, now.kind === 'folder' ? lower : undefined, name);
  }

  #emptied(path: string, above: HeldFolder | undefined, name: string): void {
    if (above === undefined) return;
    within(above, name, (lower) => {
      for (const inner of this.#base.names(path)) this.#removed({ path, lower }, inner);
    });
  }

  #written(place: Place, name: string): void {
    const here = below(place.path, name);
    const after = entryIn(place.merged, name);
    if (after === undefined) {
      if (name.includes('\ufffd')) this.#left.push({ path: here, reason: 'its name is not valid UTF-8' });
      return;
    }
    if (place.path === '' && PROTECTED_NAMES.includes(folded(name)))
      return this.#protected(place, name, after);
    if (after.kind === 'other') {
      this.#left.push({ path: here, reason: 'it is neither a file, nor a folder, nor a link' });
      return;
    }
    const before = this.#base.get(here);
    const now = place.lower && entryIn(place.lower, name);
    if (before?.kind === 'folder' && after.kind !== 'folder') this.#emptied(here, place.lower, name);
    this.#compare(place, name, { before, after, now });
    if (after.kind === 'folder') this.#enter(place, name, now);
  }

  #protected(place: Place, name: string, after: Entry): void {
    let isEmpty = after.kind === 'folder';
    within(place.merged, name, (folder) => {
      isEmpty = folder.list().length === 0;
    });
    // The sandbox leaves empty ones when it is killed.
    if (!isEmpty) this.#left.push({ path: name, reason: 'it is protected' });
  }

  #enter(place: Place, name: string, now: Entry | undefined): void {
    within(place.upper, name, (upper) =>
      within(place.merged, name, (merged) => {
        const path = below(place.path, name);
        const isBelow =
          now?.kind === 'folder' &&
          place.lower !== undefined &&
          within(place.lower, name, (lower) => this.look({ path, upper, merged, lower }));
        if (!isBelow) this.look({ path, upper, merged, lower: undefined });
      }),
    );
  }

  #compare(
    place: Place,
    name: string,
    { before, after, now }: { before: Entry | undefined; after: Entry; now: Entry | undefined },
  ): void {
    const path = below(place.path, name);
    const wanted = wantedOf(place.merged, name, after);
    if (isAs(place, name, after, now)) return;
    this.#add({ path, before, after: wanted }, now);
  }

  #add(change: TrialChange, now: Entry | undefined): void {
    this.#changes.push(isSameEntry(change.before, now) ? change : { ...change, isConflict: true });
  }
}

function wantedOf(merged: HeldFolder, name: string, { kind, mode }: Entry): After {
  if (kind === 'link') return { kind, to: merged.use(name, (at) => readlinkSync(at)) };
  return { kind: kind === 'folder' ? 'folder' : 'file', mode };
}

/** The workspace has it already. */
function isAs({ merged, lower }: Place, name: string, after: Entry, now: Entry | undefined): boolean {
  if (now === undefined || lower === undefined || now.kind !== after.kind) return false;
  if (after.kind === 'link') {
    return merged.use(name, (at) => readlinkSync(at)) === lower.use(name, (at) => readlinkSync(at));
  }
  if (now.mode !== after.mode) return false;
  return after.kind === 'folder' || hasSameBytes(merged, lower, name);
}

function hasSameBytes(one: HeldFolder, other: HeldFolder, name: string): boolean {
  const files: number[] = [];
  try {
    for (const folder of [one, other]) files.push(folder.open(name, constants.O_RDONLY));
    const [a, b] = [Buffer.alloc(CHUNK), Buffer.alloc(CHUNK)];
    for (;;) {
      const [first, second] = [files[0], files[1]];
      if (first === undefined || second === undefined) return false;
      const lengths = [fill(first, a), fill(second, b)];
      if (lengths[0] !== lengths[1] || !a.subarray(0, lengths[0]).equals(b.subarray(0, lengths[1])))
        return false;
      if (lengths[0] === 0) return true;
    }
  } catch {
    // What cannot be read may be different.
    return false;
  } finally {
    for (const file of files) closeSync(file);
  }
}

/** @returns how many bytes there were; less than the buffer holds only at the end. */
function fill(file: number, buffer: Buffer): number {
  let length = 0;
  for (let read = -1; read !== 0 && length < buffer.length; length += read) {
    read = readSync(file, buffer, length, buffer.length - length, null);
  }
  return length;
}
