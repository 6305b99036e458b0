/** What is at a path of a workspace, read as far as it can be kept. No link is followed, no device opened. */
import { closeSync, constants, fstatSync, lstatSync, readSync, type Stats } from 'node:fs';
import path from 'node:path';
import { type HeldFolder, isShortage } from '../../../system/held-folder.ts';
import { errorCode } from '../../../text/error-message.ts';
import { snapshotIn } from '../../apply-patch/files.ts';
import type { Copies } from './copies.ts';
import { isSameStamp, type KnownFile, lookedAt, type Stamp, stampOf } from './known.ts';

/** Source code is smaller. */
const MOST_BYTES = 1024 * 1024;

/** For one file after the other. */
const buffer = Buffer.allocUnsafeSlow(MOST_BYTES);

export type Found =
  | { readonly kind: 'absent' }
  /** `bornMs`: of the epoch; 0 where the file system does not know it. */
  | { readonly kind: 'file'; readonly file: KnownFile; readonly bornMs: number }
  | { readonly kind: 'link'; readonly to: string; readonly ctimeMs: number }
  | { readonly kind: 'other' };

/** `closed`: something may be there, but it cannot be looked at, as in a folder that a command has locked. Undefined: nothing is there. */
export type Glance = Stats | 'closed' | undefined;

export function glanceAt(file: string): Glance {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch (error) {
    return errorCode(error) === 'ENOTDIR' ? undefined : 'closed';
  }
}

/** Undefined: nothing is there, or it cannot be looked at. */
export function statsAt(file: string): Stats | undefined {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/**
 * @param stats of the file, from right before
 * @param copies undefined: it is not to be copied now
 * @throws a system error if nothing can be opened any more
 */
export function readFound(folder: HeldFolder, file: string, stats: Stats, copies: Copies | undefined): Found {
  const name = path.basename(file);
  try {
    if (stats.isSymbolicLink()) {
      const found = snapshotIn(folder, name);
      return found.kind === 'link' ? { ...found, ctimeMs: stats.ctimeMs } : { kind: 'other' };
    }
    if (!stats.isFile()) return { kind: 'other' };
    return { kind: 'file', file: readKnown(folder, name, stats, copies), bornMs: stats.birthtimeMs };
  } catch (error) {
    if (isShortage(error)) throw error;
    return { kind: 'other' };
  }
}

function readKnown(folder: HeldFolder, name: string, stats: Stats, copies: Copies | undefined): KnownFile {
  const stamp = stampOf(stats);
  const known = lookedAt(stamp, Date.now());
  if (stats.size > MOST_BYTES) return known;
  const bytes = copies && readSame(folder, name, stamp);
  return bytes === undefined ? { ...known, isSettled: false } : { ...known, copy: copies?.put(bytes) };
}

/** Undefined: it is not that file any more, or somebody is writing it just now: such bytes are nobody's. Valid until the next call. */
function readSame(folder: HeldFolder, name: string, stamp: Stamp): Uint8Array | undefined {
  const file = folder.open(name, constants.O_RDONLY);
  try {
    let length = 0;
    for (let read = -1; read !== 0 && length < stamp.size; length += read) {
      read = readSync(file, buffer, length, stamp.size - length, null);
    }
    const isSame = length === stamp.size && isSameStamp(stamp, stampOf(fstatSync(file)));
    return isSame ? buffer.subarray(0, length) : undefined;
  } finally {
    closeSync(file);
  }
}
