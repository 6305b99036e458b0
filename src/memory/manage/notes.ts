/**
 * The user's own notes: a file each, `YYYY-MM-DDTHH-MM-SS-slug.md` in local time, that holds the text and nothing else. They are added,
 * and deleted when the user wants that; none is ever changed. What the user puts there by hand counts as well.
 */
import { closeSync, constants, fchmodSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { HeldFolder } from '../../system/held-folder.ts';
import { decodeText } from '../../text/decode.ts';
import { errorCode } from '../../text/error-message.ts';
import { readStart } from '../../text/regular-file.ts';
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import { maskSecrets } from '../../text/secrets.ts';
import type { MemoryFolder } from '../folder.ts';
import { inMemoryFolder, inPrivateFolder } from '../private-folder.ts';

/** Nobody writes a longer one by hand. */
const MOST_BYTES = 64 * 1024;
const MOST_SLUG = 40;
const ENDING = '.md';

export interface Note {
  /** Of the file, in the folder of the notes. */
  readonly name: string;
  readonly text: string;
  /** Milliseconds of the epoch. */
  readonly dated: number;
}

export interface AddedNote {
  readonly name: string;
  /** Something in it looked like a secret. */
  readonly isMasked: boolean;
}

/** Oldest first. What is not a regular file, or is not text, is left out. */
export function allNotes({ notes }: Pick<MemoryFolder, 'notes'>): Note[] {
  return noteFiles(notes)
    .flatMap((name) => readNote(notes, name) ?? [])
    .sort((a, b) => a.dated - b.dated || (a.name < b.name ? -1 : 1));
}

/** Names, in no order. */
export function noteFiles(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .filter((name) => name.endsWith(ENDING) && !name.startsWith('.'));
  } catch {
    return [];
  }
}

function readNote(folder: string, name: string): Note | undefined {
  const file = path.join(folder, name);
  try {
    const { bytes, size } = readStart(file, MOST_BYTES);
    const decoded = decodeText(bytes, { isCut: size > bytes.length });
    if (!decoded.ok) return undefined;
    return { name, text: decoded.text.trim(), dated: dateOf(name) ?? statSync(file).mtimeMs };
  } catch {
    return undefined;
  }
}

/** When a note was made, by its name. */
function dateOf(name: string): number | undefined {
  const [, ...parts] = /^(\d{4})-(\d\d)-(\d\d)T(\d\d)-(\d\d)-(\d\d)(?=-|\.md$)/.exec(name) ?? [];
  if (parts.length === 0) return undefined;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts.map(Number);
  const date = new Date(year, month - 1, day, hour, minute, second);
  return date.getMonth() === month - 1 && date.getDate() === day ? date.getTime() : undefined;
}

/** @throws Error if there is no text; a system error. */
export function addNote(folder: MemoryFolder, text: string, now: Date): AddedNote {
  const clean = sanitizeForTerminal(text).trim();
  if (clean === '') throw new Error('there is nothing to remember: the text is empty');
  const masked = maskSecrets(clean);
  const bytes = Buffer.from(`${masked}\n`);
  if (bytes.length > MOST_BYTES)
    throw new Error(
      `a note has at most ${MOST_BYTES / 1024} KiB; this text has ${Math.ceil(bytes.length / 1024)}`,
    );
  return { name: writeNew(folder, baseName(masked, now), bytes), isMasked: masked !== clean };
}

function baseName(text: string, now: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = [String(now.getFullYear()).padStart(4, '0'), two(now.getMonth() + 1), two(now.getDate())];
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two);
  return `${day.join('-')}T${time.join('-')}-${slugOf(text)}`;
}

function slugOf(text: string): string {
  const plain = text.normalize('NFKD').toLowerCase().replaceAll(/\p{M}/gu, '');
  let slug = '';
  for (const word of plain.match(/[a-z0-9]+/g) ?? []) {
    const longer = slug === '' ? word.slice(0, MOST_SLUG) : `${slug}-${word}`;
    if (longer.length > MOST_SLUG) break;
    slug = longer;
  }
  return slug || 'note';
}

/** Two notes of one second get a number. */
function writeNew(folder: MemoryFolder, base: string, bytes: Buffer): string {
  return inNotes(folder, (notes) => {
    for (let number = 1; ; number += 1) {
      const name = `${base}${number === 1 ? '' : `-${number}`}${ENDING}`;
      if (isWritten(notes, name, bytes)) return name;
    }
  });
}

/** @throws a system error. */
export function deleteNote(folder: MemoryFolder, name: string): void {
  inNotes(folder, (notes) => notes.unlink(name));
}

function inNotes<T>(folder: MemoryFolder, work: (notes: HeldFolder) => T): T {
  return inMemoryFolder(folder, (root) => inPrivateFolder(root, path.basename(folder.notes), work));
}

function isWritten(folder: HeldFolder, name: string, bytes: Buffer): boolean {
  const { O_CREAT, O_EXCL, O_WRONLY } = constants;
  let descriptor: number;
  try {
    descriptor = folder.open(name, O_CREAT | O_EXCL | O_WRONLY, 0o600);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    fchmodSync(descriptor, 0o600);
    writeFileSync(descriptor, bytes);
    return true;
  } catch (error) {
    // Half a note would look like a whole one.
    folder.unlink(name);
    throw error;
  } finally {
    closeSync(descriptor);
  }
}
