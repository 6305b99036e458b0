/**
 * Reads a file that others may have put there: in a repository, in a folder that commands write to, or by hand.
 *
 * Invariants: nothing but a regular file is read, so no pipe is waited for and no device is started; never more than a
 * limit, so nothing endless fills the memory. Links are followed unless it says otherwise.
 */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';

const NOT_REGULAR = 'it is not a regular file';
const MIB = 2 ** 20;
/** Nothing that a person writes is larger. */
const BY_HAND = 16 * MIB;

export interface FileStart {
  /** The first bytes, at most as many as were asked for. */
  readonly bytes: Buffer;
  /** Of the whole file. */
  readonly size: number;
}

/** @throws the error of the system; Error if it is not a regular file. */
export function readStart(file: string, limit: number): FileStart {
  // Looked at before it is opened too: opening some devices has effects.
  if (!statSync(file).isFile()) throw new Error(NOT_REGULAR);
  const opened = openRegular(file);
  try {
    const { size } = opened.stats;
    const bytes = Buffer.alloc(Math.min(size, limit));
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(opened.descriptor, bytes, length, bytes.length - length, null);
    }
    return { bytes: bytes.subarray(0, length), size };
  } finally {
    closeSync(opened.descriptor);
  }
}

/** @throws the error of the system; Error if it is not a regular file, or is larger. */
export function readWhole(file: string, limit = BY_HAND): Buffer {
  const { bytes, size } = readStart(file, limit);
  if (size > limit) throw new Error(`it is larger than ${limit / MIB} MiB`);
  return bytes;
}

/** The text of a small file; undefined for anything else, and for what cannot be read. */
export function smallText(file: string, limit = MIB): string | undefined {
  try {
    return readWhole(file, limit).toString('utf8');
  } catch {
    return undefined;
  }
}

export interface OpenedFile {
  readonly descriptor: number;
  readonly stats: Stats;
}

/**
 * Opens a regular file for reading, without waiting for anything. The caller closes it.
 * @param isLinkFollowed false: a link at this path is an error (ELOOP).
 * @throws the error of the system; Error if it is not a regular file.
 */
export function openRegular(file: string, { isLinkFollowed = true } = {}): OpenedFile {
  // Windows has neither flag.
  const noFollow = isLinkFollowed ? 0 : (constants.O_NOFOLLOW ?? 0);
  const descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | noFollow);
  const stats = fstatSync(descriptor);
  if (stats.isFile()) return { descriptor, stats };
  closeSync(descriptor);
  throw new Error(NOT_REGULAR);
}

const GIVEN = /^\/(?:dev\/(?:fd\/\d+|stdin)|proc\/self\/fd\/\d+)$/;

/** What the user's shell has opened for us: `<(…)`, or stdin. */
export function isGivenByShell(file: string): boolean {
  return GIVEN.test(file);
}
