/**
 * Gives a new file what the one that it will replace has beside its bytes: owner, mode, access lists, extended attributes.
 *
 * Node cannot read attributes, so `cp` copies them, between files that are open already: no path is followed. This is for Linux;
 * elsewhere a new file has owner and mode of the old one, and no more.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, fchmodSync, fchownSync, fstatSync } from 'node:fs';
import { type FileSnapshot, openedId } from './files.ts';

const CP = ['/usr/bin/cp', '/bin/cp', '/run/current-system/sw/bin/cp'];
const PATIENCE_MS = 2_000;

type Like = Pick<FileSnapshot, 'uid' | 'gid' | 'mode' | 'id'>;

/**
 * To be called before the new file is written: no byte of a model's is ever in a file with set-ID bits, which cp copies.
 * @param open opens the file `like` for reading.
 * @returns false if the new file has not got all of it.
 */
export function copyAttributes(open: () => number, like: Like, file: number): boolean {
  const isKept = keepOwner(like, file) && (process.platform !== 'linux' || copyExtended(open, like, file));
  fchmodSync(file, like.mode);
  return isKept;
}

function keepOwner(like: Like, file: number): boolean {
  try {
    const { uid, gid } = fstatSync(file);
    if (uid !== like.uid || gid !== like.gid) fchownSync(file, like.uid, like.gid);
    return true;
  } catch {
    return false;
  }
}

function copyExtended(open: () => number, like: Like, file: number): boolean {
  const program = CP.find((candidate) => existsSync(candidate));
  if (program === undefined) return false;
  let opened: number | undefined;
  try {
    opened = open();
    if (openedId(opened) !== like.id) return false;
    const args = ['--attributes-only', '--preserve=mode,xattr', '--', '/proc/self/fd/3', '/proc/self/fd/4'];
    const stdio = ['ignore', 'ignore', 'ignore', opened, file] as const;
    return spawnSync(program, args, { stdio: [...stdio], timeout: PATIENCE_MS, env: {} }).status === 0;
  } catch {
    return false;
  } finally {
    if (opened !== undefined) closeSync(opened);
  }
}
