/**
 * What the user has said and the model has not received yet, shown above the composer. Says for each kind when it is
 * sent.
 */
import type { QueueEntry } from '../../protocol.ts';
import { oneLine } from '../lines/clean.ts';
import { foldAt } from '../lines/output.ts';
import type { LineContext } from '../lines/style.ts';
import { fits, truncateEnd, truncateMiddle } from '../lines/width.ts';

/** Entries of each kind, the more the better. */
const SHOWN = [3, 2, 1, 0] as const;
/** Characters of a long message at each end. */
const SHOWN_CHARACTERS = 250;
const ENTRY = '  ↳ ';
const KINDS = ['steer', 'queue'] as const;

interface QueueFacts {
  /** A turn runs; without one the messages wait for a model. */
  readonly isRunning: boolean;
  readonly interruptKey: string | undefined;
}

export function queueLines(
  entries: readonly QueueEntry[],
  facts: QueueFacts,
  ctx: LineContext,
  maxRows: number,
): string[] {
  const forms = SHOWN.map((most) => formOf(entries, facts, ctx, most));
  const form = forms.find((lines) => lines.length <= maxRows) ?? forms.at(-1) ?? [];
  const cut = (line: string): string =>
    line.startsWith(ENTRY)
      ? ENTRY + truncateMiddle(line.slice(ENTRY.length), ctx.width - 1 - ENTRY.length)
      : line;
  return form.slice(0, maxRows).map((line) => ctx.style.dim(truncateEnd(cut(line), ctx.width - 1)));
}

function formOf(entries: readonly QueueEntry[], facts: QueueFacts, ctx: LineContext, most: number): string[] {
  return KINDS.flatMap((kind) => {
    const waiting = entries.filter((entry) => entry.kind === kind);
    if (waiting.length === 0) return [];
    const shown =
      most === 0
        ? []
        : waiting.slice(-foldAt(waiting.length, most)).map(({ text }) => `${ENTRY}${shortText(text)}`);
    const left = waiting.length - shown.length;
    const titles = titlesOf(kind, facts).map((title) => `• ${title}`);
    const title = titles.find((form) => fits(form, ctx.width - 1)) ?? titles.at(-1) ?? '';
    return [title, ...(most > 0 && left > 0 ? [`  … +${left} earlier`] : []), ...shown];
  });
}

/** What was typed may stand behind a long paste: the start and the end. */
function shortText(text: string): string {
  if (text.length <= 2 * SHOWN_CHARACTERS) return oneLine(text);
  return `${oneLine(text.slice(0, SHOWN_CHARACTERS))}…${oneLine(text.slice(-SHOWN_CHARACTERS))}`;
}

/** Long and short. */
function titlesOf(kind: QueueEntry['kind'], { isRunning, interruptKey }: QueueFacts): string[] {
  if (kind === 'steer') {
    return [
      `Sent with the next request (${interruptKey} interrupts and sends now)`,
      `Sent next (${interruptKey} sends now)`,
    ];
  }
  const [long, short] = isRunning
    ? ['Queued until the turn ends', 'Queued']
    : ['Waiting for a model', 'Waiting'];
  return [`${long} (↑ takes back the last one)`, `${short} (↑ takes back the last one)`];
}
