/**
 * Reads what a patch is about to change, without ever hanging on it: only regular files are opened, and without blocking, so that a
 * FIFO or a device costs nothing; at most `MAX_FILE_BYTES` are read.
 *
 * The calls are synchronous: a patch makes some twenty of them, each of microseconds, and through the thread pool they would take
 * longer than everything else that a patch costs.
 */
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
  realpathSync,
  type Stats,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { HeldFolder } from '../../system/held-folder.ts';
import { errorCode } from '../../text/error-message.ts';

const MAX_FILE_BYTES = 64 * 1024 * 1024;
const MAX_LINKS = 40;

export interface FileSnapshot {
  readonly kind: 'file';
  readonly path: string;
  readonly bytes: Buffer;
  /** The permission bits only. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Device and inode: the same for every name of the file. */
  readonly id: string;
  /** How many names it has. */
  readonly links: number;
}

/** What is at a path, links not followed. */
export type Snapshot =
  | { readonly kind: 'absent' }
  | FileSnapshot
  | { readonly kind: 'link'; readonly to: string };

function isMissing(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** An error worded and coded as the system would, for what is decided without a system call. */
export function isDirectoryError(): Error {
  return Object.assign(new Error('Is a directory'), { code: 'EISDIR', errno: -21 });
}

/**
 * What is at `path`; a link at its end is not followed.
 * @throws Error for a folder, a device, a FIFO, a file above `MAX_FILE_BYTES`, or one that cannot be read.
 */
export async function takeSnapshot(path: string): Promise<Snapshot> {
  return snapshotOf(path, path);
}

/** What is in a held folder under this name. @throws as takeSnapshot does */
export function snapshotIn(folder: HeldFolder, name: string): Snapshot {
  return folder.use(name, (at) => snapshotOf(join(folder.path, name), at));
}

/** @param at where it is found */
function snapshotOf(path: string, at: string): Snapshot {
  let info: Stats;
  try {
    info = lstatSync(at);
  } catch (error) {
    if (isMissing(error)) return { kind: 'absent' };
    throw error;
  }
  if (info.isSymbolicLink()) return { kind: 'link', to: readlinkSync(at) };
  if (info.isDirectory()) throw isDirectoryError();
  if (!info.isFile()) throw new Error('not a regular file');
  const file = openSync(at, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    const opened = fstatSync(file, { bigint: true });
    if (!opened.isFile()) throw new Error('not a regular file');
    const bytes = readBounded(file, Number(opened.size));
    const [uid, gid, links] = [opened.uid, opened.gid, opened.nlink].map(Number) as [number, number, number];
    return {
      kind: 'file',
      path,
      bytes,
      // Without set-user-ID and set-group-ID: what a model writes does not run as somebody else.
      mode: Number(opened.mode) & 0o1777,
      uid,
      gid,
      links,
      id: idOf(opened),
    };
  } finally {
    closeSync(file);
  }
}

function idOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}

/** The id of the open file. */
export function openedId(file: number): string {
  return idOf(fstatSync(file, { bigint: true }));
}

/** The id of what has this name in a held folder, links not followed; undefined if nothing can be found there. */
export function idIn(folder: HeldFolder, name: string): string | undefined {
  return folder.use(name, idAt);
}

/** The id of what is at `path`, links not followed; undefined if nothing can be found there. */
export function idAt(path: string): string | undefined {
  try {
    return idOf(lstatSync(path, { bigint: true }));
  } catch {
    return undefined;
  }
}

function readBounded(file: number, size: number): Buffer {
  const tooLarge = new Error(`file is larger than ${MAX_FILE_BYTES / 1024 / 1024} MB`);
  if (size > MAX_FILE_BYTES) throw tooLarge;
  const parts: Buffer[] = [];
  let total = 0;
  for (;;) {
    // One byte more than stat promised shows the end of the file in the first read.
    const part = Buffer.allocUnsafe(Math.max(size + 1 - total, 64 * 1024));
    const bytesRead = readSync(file, part, 0, part.length, null);
    if (bytesRead === 0) return Buffer.concat(parts, total);
    parts.push(part.subarray(0, bytesRead));
    total += bytesRead;
    if (total > MAX_FILE_BYTES) throw tooLarge;
  }
}

/** The same file with the same bytes, or the same link, or nothing. */
export function sameSnapshot(a: Snapshot, b: Snapshot): boolean {
  if (a.kind === 'file') return b.kind === 'file' && a.id === b.id && a.bytes.equals(b.bytes);
  if (a.kind === 'link') return b.kind === 'link' && a.to === b.to;
  return b.kind === 'absent';
}

/** `path` with its folder free of links; parts that do not exist stay as they are. A link at its end stays. */
export async function resolveLeaf(path: string): Promise<string> {
  const folder = dirname(path);
  if (folder === path) return path;
  return join(await resolveFolder(folder), basename(path));
}

async function resolveFolder(path: string): Promise<string> {
  try {
    return realpathSync.native(path);
  } catch (error) {
    if (!isMissing(error) || dirname(path) === path) throw error;
    return join(await resolveFolder(dirname(path)), basename(path));
  }
}

/** The name as the folder has it, where capitals make no difference. */
function trueName(leaf: string): string {
  try {
    return join(dirname(leaf), basename(realpathSync.native(leaf)));
  } catch {
    return leaf;
  }
}

/** The place that a write to the absolute `path` reaches: links followed, even one that leads nowhere yet. */
export async function resolveTarget(path: string): Promise<string> {
  let current = path;
  for (let links = 0; links < MAX_LINKS; links++) {
    const leaf = await resolveLeaf(current);
    let to: string;
    try {
      to = readlinkSync(leaf);
    } catch (error) {
      // EINVAL: there is something, but not a link.
      if (errorCode(error) === 'EINVAL') return trueName(leaf);
      if (isMissing(error)) return leaf;
      throw error;
    }
    current = resolve(dirname(leaf), to);
  }
  throw Object.assign(new Error('too many links'), { code: 'ELOOP', errno: -40 });
}
