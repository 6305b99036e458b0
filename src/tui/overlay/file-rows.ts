/**
 * The files of a patch, one row each: what is done to it and how much.
 *
 * Invariants: no file is left out without its number being given, and a file that is deleted or moved away is always named; where
 * there are too few rows even for those, the list scrolls.
 */

import type { FileChange } from '../../protocol.ts';
import { cellWidth } from '../../text/cell-width.ts';
import { plural } from '../../text/digits.ts';
import { showInvisible } from '../../text/sanitize.ts';
import { oneLine } from '../lines/clean.ts';
import { type DiffStat, diffStat } from '../lines/diff.ts';
import { shortPath } from '../lines/short-path.ts';
import type { LineContext } from '../lines/style.ts';
import { truncateEnd, truncateMiddle } from '../lines/width.ts';
import { breakRows } from '../lines/wrap.ts';
import { roomOf } from './text.ts';

type Verb = 'Delete' | 'Move' | 'Add' | 'Edit';

interface Place {
  /** Rows for the list. */
  readonly rows: number;
  /** Rows that were scrolled by. */
  readonly scroll: number;
}

/** What is lost comes first. */
const ORDER: readonly Verb[] = ['Delete', 'Move', 'Add', 'Edit'];

/** Rows that the whole list takes. */
export function mostFileRows(changes: readonly FileChange[], ctx: LineContext): number {
  return changes.reduce((sum, change) => sum + wholeRows(change, ctx).length, 0);
}

/** The list in at most `rows` rows. */
export function fileRows(
  changes: readonly FileChange[],
  ctx: LineContext,
  { rows, scroll }: Place,
): string[] {
  const room = Math.max(1, rows);
  if (mostFileRows(changes, ctx) <= room) return changes.flatMap((change) => wholeRows(change, ctx));
  if (changes.length <= room) return changes.map((change) => rowOf(change, ctx));
  const sorted = ORDER.flatMap((verb) => changes.filter((change) => verbOf(change) === verb));
  const named = sorted.filter((change) => isLost(change)).map((change) => rowOf(change, ctx));
  const rest = sorted.filter((change) => !isLost(change));
  for (const folderOf of [folder, topFolder, () => undefined]) {
    const sums = sumRows(rest, folderOf, ctx);
    if (named.length + sums.length <= room) return [...named, ...sums];
  }
  return scrolled(changes, sorted, ctx, { rows: room, scroll });
}

function isLost(change: FileChange): boolean {
  return change.kind === 'delete' || change.movePath !== undefined;
}

/** One row for all that is added, and one for all that is edited, in each folder. */
function sumRows(
  changes: readonly FileChange[],
  folderOf: (path: string, ctx: LineContext) => string | undefined,
  ctx: LineContext,
): string[] {
  const groups = new Map<string, FileChange[]>();
  for (const change of changes) {
    const key = `${verbOf(change)}\n${folderOf(change.path, ctx) ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), change]);
  }
  return [...groups.values()].map((group) => {
    const [first] = group;
    if (first !== undefined && group.length === 1) return rowOf(first, ctx);
    const where = first && folderOf(first.path, ctx);
    const what = `${plural(group.length, 'file')}${where === undefined ? '' : ` in ${oneLine(showInvisible(where))}`}`;
    return row(first === undefined ? 'Edit' : verbOf(first), what, sumOf(group), ctx);
  });
}

function folder(path: string, ctx: LineContext): string {
  const shown = shortPath(path, ctx);
  return shown.includes('/') ? `${shown.slice(0, shown.lastIndexOf('/'))}/` : './';
}

function topFolder(path: string, ctx: LineContext): string {
  const shown = shortPath(path, ctx);
  return shown.includes('/') ? `${shown.slice(0, shown.indexOf('/', 1))}/` : './';
}

/** A part of the list between the numbers of what is above and below it. */
function scrolled(
  changes: readonly FileChange[],
  sorted: readonly FileChange[],
  ctx: LineContext,
  { rows, scroll }: Place,
): string[] {
  const shown = Math.max(1, rows - 1);
  const from = Math.min(scroll, sorted.length - 1);
  const counts = ORDER.flatMap((verb) => {
    const count = changes.filter((change) => verbOf(change) === verb).length;
    return count === 0 ? [] : [`${verb} ${count}`];
  });
  const place = `${from + 1}-${Math.min(sorted.length, from + shown)}/${sorted.length}`;
  const head = truncateEnd(`  ${counts.join(', ')} · ${place} pgdn`, roomOf(ctx));
  const list = sorted.slice(from, from + shown).map((change) => rowOf(change, ctx));
  return rows === 1 ? [head] : [ctx.style.bold(head), ...list];
}

function rowOf(change: FileChange, ctx: LineContext): string {
  return row(verbOf(change), nameOf(change, ctx), diffStat(change.diff), ctx);
}

/** A name that is longer than a row goes on in the next. */
function wholeRows(change: FileChange, ctx: LineContext): string[] {
  const unbounded = { ...ctx, width: Number.POSITIVE_INFINITY };
  return breakRows(rowOf(change, unbounded), roomOf(ctx), '    ');
}

function nameOf({ path, movePath }: FileChange, ctx: LineContext): string {
  const name = (file: string): string => oneLine(showInvisible(shortPath(file, ctx)));
  return movePath === undefined ? name(path) : `${name(path)} → ${name(movePath)}`;
}

/** The verb and the numbers are whole, however long the name is. */
function row(verb: Verb, what: string, { added, removed }: DiffStat, ctx: LineContext): string {
  const { style } = ctx;
  const stat = `(${style.green(`+${added}`)} ${style.red(`-${removed}`)})`;
  const taken = cellWidth(`  ${verb}  (+${added} -${removed})`);
  const shown = truncateMiddle(what, Math.max(4, roomOf(ctx) - taken));
  return `  ${verb === 'Delete' ? style.red(verb) : verb} ${style.bold(shown)} ${stat}`;
}

function verbOf({ kind, movePath }: FileChange): Verb {
  if (kind === 'add') return 'Add';
  if (kind === 'delete') return 'Delete';
  return movePath === undefined ? 'Edit' : 'Move';
}

function sumOf(changes: readonly FileChange[]): DiffStat {
  const stats = changes.map(({ diff }) => diffStat(diff));
  return stats.reduce((a, b) => ({ added: a.added + b.added, removed: a.removed + b.removed }));
}
