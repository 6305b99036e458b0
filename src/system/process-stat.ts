/**
 * Whether there is a process, and what Linux tells of it in /proc/PID/stat.
 *
 * Invariant: never throws; where there is no such process, or no /proc, there are no fields. Does not: know what the fields
 * are for.
 */
import { readFileSync } from 'node:fs';

/**
 * The fields from the third on: `[0]` is the state, `[1]` the parent, `[2]` the group, `[3]` the session, `[19]` when it was
 * started, in clock ticks since boot. The name before them may contain anything, also parentheses and blanks.
 */
export function processStat(pid: number | string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
  } catch {
    return [];
  }
}

/** True also for a process of another user. A zombie is there. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
