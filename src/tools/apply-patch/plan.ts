/**
 * What a patch will do to the disk, found out without touching it: every file is read, every operation is verified, and the new
 * contents are in memory. After that only the disk itself (full, read-only, changed meanwhile) can make the patch fail.
 */
import { lstatSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { errorCode } from '../../text/error-message.ts';
import { meantPath } from '../meant-path.ts';
import { applyChunks } from './chunks.ts';
import {
  type EditedText,
  encodingNote,
  readEdited,
  readReplaced,
  withEndingsOf,
  writeEdited,
} from './edited-text.ts';
import { fileError, PatchError, systemReason } from './errors.ts';
import { explainMissingFile } from './explain.ts';
import {
  type FileSnapshot,
  idAt,
  isDirectoryError,
  resolveLeaf,
  resolveTarget,
  type Snapshot,
  takeSnapshot,
} from './files.ts';
import type { FileOp, Patch } from './parse.ts';
import { rejectElisions, rejectPlaceholderLines, rejectPlaceholders } from './placeholders.ts';
import { chunkOfEdit } from './text-edit.ts';

const WHOLE_OR_UPDATE = "The file exists: write all of it, or change parts of it with '*** Update File:'.";

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
  readonly bytes: Buffer;
  /** Whose mode, owner and attributes are kept; undefined for a new file. */
  readonly keep: FileSnapshot | undefined;
  /** The permission bits that it gets instead; absent: those that are kept, or a new file's. */
  readonly mode?: number | undefined;
  /** What is at the target now. */
  readonly before: Snapshot;
}

export interface PlannedFile {
  readonly op: FileOp;
  /** Absolute path of the operation. */
  readonly path: string;
  /** Absolute path that an update moves to. */
  readonly movePath?: string;
  readonly expectations: readonly Expectation[];
  /** Undefined if nothing is to be written, or the file has these bytes. */
  readonly write?: PlannedWrite | undefined;
  /** Absolute paths of one file, to rename after the write: a move to another spelling of its name. */
  readonly rename?: { readonly from: string; readonly to: string };
  /** Absolute path to remove, after the write. */
  readonly remove?: { readonly spelled: string; readonly target: string };
  /** The text before; undefined if there was none or it is not text. */
  readonly oldText: string | undefined;
  /** The text after; undefined for a removed file. */
  readonly newText: string | undefined;
  /** What the model should know beside that the patch was applied. */
  readonly notes: readonly string[];
}

/** What is expected where it is to be removed; undefined: nothing is. */
export function beforeRemoval({ remove, expectations }: PlannedFile): Snapshot | undefined {
  return expectations.find(({ target }) => target === remove?.target)?.before;
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
  if (files.length > 0 && !files.some(changesSomething)) {
    throw fileError(
      'The patch changes nothing: the files are already as it says',
      'Read the file before you go on.',
    );
  }
  const paths = files.flatMap((file) => file.expectations.flatMap(({ path, target }) => [path, target]));
  return { files, paths: [...new Set(paths)] };
}

function changesSomething({ write, remove, rename }: PlannedFile): boolean {
  return write !== undefined || remove !== undefined || rename !== undefined;
}

/**
 * Refuses a patch with two operations on one file, however they name it: other spellings, links, hard links, other capitals where
 * these make no difference.
 * @throws PatchError
 */
export async function rejectSharedFiles(patch: Patch, cwd: string): Promise<void> {
  const seen = new Set<string>();
  for (const op of patch.ops) {
    const spellings = op.kind === 'update' && op.movePath !== undefined ? [op.path, op.movePath] : [op.path];
    const claimed = new Set<string>();
    for (const spelled of spellings) {
      const path = meantPath(spelled, cwd).path;
      const target = await (op.kind === 'delete' ? resolveLeaf(path) : resolveTarget(path)).catch(() => path);
      for (const key of [path, target, idAt(target)]) {
        if (key === undefined) continue;
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

function replaced(before: Snapshot): EditedText | undefined {
  return before.kind === 'file' ? readReplaced(before.bytes) : undefined;
}

async function planAdd(op: FileOp & { kind: 'add' }, cwd: string): Promise<PlannedFile> {
  const expectation = await expectWritable(op.path, cwd);
  const old = replaced(expectation.before);
  const newText = old === undefined ? op.content : withEndingsOf(old.text, op.content);
  rejectPlaceholderLines(newText, old?.text);
  if (old !== undefined) rejectElisions(op.path, op.content.split('\n'), old.text, WHOLE_OR_UPDATE);
  return {
    op,
    path: expectation.path,
    expectations: [expectation],
    write: plannedWrite(op.path, expectation, writeEdited(newText, old, op.path), expectation.before),
    oldText: old?.text,
    newText,
    notes: notesOf(op.path, cwd, expectation, old),
  };
}

/** `old` is what was written over; undefined for what was not text. */
function notesOf(spelled: string, cwd: string, { before }: Expectation, old?: EditedText): string[] {
  const notes = nameNotes(spelled, cwd);
  const encoding = old === undefined ? undefined : encodingNote(spelled, old.form);
  if (encoding !== undefined) notes.push(encoding);
  if (before.kind === 'file' && old === undefined)
    notes.push(`${spelled} existed and was not text: it was overwritten.`);
  return notes;
}

function nameNotes(spelled: string, cwd: string): string[] {
  const { note } = meantPath(spelled, cwd);
  return note === undefined ? [] : [note];
}

async function planDelete(op: FileOp & { kind: 'delete' }, cwd: string): Promise<PlannedFile> {
  const path = meantPath(op.path, cwd).path;
  const message = `Failed to delete file ${op.path}`;
  let expectation: Expectation;
  try {
    expectation = await expectLeaf(path);
  } catch (error) {
    throw fileError(message, systemReason(error));
  }
  if (expectation.before.kind === 'absent') throw fileError(message, await explainMissingFile(path, cwd));
  return {
    op,
    path,
    expectations: [expectation],
    remove: { spelled: op.path, target: expectation.target },
    oldText: replaced(expectation.before)?.text,
    newText: undefined,
    notes: nameNotes(op.path, cwd),
  };
}

async function planUpdate(op: FileOp & { kind: 'update' }, cwd: string): Promise<PlannedFile> {
  const { expectation, old } = await readSource(op.path, cwd);
  const exact = op.edit && chunkOfEdit(old.text, op.edit, op.path);
  const chunks = exact === undefined ? op.chunks : [exact];
  const newText = applyChunks(old.text, chunks, op.path);
  const added = op.chunks.flatMap(({ lines }) =>
    lines.flatMap((line) => (line.kind === 'add' ? line.text : [])),
  );
  rejectElisions(op.path, added, old.text, 'Write these lines out, or leave them out of the hunk.');
  const bytes = writeEdited(newText, old, op.path);
  const notes = notesOf(op.path, cwd, expectation, old);
  const common = { op, path: expectation.path, oldText: old.text, newText, notes };
  const isMove = op.movePath !== undefined && resolve(cwd, op.movePath) !== expectation.path;
  if (!isMove) {
    const write = plannedWrite(op.path, expectation, bytes, expectation.before);
    if (write === undefined)
      notes.push(`${op.path} is already as the patch says: nothing in it was changed.`);
    return { ...common, expectations: [expectation], write };
  }
  const destination = await expectWritable(op.movePath, cwd);
  notes.push(...nameNotes(op.movePath, cwd));
  const leaf = await resolveLeaf(expectation.path);
  if (isSameFile(expectation.before, destination.before)) {
    return { ...common, ...(await renamed(op.movePath, leaf, expectation, destination, bytes)) };
  }
  if (destination.before.kind === 'file') notes.push(`${op.movePath} existed: it was overwritten.`);
  const link = leaf === expectation.target ? [] : [await expectLeaf(expectation.path)];
  return {
    ...common,
    movePath: destination.path,
    expectations: [expectation, destination, ...link],
    write: plannedWrite(op.movePath, destination, bytes, expectation.before),
    remove: { spelled: op.path, target: leaf },
  };
}

function isSameFile(a: Snapshot, b: Snapshot): boolean {
  return a.kind === 'file' && b.kind === 'file' && a.id === b.id;
}

/** Source and destination are one file under two names: it is written, and then has the new name, unless one of them is a link. */
async function renamed(
  spelled: string,
  from: string,
  source: Expectation,
  destination: Expectation,
  bytes: Buffer,
): Promise<Pick<PlannedFile, 'movePath' | 'expectations' | 'write' | 'rename' | 'remove'>> {
  const expectations = [source, destination];
  const write = plannedWrite(spelled, source, bytes, source.before);
  const to = await resolveLeaf(destination.path);
  if (from === to || isLink(to)) return { expectations, write };
  if (isLink(from)) {
    expectations.push(await expectLeaf(source.path));
    return { movePath: destination.path, expectations, write, remove: { spelled, target: from } };
  }
  return { movePath: destination.path, expectations, write, rename: { from, to } };
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

/** Undefined if the file has these bytes already, and is the one whose mode is kept. */
function plannedWrite(
  spelled: string,
  { target, before }: Expectation,
  bytes: Buffer,
  keepOf: Snapshot,
): PlannedWrite | undefined {
  if (before === keepOf && before.kind === 'file' && before.bytes.equals(bytes)) return undefined;
  return { spelled, target, bytes, before, keep: keepOf.kind === 'file' ? keepOf : undefined };
}

async function expectLeaf(path: string): Promise<Expectation> {
  const target = await resolveLeaf(path);
  return { path, follow: false, target, before: await takeSnapshot(target) };
}

async function readSource(
  spelled: string,
  cwd: string,
): Promise<{ expectation: Expectation; old: EditedText }> {
  const path = meantPath(spelled, cwd).path;
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
    throw fileError(`${failed}: No such file or directory (os error 2)`, await explainMissingFile(path, cwd));
  }
  return { expectation, old: readEdited(before.bytes, failed) };
}

/** A path that a file can be written to: nothing or a regular file is there, and its folder can exist. */
async function expectWritable(spelled: string, cwd: string): Promise<Expectation> {
  const path = meantPath(spelled, cwd).path;
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
