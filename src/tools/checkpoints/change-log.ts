/**
 * What a session has changed, one line a step, only ever appended to. A line that a kill has torn is no line: the next one begins
 * on a line of its own, and what cannot be read is passed over.
 *
 * A change is written down before it is made, and confirmed after it. One that was not confirmed may have been made or not: the files
 * say which.
 */
import { closeSync, fstatSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import path from 'node:path';
import { isGone } from '../../system/held-folder.ts';

/** What is at a path, links not followed. */
export type FileState =
  | { readonly kind: 'absent' }
  /** `mode`: the permission bits. Undefined of a file that is still to be made. */
  | { readonly kind: 'file'; readonly sha256: string; readonly mode?: number | undefined }
  | { readonly kind: 'link'; readonly to: string }
  /** Something that was not kept. It is like nothing, not even like itself. `isLate`: it may be somebody else's work, after a kill. */
  | { readonly kind: 'unknown'; readonly isLate?: boolean };

/** `path` is absolute and real. */
export interface ChangedFile {
  readonly path: string;
  readonly before: FileState;
  readonly after: FileState;
}

export interface Change {
  readonly id: string;
  /** The number of the last item of the session when it was made: it belongs to the last message of the user before that. */
  readonly item: number;
  /** What a command has changed is only known after it: then the change is sure. */
  readonly by: 'patch' | 'command' | 'rewind';
  readonly files: readonly ChangedFile[];
  /** It is certain that it was made. */
  readonly isSure: boolean;
}

type Line =
  | { readonly change: Omit<Change, 'isSure'> }
  /** It was made. */
  | { readonly made: string }
  /** Nothing of it was. */
  | { readonly dropped: string };

/** @param folder that of a session's checkpoints */
export function changeLog(folder: string): string {
  return path.join(folder, 'changes.jsonl');
}

/** @param folder exists. @throws a system error */
export function appendLine(folder: string, ...lines: readonly Line[]): void {
  const file = openSync(changeLog(folder), 'a+', 0o600);
  try {
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    const bytes = Buffer.from(`${isTorn(file) ? '\n' : ''}${text}`);
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
  } finally {
    closeSync(file);
  }
}

function isTorn(file: number): boolean {
  const { size } = fstatSync(file);
  const last = Buffer.alloc(1);
  return size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a;
}

/**
 * The changes that were made, or may have been, the oldest first; none where there is no log.
 * @throws a system error if it cannot be read: then nobody knows
 */
export function readChanges(folder: string): Change[] {
  const changes = new Map<string, Change>();
  for (const line of linesOf(folder)) {
    if ('change' in line) changes.set(line.change.id, { ...line.change, isSure: false });
    else if ('dropped' in line) changes.delete(line.dropped);
    else {
      const change = changes.get(line.made);
      if (change !== undefined) changes.set(change.id, { ...change, isSure: true });
    }
  }
  return [...changes.values()];
}

function linesOf(folder: string): Line[] {
  let text: string;
  try {
    text = readFileSync(changeLog(folder), 'utf8');
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
  return text.split('\n').flatMap((line) => {
    const read = parsed(line);
    return read === undefined ? [] : [read];
  });
}

function parsed(line: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (!isObject(value)) return undefined;
    if (typeof value.made === 'string' || typeof value.dropped === 'string') return value as Line;
    return isChange(value.change) ? (value as Line) : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isChange(value: unknown): boolean {
  if (!isObject(value) || typeof value.id !== 'string' || typeof value.item !== 'number') return false;
  const { files } = value;
  return Array.isArray(files) && files.every((file) => isObject(file) && isChangedFile(file));
}

function isChangedFile({ path: file, before, after }: Readonly<Record<string, unknown>>): boolean {
  return typeof file === 'string' && path.isAbsolute(file) && isState(before) && isState(after);
}

function isState(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { kind, sha256, to } = value;
  if (kind === 'file') return typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256);
  return kind === 'absent' || kind === 'unknown' || (kind === 'link' && typeof to === 'string');
}
