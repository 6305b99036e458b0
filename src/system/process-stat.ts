/**
 * Whether a process exists, and what Linux says of it in /proc/PID/stat. Never throws: without such a process, or without /proc, there
 * are no fields.
 */
import { readFileSync } from 'node:fs';

/**
 * The fields from the third on: `[0]` is the state, `[1]` the parent, `[2]` the group, `[3]` the session, `[19]` when it was
 * started, in clock ticks since boot. The name before them may contain anything, even parentheses and blanks.
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

/** True for a process of another user, too, and for a zombie. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
