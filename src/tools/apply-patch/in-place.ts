/**
 * Writes into a file that cannot be replaced by another: a mount point, a file in a folder that cannot be written, one whose owner
 * or attributes a new file would not have. The old bytes are the way back if it fails halfway.
 */
import { closeSync, constants, fchmodSync, fstatSync, ftruncateSync, writeSync } from 'node:fs';
import type { HeldFolder } from '../../system/held-folder.ts';
import { type FileSnapshot, openedId } from './files.ts';

/**
 * Replaces the bytes of the file `name` in `folder`.
 * @param before what is there; another file is not written to.
 * @throws Error after which the file has its old bytes again.
 */
export function writeInPlace(folder: HeldFolder, name: string, bytes: Buffer, before: FileSnapshot): void {
  const file = folder.open(name, constants.O_WRONLY);
  try {
    if (openedId(file) !== before.id) throw new Error('it is another file now');
    // A second name may be anywhere, also where nothing may be written.
    if (fstatSync(file).nlink > 1)
      throw new Error('it cannot be replaced, and it has other names (hard links)');
    dropSetIds(file, before.mode);
    try {
      setBytes(file, bytes, before.bytes.length);
    } catch (error) {
      setBytes(file, before.bytes, 0);
      throw error;
    }
  } finally {
    closeSync(file);
  }
}

/** What makes the file longer comes first: if there is no space for it, the rest is as it was. */
function setBytes(file: number, bytes: Buffer, size: number): void {
  if (bytes.length > size) writeAt(file, bytes.subarray(size), size);
  writeAt(file, bytes.subarray(0, size), 0);
  ftruncateSync(file, bytes.length);
}

function writeAt(file: number, bytes: Buffer, start: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, bytes.length - done, start + done);
  }
}

/** The mode of a snapshot is without them; if it is not root who writes, the kernel clears them too. */
function dropSetIds(file: number, mode: number): void {
  try {
    fchmodSync(file, mode);
  } catch {
    // Only the owner can.
  }
}
