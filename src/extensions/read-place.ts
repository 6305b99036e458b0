/**
 * Reads what is in the places of the user and the project (places.ts).
 *
 * Invariants: no file counts that a link takes out of the project, and none that belongs to another user. Nothing but
 * regular files is opened, and none that is larger than a limit.
 */
import { closeSync, fstatSync, readdirSync, readSync } from 'node:fs';
import path from 'node:path';
import { isOurs } from '../config/owner.ts';
import { holds, realPath } from '../config/paths.ts';
import { type Hides, openUnhidden } from '../safety/reads.ts';
import { decodeText } from '../text/decode.ts';
import { errorMessage } from '../text/error-message.ts';
import type { Place } from './places.ts';

const LIMIT = 2 ** 18;
const LIMIT_TEXT = '256 KiB';
/** More are not looked at: a folder with so many was not made for this. */
const MOST_ENTRIES = 500;

export interface Entry {
  readonly name: string;
  readonly file: string;
}

/** Whether a link takes the file out of the project. */
export function leadsOut({ within }: Pick<Place, 'within'>, file: string): boolean {
  return within !== undefined && !holds(within, realPath(file));
}

export const LEADS_OUT = 'a link leads out of the project';

/** What a folder of the place holds, sorted, without hidden entries; nothing if it cannot be read. */
export function entriesIn(place: Pick<Place, 'within'>, folder: string): readonly Entry[] {
  if (leadsOut(place, folder)) return [];
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .filter((name) => !name.startsWith('.'))
    .toSorted()
    .slice(0, MOST_ENTRIES)
    .map((name) => ({ name, file: path.join(folder, name) }));
}

export interface Reading {
  /** Of a larger file the beginning is read, instead of nothing. */
  readonly isPart?: boolean;
  /** What must not be read for the model. */
  readonly hides?: Hides | undefined;
}

/** The text of a file in a place, with LF alone. @throws Error that says why it is not read. */
export function readIn(
  { folder, within }: Pick<Place, 'folder' | 'within'>,
  file: string,
  { isPart = false, hides = () => false }: Reading = {},
): string {
  if (!isOurs(file, within ?? folder)) throw new Error('it belongs to another user');
  // Looked at again while it is open: a link may be put there at any time.
  if (leadsOut({ within }, file)) throw new Error(LEADS_OUT);
  const descriptor = openUnhidden(file, (one) => leadsOut({ within }, one) || hides(one));
  if (descriptor === undefined) throw new Error('it must not be read');
  try {
    const { size } = fstatSync(descriptor);
    if (size > LIMIT && !isPart) throw new Error(`it is larger than ${LIMIT_TEXT}`);
    const bytes = Buffer.alloc(Math.min(size, LIMIT));
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(descriptor, bytes, length, bytes.length - length, null);
    return textOf(bytes.subarray(0, length), length < size);
  } finally {
    closeSync(descriptor);
  }
}

function textOf(bytes: Buffer, isCut: boolean): string {
  const found = decodeText(bytes, { isCut });
  if (!found.ok) throw new Error(`${found.problem}; save it as UTF-8`);
  return found.text.replace(/\r\n?/g, '\n');
}

/** What is wrong with a file that is not used. */
export interface Broken {
  readonly file: string;
  readonly problem: string;
}

export function brokenBy(file: string, error: unknown): Broken {
  return { file, problem: errorMessage(error) };
}
