/**
 * What the stored sessions say about the models: read from the rollouts alone, one after the other, in bounded memory.
 *
 * A file that has not changed since the span began is not opened. A file that cannot be read is counted; nothing throws.
 */
import { statSync } from 'node:fs';
import { lockHolder } from '../lock.ts';
import { type RolloutFile, rolloutFiles } from '../paths.ts';
import { RolloutReader } from '../scan.ts';
import type { ModelStats } from './model-stats.ts';
import { SessionTally } from './session-tally.ts';
import { type DayStats, Tally } from './tally.ts';

export interface Stats {
  /** In which something happened in this span. */
  readonly sessions: number;
  readonly models: readonly ModelStats[];
  /** Those on which something happened, the oldest first. */
  readonly days: readonly DayStats[];
  readonly badLines: number;
  readonly unreadableFiles: number;
}

export interface StatsOptions {
  /** Milliseconds of the epoch. */
  readonly since: number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/** How long the event loop may wait. */
const SLICE_MS = 50;

/** @returns what was read until the signal, if it came. */
export async function readStats(home: string, { since, signal, onProgress }: StatsOptions): Promise<Stats> {
  const files = rolloutFiles(home);
  const tally = new Tally();
  let [sessions, unreadableFiles] = [0, 0];
  let pauseAt = performance.now() + SLICE_MS;
  for (const [done, file] of files.entries()) {
    if (performance.now() > pauseAt) {
      onProgress(done, files.length);
      await new Promise(setImmediate);
      if (signal.aborted) break;
      pauseAt = performance.now() + SLICE_MS;
    }
    try {
      if (isOlder(file, since)) continue;
      if (addSession(file, tally, since)) sessions += 1;
    } catch {
      unreadableFiles += 1;
    }
  }
  return { sessions, models: tally.models, days: tally.days, badLines: tally.badLines, unreadableFiles };
}

function isOlder({ path: file }: RolloutFile, since: number): boolean {
  return statSync(file).mtimeMs < since;
}

/** @returns whether anything in it belongs to the span. @throws if the file cannot be read. */
function addSession({ path: file, hasLock }: RolloutFile, tally: Tally, since: number): boolean {
  const reader = new RolloutReader(file);
  try {
    const session = new SessionTally(reader, tally, since);
    reader.scan(session.add);
    session.end(hasLock && isHeld(file));
    return session.hasCounted;
  } finally {
    reader.close();
  }
}

function isHeld(file: string): boolean {
  try {
    return lockHolder(file) !== undefined;
  } catch {
    // Whose it is cannot be found out: the turn may still end.
    return true;
  }
}
