/**
 * What a patch will do to the disk, found out without touching it: every file is read, every operation is verified, and the new
 * contents are in memory. After that only the disk itself (full, read-only, changed meanwhile) can make the patch fail.
 */
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { errorCode } from '../../text/error-message.ts';
import { applyChunks } from './chunks.ts';
import { fileError, PatchError } from './errors.ts';
import { explainMissingFile } from './explain.ts';
import {
  decodeText,
  isDirectoryError,
  resolveLeaf,
  resolveTarget,
  type Snapshot,
  systemReason,
  takeSnapshot,
} from './files.ts';
import type { FileOp, Patch } from './parse.ts';
import { rejectPlaceholderLines, rejectPlaceholders } from './placeholders.ts';

/** What must still be so when the plan is applied. */
export interface Expectation {
  /** Absolute, as the patch means it. */
  readonly path: string;
  /** `path` is written through a link at its end; without, the link itself is meant. */
  readonly follow: boolean;
  /** Where `path` leads, links resolved. */
  readonly target: string;
  readonly before: Snapshot;
}

export interface PlannedWrite {
  /** The path in the patch's spelling, for messages. */
  readonly spelled: string;
  readonly target: string;
  readonly text: string;
  /** Mode and owner to keep; undefined for a new file. */
  readonly keep: { readonly mode: number; readonly uid: number; readonly gid: number } | undefined;
}

export interface PlannedFile {
  readonly op: FileOp;
  /** Absolute path of the operation. */
  readonly path: string;
  /** Absolute path that an update moves to. */
  readonly movePath?: string;
  readonly expectations: readonly Expectation[];
  readonly write?: PlannedWrite;
  /** Absolute path to remove, after the write. */
  readonly remove?: { readonly spelled: string; readonly target: string };
  /** The text before; undefined if there was none or it is not text. */
  readonly oldText: string | undefined;
  /** The text after; undefined for a removed file. */
  readonly newText: string | undefined;
}

export interface Plan {
  readonly files: readonly PlannedFile[];
  /** Every absolute path that is written, created or removed: as the patch means it, and where links lead. */
  readonly paths: readonly string[];
}

/**
 * Verifies a patch against the disk.
 * @param cwd absolute; relative paths of the patch start there.
 * @throws PatchError with the first thing that is wrong.
 */
export async function planPatch(patch: Patch, cwd: string): Promise<Plan> {
  rejectPlaceholders(patch);
  await rejectSharedFiles(patch, cwd);
  const files: PlannedFile[] = [];
  for (const op of patch.ops) files.push(await planOp(op, cwd));
  const paths = files.flatMap((file) => file.expectations.flatMap(({ path, target }) => [path, target]));
  return { files, paths: [...new Set(paths)] };
}

/**
 * Refuses a patch with two operations on one file, even when their spellings differ or one goes through a link.
 * @throws PatchError
 */
export async function rejectSharedFiles(patch: Patch, cwd: string): Promise<void> {
  const seen = new Set<string>();
  for (const op of patch.ops) {
    const spellings = op.kind === 'update' && op.movePath !== undefined ? [op.path, op.movePath] : [op.path];
    const claimed = new Set<string>();
    for (const spelled of spellings) {
      const path = resolve(cwd, spelled);
      const target = await (op.kind === 'delete' ? resolveLeaf(path) : resolveTarget(path)).catch(() => path);
      for (const key of [path, target]) {
        if (seen.has(key)) {
          throw new PatchError({ kind: 'patch' }, `multiple operations target ${spelled}`, {
            hint: 'Put all hunks of one file, in file order, under one header.',
          });
        }
        claimed.add(key);
      }
    }
    for (const key of claimed) seen.add(key);
  }
}

/**
 * Verifies one operation.
 * @throws PatchError
 */
export async function planOp(op: FileOp, cwd: string): Promise<PlannedFile> {
  switch (op.kind) {
    case 'add':
      return planAdd(op, cwd);
    case 'delete':
      return planDelete(op, cwd);
    case 'update':
      return planUpdate(op, cwd);
    default:
      return op satisfies never;
  }
}

function textOf(before: Snapshot): string | undefined {
  return before.kind === 'file' ? decodeText(before.bytes) : undefined;
}

async function planAdd(op: FileOp & { kind: 'add' }, cwd: string): Promise<PlannedFile> {
  const expectation = await expectWritable(op.path, cwd);
  const oldText = textOf(expectation.before);
  rejectPlaceholderLines(op.content, oldText);
  return {
    op,
    path: expectation.path,
    expectations: [expectation],
    write: plannedWrite(op.path, expectation, op.content, expectation.before),
    oldText,
    newText: op.content,
  };
}

async function planDelete(op: FileOp & { kind: 'delete' }, cwd: string): Promise<PlannedFile> {
  const path = resolve(cwd, op.path);
  const message = `Failed to delete file ${op.path}`;
  let expectation: Expectation;
  try {
    expectation = await expectLeaf(path);
  } catch (error) {
    throw fileError(message, systemReason(error));
  }
  if (expectation.before.kind === 'absent') throw fileError(message, await explainMissingFile(path, op.path));
  return {
    op,
    path,
    expectations: [expectation],
    remove: { spelled: op.path, target: expectation.target },
    oldText: textOf(expectation.before),
    newText: undefined,
  };
}

async function planUpdate(op: FileOp & { kind: 'update' }, cwd: string): Promise<PlannedFile> {
  const source = await readSource(op.path, cwd);
  const newText = applyChunks(source.text, op.chunks, op.path);
  const { expectation, text: oldText } = source;
  const common = { op, path: expectation.path, oldText, newText };
  const isMove = op.movePath !== undefined && resolve(cwd, op.movePath) !== expectation.path;
  if (!isMove) {
    const write = plannedWrite(op.path, expectation, newText, expectation.before);
    return { ...common, expectations: [expectation], write };
  }
  const destination = await expectWritable(op.movePath, cwd);
  const write = plannedWrite(op.movePath, destination, newText, expectation.before);
  const leaf = await resolveLeaf(expectation.path);
  // Source and destination are one file under two names: writing it is all there is to do.
  if (destination.target === leaf) return { ...common, expectations: [expectation, destination], write };
  const link = leaf === expectation.target ? [] : [await expectLeaf(expectation.path)];
  return {
    ...common,
    movePath: destination.path,
    expectations: [expectation, destination, ...link],
    write,
    remove: { spelled: op.path, target: leaf },
  };
}

function plannedWrite(spelled: string, to: Expectation, text: string, keepOf: Snapshot): PlannedWrite {
  return { spelled, target: to.target, text, keep: keepOf.kind === 'file' ? keepOf : undefined };
}

async function expectLeaf(path: string): Promise<Expectation> {
  const target = await resolveLeaf(path);
  return { path, follow: false, target, before: await takeSnapshot(target) };
}

async function readSource(spelled: string, cwd: string): Promise<{ expectation: Expectation; text: string }> {
  const path = resolve(cwd, spelled);
  const failed = `Failed to read file to update ${spelled}`;
  let expectation: Expectation;
  try {
    const target = await resolveTarget(path);
    expectation = { path, follow: true, target, before: await takeSnapshot(target) };
  } catch (error) {
    throw fileError(`${failed}: ${systemReason(error)}`);
  }
  const { before } = expectation;
  if (before.kind !== 'file') {
    throw fileError(
      `${failed}: No such file or directory (os error 2)`,
      await explainMissingFile(path, spelled),
    );
  }
  const text = decodeText(before.bytes);
  if (text === undefined) throw fileError(`${failed}: stream did not contain valid UTF-8`);
  if (text.includes('\0')) throw fileError(`${failed}: file is binary`);
  return { expectation, text };
}

/** A path that a file can be written to: nothing or a regular file is there, and its folder can exist. */
async function expectWritable(spelled: string, cwd: string): Promise<Expectation> {
  const path = resolve(cwd, spelled);
  try {
    if (spelled.endsWith('/')) throw isDirectoryError();
    const target = await resolveTarget(path);
    const before = await takeSnapshot(target);
    await requireFolder(dirname(target));
    return { path, follow: true, target, before };
  } catch (error) {
    throw fileError(`Failed to write file ${spelled}`, systemReason(error));
  }
}

/** Throws if the nearest thing that exists on the way to `folder` is not a folder. */
async function requireFolder(folder: string): Promise<void> {
  try {
    if (!(await stat(folder)).isDirectory()) throw new Error(`${folder} is not a folder`);
  } catch (error) {
    const isAbsent = errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR';
    if (!isAbsent || dirname(folder) === folder) throw error;
    await requireFolder(dirname(folder));
  }
}
