/**
 * A list with one selected entry: how keys move the selection, and which part of the list is shown.
 *
 * Invariants: the selection is never on a disabled entry, unless all are; what is shown always includes it.
 */
import type { LineContext } from '../lines/style.ts';
import { wrap } from '../lines/wrap.ts';
import { chordOf, type Key } from '../term/keys.ts';
import { roomOf } from './text.ts';

/** Entries that a page key skips. */
const PAGE = 8;

/**
 * The new selection, or undefined for a key that does not move it. Single steps wrap around at the ends.
 * @param canSelect whether the entry of an index may be selected.
 */
export function moveSelection(
  key: Key,
  selected: number,
  count: number,
  canSelect: (index: number) => boolean = () => true,
): number | undefined {
  switch (chordOf(key)) {
    case 'up':
    case 'ctrl+p':
      return next(selected, -1, count, canSelect);
    case 'down':
    case 'ctrl+n':
      return next(selected, 1, count, canSelect);
    case 'pageup':
      return nearest(selected - PAGE, -1, count, canSelect);
    case 'pagedown':
      return nearest(selected + PAGE, 1, count, canSelect);
    case 'home':
      return nearest(0, 1, count, canSelect);
    case 'end':
      return nearest(count - 1, -1, count, canSelect);
    default:
      return undefined;
  }
}

function next(from: number, step: 1 | -1, count: number, canSelect: (index: number) => boolean): number {
  for (let walked = 1; walked <= count; walked += 1) {
    const index = (((from + step * walked) % count) + count) % count;
    if (canSelect(index)) return index;
  }
  return from;
}

/**
 * The entry at an index that may be out of range, or the nearest one that can be selected, in the direction of `step`
 * first.
 */
export function nearest(
  wanted: number,
  step: 1 | -1,
  count: number,
  canSelect: (index: number) => boolean = () => true,
): number {
  const start = Math.max(0, Math.min(count - 1, wanted));
  for (const direction of [step, -step]) {
    for (let index = start; index >= 0 && index < count; index += direction) {
      if (canSelect(index)) return index;
    }
  }
  return 0;
}

/** The entries around the selected one that fit in `maxRows`. Only the first or last entry may be cut. */
export function listWindow(
  entries: readonly (readonly string[])[],
  selected: number,
  maxRows: number,
): string[] {
  const rowsOf = (index: number): number => entries[index]?.length ?? 0;
  if (maxRows <= 0) return [];
  let [from, to] = [selected, selected + 1];
  let rows = rowsOf(selected);
  // Grows on both sides, so that the selected entry stays in the middle and its neighbours are seen.
  for (;;) {
    const [above, below] = [from > 0 ? rowsOf(from - 1) : Infinity, rowsOf(to) || Infinity];
    const goesUp = above !== Infinity && (selected - from < to - selected || below === Infinity);
    const added = goesUp ? above : below;
    if (rows + added > maxRows) break;
    rows += added;
    if (goesUp) from -= 1;
    else to += 1;
  }
  return entries.slice(from, to).flat().slice(0, maxRows);
}

/** One of a few options of a dialog, wrapped, with the mark of the selected one. `label` is safe already. */
export function optionLines(label: string, isSelected: boolean, ctx: LineContext): string[] {
  const { style } = ctx;
  const number = /^\d+\. /.exec(label)?.[0] ?? '';
  const lines = wrap(label, roomOf(ctx) - 2, { rest: ' '.repeat(number.length) });
  return lines.map((line, index) => {
    if (!isSelected) return `  ${line}`;
    return style.cyan(style.bold(`${index === 0 ? '›' : ' '} ${line}`));
  });
}
