/**
 * Reads what a patch is about to change, without ever hanging on it: only regular files are opened, and without blocking, so that a
 * FIFO or a device costs nothing; at most `MAX_FILE_BYTES` are read.
 *
 * The calls are synchronous: a patch makes some twenty of them, each of microseconds, and through the thread pool they would take
 * longer than everything else that a patch costs.
 */
import {
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
import { getSystemErrorMessage } from 'node:util';
import { errorCode } from '../../text/error-message.ts';

const MAX_FILE_BYTES = 64 * 1024 * 1024;
const MAX_LINKS = 40;

/** What is at a path, links not followed. `mode` has the permission bits only. */
export type Snapshot =
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'file';
      readonly bytes: Buffer;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    }
  | { readonly kind: 'link'; readonly to: string };

function isMissing(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** libc's wording where libuv's differs. */
const SYSTEM_WORDING: { readonly [code: string]: string } = {
  EISDIR: 'Is a directory',
  ELOOP: 'Too many levels of symbolic links',
  ENAMETOOLONG: 'File name too long',
  EROFS: 'Read-only file system',
};

/** A system error as `No such file or directory (os error 2)`; any other error's own message. */
export function systemReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!('errno' in error) || typeof error.errno !== 'number') return error.message;
  const code = errorCode(error) ?? '';
  const text = SYSTEM_WORDING[code] ?? getSystemErrorMessage(error.errno);
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)} (os error ${Math.abs(error.errno)})`;
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
  let info: Stats;
  try {
    info = lstatSync(path);
  } catch (error) {
    if (isMissing(error)) return { kind: 'absent' };
    throw error;
  }
  if (info.isSymbolicLink()) return { kind: 'link', to: readlinkSync(path) };
  if (info.isDirectory()) throw isDirectoryError();
  if (!info.isFile()) throw new Error('not a regular file');
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    const opened = fstatSync(file);
    if (!opened.isFile()) throw new Error('not a regular file');
    const bytes = readBounded(file, opened.size);
    return { kind: 'file', bytes, mode: opened.mode & 0o7777, uid: opened.uid, gid: opened.gid };
  } finally {
    closeSync(file);
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

export function sameSnapshot(a: Snapshot, b: Snapshot): boolean {
  if (a.kind === 'file') return b.kind === 'file' && a.bytes.equals(b.bytes);
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
      if (errorCode(error) === 'EINVAL' || isMissing(error)) return leaf;
      throw error;
    }
    current = resolve(dirname(leaf), to);
  }
  throw Object.assign(new Error('too many links'), { code: 'ELOOP', errno: -40 });
}

/** The bytes as text, a byte order mark included; undefined if they are not UTF-8. */
export function decodeText(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
