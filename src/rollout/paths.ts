/**
 * Where sessions are stored: `sessions/YYYY/MM/DD/rollout-YYYY-MM-DDThh-mm-ss-UUID.jsonl` in oagent's home, local time;
 * archived ones in one folder. An id names one file.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const UUID_LENGTH = 36;
const FILE_SUFFIX = '.jsonl';
export const LOCK_SUFFIX = '.lock';

export interface RolloutFile {
  readonly id: string;
  /** Absolute. */
  readonly path: string;
  readonly isArchived: boolean;
  /** A process writes to it, or died while writing. */
  readonly hasLock: boolean;
}

export function isSessionId(text: string): boolean {
  return UUID.test(text);
}

export function rolloutPath(home: string, id: string, now: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = [String(now.getFullYear()), two(now.getMonth() + 1), two(now.getDate())];
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join('-');
  return path.join(home, 'sessions', ...day, `rollout-${day.join('-')}T${time}-${id}.jsonl`);
}

export function archiveFolder(home: string): string {
  return path.join(home, 'archived_sessions');
}

/** The folder of the outputs that were cut for the model. */
export function outputsFolder(home: string, id: string): string {
  return path.join(home, 'outputs', id);
}

/** All sessions, unordered. What cannot be read is left out. */
export function rolloutFiles(home: string): RolloutFile[] {
  const open = path.join(home, 'sessions');
  const days = numbered(open).flatMap((year) => numbered(year).flatMap((month) => numbered(month)));
  return [...days.flatMap((day) => filesIn(day, false)), ...filesIn(archiveFolder(home), true)];
}

/** The file of a session; undefined if there is none. */
export function findRollout(home: string, id: string): RolloutFile | undefined {
  const wanted = id.toLowerCase();
  return rolloutFiles(home).find((file) => file.id === wanted);
}

/** The id in the name of a rollout; undefined: it is not named as one is. */
export function idOfFile(file: string): string | undefined {
  const name = path.basename(file);
  if (!name.endsWith(FILE_SUFFIX) || !name.startsWith('rollout-')) return undefined;
  const id = name.slice(-FILE_SUFFIX.length - UUID_LENGTH, -FILE_SUFFIX.length);
  return isSessionId(id) ? id : undefined;
}

function numbered(folder: string): string[] {
  return names(folder)
    .filter((name) => /^\d+$/.test(name))
    .map((name) => path.join(folder, name));
}

function filesIn(folder: string, isArchived: boolean): RolloutFile[] {
  const all = names(folder);
  const locks = new Set(all.filter((name) => name.endsWith(LOCK_SUFFIX)));
  const files: RolloutFile[] = [];
  for (const name of all) {
    const id = idOfFile(name);
    if (id === undefined) continue;
    const hasLock = locks.size > 0 && locks.has(`${name}${LOCK_SUFFIX}`);
    files.push({ id, path: `${folder}/${name}`, isArchived, hasLock });
  }
  return files;
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
