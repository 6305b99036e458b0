/** What a trial takes on the disk. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { HeldFolder } from '../../system/held-folder.ts';
import { partOf } from './record.ts';

/** How long nothing else happens in this process. */
const SHARE_MS = 10;

export interface SizeLimit {
  /** What is more is not counted. */
  readonly enough: number;
  readonly signal: AbortSignal;
}

/** Bytes that a trial takes, at most a few more than `enough`; a part of it if it was given up. Never rejects. */
export async function sizeOfTrial(folder: string, { enough, signal }: SizeLimit): Promise<number> {
  const folders = [partOf(folder, 'upper')];
  let total = 0;
  let pausedAt = performance.now();
  for (let next = folders.pop(); next !== undefined && total <= enough; next = folders.pop()) {
    for (const part of partsOf(next)) {
      if (typeof part === 'number') total += part;
      else folders.push(part);
      if (total > enough) break;
      if (performance.now() - pausedAt < SHARE_MS) continue;
      await nextTurn();
      if (signal.aborted) return total;
      pausedAt = performance.now();
    }
  }
  return total;
}

/** The sizes of the files in a folder, in bytes, and its folders. What cannot be looked at, or has just gone, is not counted. */
function* partsOf(path: string): Generator<number | string> {
  let folder: HeldFolder;
  try {
    folder = HeldFolder.open(path);
  } catch {
    return;
  }
  try {
    for (const entry of folder.list())
      yield entry.isDirectory() ? `${path}/${entry.name}` : folder.sizeOf(entry.name);
  } catch {
    // The rest is counted at the next look.
  } finally {
    folder.close();
  }
}
