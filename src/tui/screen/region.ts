/**
 * Fits the live region into the screen: live cells, status, queue, composer or dialog, footer.
 *
 * Invariants: fewer lines than the terminal has rows, whatever the parts want, so that nothing is pushed into the
 * scrollback; the body (where the user types) gets its rows first, then the status, then the rest.
 */
import type { Regions } from './frame.ts';

export interface Body {
  readonly lines: readonly string[];
  readonly cursor?: { readonly x: number; readonly y: number };
}

interface RegionParts {
  /** The live cells, at most `maxRows` lines. */
  readonly live: (maxRows: number) => readonly string[];
  readonly status: string | undefined;
  readonly queue: (maxRows: number) => readonly string[];
  /** The composer or a dialog. */
  readonly body: (maxRows: number) => Body;
  readonly footer: string;
}

/** With fewer rows there is no footer; with fewer than the other, no blank lines. */
const ROWS_FOR_FOOTER = 5;
const ROWS_FOR_GAPS = 14;

export function composeRegion(rows: number, parts: RegionParts): Body & { readonly regions: Regions } {
  const hasGaps = rows >= ROWS_FOR_GAPS;
  const gap = hasGaps ? [''] : [];
  let room = Math.max(1, rows - 1);
  const take = (lines: readonly string[]): readonly string[] => {
    room -= lines.length;
    return lines;
  };

  const footer = rows >= ROWS_FOR_FOOTER && parts.footer !== '' ? take([...gap, parts.footer]) : [];
  const statusRows = parts.status === undefined ? 0 : 1 + gap.length;
  const body = parts.body(Math.max(1, room - (room > statusRows ? statusRows : 0) - gap.length));
  take(body.lines);
  const above = room > 0 ? take(gap) : [];
  const status = parts.status !== undefined && room > 0 ? [parts.status] : [];
  take(status);
  const queue = room > 1 ? take(parts.queue(Math.min(room - 1, Math.ceil(rows / 4)))) : [];
  const before = status.length > 0 && room > 1 ? take(gap) : [];
  const live = room > 0 ? parts.live(room) : [];

  const head = [...live, ...before, ...status, ...queue, ...above];
  return {
    lines: [...head, ...body.lines, ...footer],
    cursor: body.cursor === undefined ? undefined : { x: body.cursor.x, y: body.cursor.y + head.length },
    regions: {
      cells: textOf(live),
      status: textOf([...before, ...status]),
      queue: textOf(queue),
      body: textOf([...above, ...body.lines]),
      footer: textOf(footer),
    },
  };
}

/** Never empty for a row that is. */
function textOf(rows: readonly string[]): string {
  return rows.length === 0 ? '' : rows.join('\n') || ' ';
}
