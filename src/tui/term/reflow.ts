/**
 * Where the live region begins after the terminal has wrapped its rows anew for another width.
 *
 * Ink erases as many rows as it painted; a narrower terminal has made more of them, and the rest would stay above as a
 * copy. Invariants: never points above the region. Does not: write.
 */
import type { Frame } from '../frame.ts';
import { cellWidth } from '../lines/width.ts';
import type { TerminalEnv } from './sequences.ts';

/** True for terminals that wrap anew what stands on the screen; the others cut it off. */
export function wrapsAnew(env: TerminalEnv): boolean {
  const isScreen = (env.STY ?? '') !== '' && (env.TMUX ?? '') === '';
  return env.TERM !== 'linux' && (env.XTERM_VERSION ?? '') === '' && !isScreen;
}

/** Moves the cursor so that what Ink erases next, rows as it has painted them, is the region as it stands now. */
export function toReflowedTop({ live, cursor }: Pick<Frame, 'live' | 'cursor'>, columns: number): string {
  const rowsOf = (lines: readonly string[]): number =>
    lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(cellWidth(line) / columns)), 0);
  if (cursor !== undefined) {
    // Ink goes up from the cursor, and erases all below.
    const above = rowsOf(live.slice(0, cursor.y)) + Math.floor(cursor.x / columns);
    return above > cursor.y ? `\x1b[${above - cursor.y}A` : '';
  }
  // Ink erases row by row from the bottom.
  const rows = rowsOf(live);
  return rows > live.length ? `\x1b[${rows}A\r\x1b[J\x1b[${live.length}B` : '';
}
