/**
 * Where the queue of `exec --queue` comes from, and whether it may be obeyed: what sandboxed commands of this session could write must
 * not tell oagent what to do.
 */
import { constants, createReadStream, fstatSync, openSync, type Stats, statSync } from 'node:fs';
import { Socket } from 'node:net';
import path from 'node:path';
import { holds, physicalPath, physicalPaths } from '../../../config/paths.ts';
import { resolveLinks } from '../../../safety/named-file.ts';
import { type Permissions, writableFolders } from '../../../safety/permissions.ts';
import { UsageError } from '../../../session/session-error.ts';
import { fileProblem } from '../../../text/file-problem.ts';
import { isGivenByShell, readWhole } from '../../../text/regular-file.ts';

const MAX_BYTES = 64 * 2 ** 20;

export type QueueInput =
  /** Read again after each turn. `read` throws UsageError. */
  | { readonly kind: 'file'; readonly read: () => Buffer }
  /** `isWhole`: read to its end before the first entry, since commands could change what has not been read. */
  | { readonly kind: 'stream'; readonly chunks: AsyncIterable<Buffer>; readonly isWhole: boolean };

/** @param name as the user gave it; `-`: stdin. @throws UsageError */
export function openQueueInput(name: string, permissions: Permissions): QueueInput {
  if (name === '-') return { kind: 'stream', chunks: process.stdin, isWhole: isFile(0) };
  if (isGivenByShell(name)) return streamOf(name, name);
  const found = explained(name, () => statSync(path.resolve(name)));
  if (found.isDirectory()) throw problem(name, 'it is a folder');
  const real = safePlace(name, found, permissions);
  if (!found.isFile()) return streamOf(name, real);
  const read = (): Buffer =>
    explained(name, () => {
      // It must not have become a link, nor have got a second name.
      if (safePlace(real, statSync(real), permissions) !== real) throw new Error('it has become a link');
      return readWhole(real, MAX_BYTES);
    });
  read();
  return { kind: 'file', read };
}

/** @returns its real path. @throws UsageError if a sandboxed command could write it, or exchange what the name means. */
function safePlace(name: string, { nlink }: Stats, permissions: Permissions): string {
  const file = path.resolve(name);
  const real = physicalPath(file);
  if (real === undefined) throw problem(name, 'nobody can say which file that is');
  if (permissions.mode !== 'workspace-write') return real;
  const { workspaces, temporary } = writableFolders(permissions);
  const roots = physicalPaths([...workspaces, ...temporary]);
  const at = [real, ...resolveLinks(file).links].flatMap(
    (link) => roots.find((root) => holds(root, link)) ?? [],
  );
  const cure = `Put it elsewhere, or have it read once, before the first entry: --queue - < ${name}`;
  if (at[0] !== undefined)
    throw problem(
      name,
      `commands of this session can write in ${at[0]}, so they could tell oagent what to do. ${cure}`,
    );
  if (nlink > 1)
    throw problem(name, `it has a second name (a hard link), which commands could perhaps write to. ${cure}`);
  return real;
}

/** A pipe is opened without waiting for its writer, so that the wait for it can be interrupted. */
function streamOf(name: string, file: string): QueueInput {
  const fd = explained(name, () => openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)));
  const isPipe = fstatSync(fd).isFIFO();
  const chunks = isPipe
    ? new Socket({ fd, readable: true, writable: false })
    : createReadStream(file, { fd });
  return { kind: 'stream', chunks, isWhole: isFile(fd) };
}

function isFile(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFile();
  } catch {
    // It is closed.
    return false;
  }
}

function explained<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw problem(name, fileProblem(error));
  }
}

function problem(name: string, what: string): UsageError {
  return new UsageError(`--queue ${name}: ${what}`);
}
