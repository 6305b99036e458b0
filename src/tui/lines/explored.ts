/**
 * Reads and searches in a row, as one cell.
 *
 * Invariants: consecutive reads are one line, in which a file is named once; what failed says so.
 */
import type { Item } from '../../protocol.ts';
import { oneLine } from './clean.ts';
import { type Exploration, explorationOf } from './exploration.ts';
import { FIRST, REST } from './output.ts';
import { indented, prose } from './prose.ts';
import { shortPath } from './short-path.ts';
import type { LineContext } from './style.ts';
import { truncateMiddle } from './width.ts';

const MOST_FILES = 200;
const PATTERN_LIMIT = 300;

interface Entry {
  readonly verb: Exploration['verb'];
  readonly what: string[];
}

/** `• Explored` and what; items that are not explorations are left out. Rows fit the width. */
export function exploredLines(
  items: readonly Item[],
  { isLive }: { readonly isLive: boolean },
  ctx: LineContext,
): string[] {
  const { style } = ctx;
  const head = isLive
    ? `${style.cyan('•')} ${style.bold('Exploring')}`
    : `${style.dim('•')} ${style.bold('Explored')}`;
  const rows = entriesOf(items, ctx).flatMap(({ verb, what }) =>
    prose(`${style.cyan(verb)} ${what.slice(0, MOST_FILES).join(', ')}`, indented(ctx, REST.length)),
  );
  return [head, ...rows.map((row, index) => (index === 0 ? style.dim(FIRST) : REST) + row)];
}

function entriesOf(items: readonly Item[], ctx: LineContext): Entry[] {
  const entries: Entry[] = [];
  for (const item of items) {
    const failed = isFailed(item) ? ctx.style.red(' (failed)') : '';
    for (const { verb, what } of explorationOf(item) ?? []) {
      const shown = what.map((text) => shownText(verb, text, ctx) + failed);
      const last = entries.at(-1);
      if (last?.verb === 'Read' && verb === 'Read') {
        last.what.push(...shown.filter((text) => !last.what.includes(text)));
      } else {
        entries.push({ verb, what: [...new Set(shown)] });
      }
    }
  }
  return entries;
}

function shownText(verb: Exploration['verb'], text: string, ctx: LineContext): string {
  if (verb === 'Search') return oneLine(text, PATTERN_LIMIT) || '(nothing)';
  const path = oneLine(shortPath(text, ctx)) || '.';
  return truncateMiddle(path, Math.max(8, ctx.width - 1 - REST.length - ', '.length));
}

/** A search without a match exits with 1, which is not a failure. */
function isFailed(item: Item): boolean {
  if (item.type === 'tool_call') return item.status === 'failed';
  if (item.type !== 'command_execution' || item.status !== 'failed') return false;
  return item.exitCode === null || item.exitCode > 1 || !/\b(?:rg|grep)\b/.test(item.command);
}
