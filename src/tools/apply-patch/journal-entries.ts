/** What a journal says of a plan, and how it knows a file again. */

import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { contentHash } from '../../config/project-file.ts';
import type { Snapshot } from './files.ts';
import type { JournalEntry, JournalRecord, WriteEntry } from './journal.ts';
import { beforeRemoval, type PlannedFile } from './plan.ts';
import type { Draft } from './stage.ts';

/** Longer texts are in their temporary files only. */
const MOST_TEXT = 8 * 1024 * 1024;

export function digestOf(found: Snapshot): string {
  if (found.kind === 'file') return contentHash(found.bytes);
  return found.kind === 'link' ? `link ${found.to}` : 'absent';
}

/** @param inPlace the drafts that do not replace a file but are written into it */
export function recordOf(
  files: readonly PlannedFile[],
  drafts: readonly Draft[],
  inPlace: readonly Draft[] = [],
): Pick<JournalRecord, 'entries' | 'folders'> {
  const others = files.flatMap((file) => [...renameOf(file), ...removalOf(file)]);
  const isAtomic = drafts.length + others.length === 1 && inPlace.length === 0;
  const isLong = drafts.reduce((sum, { bytes }) => sum + bytes.length, 0) > MOST_TEXT;
  const writes = drafts.map((draft) => writeOf(draft, !isAtomic && !isLong, inPlace.includes(draft)));
  return { entries: [...writes, ...others], folders: missingFolders(drafts) };
}

function writeOf(
  { target, temporary, before, bytes, keep }: Draft,
  hasText: boolean,
  isInPlace: boolean,
): WriteEntry {
  return {
    kind: 'write',
    target,
    temporary,
    before: digestOf(before),
    after: contentHash(bytes),
    like: keep === undefined || keep.path === target ? undefined : keep.path,
    text: hasText ? bytes.toString('base64') : undefined,
    old: hasText && isInPlace && before.kind === 'file' ? before.bytes.toString('base64') : undefined,
  };
}

function renameOf({ rename }: PlannedFile): JournalEntry[] {
  return rename === undefined ? [] : [{ kind: 'rename', from: rename.from, to: rename.to }];
}

function removalOf(file: PlannedFile): JournalEntry[] {
  const before = beforeRemoval(file);
  if (file.remove === undefined || before === undefined) return [];
  return [{ kind: 'remove', target: file.remove.target, before: digestOf(before) }];
}

function missingFolders(drafts: readonly Draft[]): string[] {
  const missing = new Set<string>();
  for (const { target } of drafts) {
    for (let folder = dirname(target); !existsSync(folder); folder = dirname(folder)) missing.add(folder);
  }
  return [...missing];
}
