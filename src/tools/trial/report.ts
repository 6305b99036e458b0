/** What a trial has changed, for the user: a line a file, and the diff. */
import { closeSync, constants, fstatSync, readSync } from 'node:fs';
import path from 'node:path';
import { HeldFolder } from '../../system/held-folder.ts';
import { decodeText } from '../../text/decode.ts';
import { unifiedDiff } from '../apply-patch/summary.ts';
import type { TrialChange, TrialFolders } from './changes.ts';
import type { LeftAlone } from './record.ts';

export interface TrialFile {
  readonly path: string;
  readonly sign: 'A' | 'M' | 'D';
  /** Lines; both 0 of what is no text. */
  readonly added: number;
  readonly removed: number;
  /** What it is besides a text. */
  readonly note?: string | undefined;
  readonly isConflict?: boolean | undefined;
}

export interface TrialReport {
  readonly files: readonly TrialFile[];
  /** What cannot be kept, and why. */
  readonly left: readonly LeftAlone[];
}

/** Larger files are not compared line by line. */
const MOST_BYTES = 1024 * 1024;

export function changedFile(change: TrialChange, folders: TrialFolders): TrialFile {
  const { path: name, before, after, isConflict } = change;
  const sign = before === undefined ? 'A' : after.kind === 'absent' ? 'D' : 'M';
  const diff = textDiff(change, folders);
  let [added, removed] = [0, 0];
  for (const line of (diff ?? '').split('\n').slice(2)) {
    if (line.startsWith('+')) added += 1;
    if (line.startsWith('-')) removed += 1;
  }
  return { path: name, sign, added, removed, note: noteOf(change, diff), isConflict };
}

/** A diff, or a line about what is none. Ends with a newline. */
export function diffOf(change: TrialChange, folders: TrialFolders): string {
  const diff = textDiff(change, folders);
  const note = noteOf(change, diff);
  const header = `diff --git a/${change.path} b/${change.path}\n${kindOf(change)}`;
  return `${header}${note === undefined ? '' : `${note}\n`}${diff ?? ''}`;
}

/** As git says it. */
function kindOf({ before, after }: TrialChange): string {
  if (before === undefined) return 'new file mode 100644\n';
  return after.kind === 'absent' ? 'deleted file mode 100644\n' : '';
}

function noteOf({ before, after }: TrialChange, diff: string | undefined): string | undefined {
  if (after.kind === 'link') return `link to ${after.to}`;
  if (after.kind === 'folder') return before?.kind === 'folder' ? modes(before.mode, after.mode) : 'folder';
  if (after.kind === 'absent')
    return before?.kind === 'file' && diff !== undefined ? undefined : before?.kind;
  if (before?.kind === 'file' && before.mode !== after.mode) return modes(before.mode, after.mode);
  return diff === undefined ? 'binary or large' : undefined;
}

function modes(old: number, now: number): string {
  return `mode ${old.toString(8)} to ${now.toString(8)}`;
}

/** Undefined: one of the two is no text. */
function textDiff(
  { path: name, before, after }: TrialChange,
  { merged, lower }: TrialFolders,
): string | undefined {
  const isText = (kind: string | undefined): boolean =>
    kind === 'file' || kind === undefined || kind === 'absent';
  if (!isText(before?.kind) || !isText(after.kind)) return undefined;
  const old = before === undefined ? '' : textAt(lower, name);
  const now = after.kind === 'absent' ? '' : textAt(merged, name);
  if (old === undefined || now === undefined) return undefined;
  const names = [
    before === undefined ? '/dev/null' : name,
    after.kind === 'absent' ? '/dev/null' : name,
  ] as const;
  return unifiedDiff(...names, old, now);
}

function textAt(root: HeldFolder, name: string): string | undefined {
  try {
    const folder = HeldFolder.open(path.join(root.path, path.dirname(name)));
    try {
      return textIn(folder.open(path.basename(name), constants.O_RDONLY));
    } finally {
      folder.close();
    }
  } catch {
    return undefined;
  }
}

function textIn(file: number): string | undefined {
  try {
    const stat = fstatSync(file);
    if (!stat.isFile() || stat.size > MOST_BYTES) return undefined;
    const bytes = Buffer.alloc(stat.size);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(file, bytes, length, bytes.length - length, null);
    }
    const decoded = decodeText(bytes.subarray(0, length));
    return decoded.ok && !decoded.text.includes('\0') ? decoded.text : undefined;
  } finally {
    closeSync(file);
  }
}
