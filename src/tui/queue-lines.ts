/**
 * What the user has said and the model has not got yet, above the composer.
 *
 * Invariants: at most `maxRows` lines, each narrower than the terminal; says for each kind when it is sent.
 * Does not: hold the queue.
 */
import type { QueueEntry } from '../protocol.ts';
import { oneLine } from './lines/clean.ts';
import type { LineContext } from './lines/style.ts';
import { truncateEnd } from './lines/width.ts';

const SHOWN = 3;

export function queueLines(entries: readonly QueueEntry[], ctx: LineContext, maxRows: number): string[] {
  const kinds = [
    { kind: 'steer', title: 'Sent with the next request (esc interrupts and sends now)' },
    { kind: 'queue', title: 'Queued for after the turn (↑ takes the last one back)' },
  ] as const;
  const lines = kinds.flatMap(({ kind, title }) => {
    const waiting = entries.filter((entry) => entry.kind === kind);
    if (waiting.length === 0) return [];
    const shown = waiting.slice(-SHOWN).map(({ text }) => `  ↳ ${oneLine(text, 500)}`);
    const more = waiting.length > SHOWN ? [`  … +${waiting.length - SHOWN} before`] : [];
    return [`• ${title}`, ...more, ...shown];
  });
  return lines.slice(-maxRows).map((line) => ctx.style.dim(truncateEnd(line, ctx.width - 1)));
}
