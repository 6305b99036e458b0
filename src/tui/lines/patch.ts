/**
 * File changes: what was done to which file, with the changed lines.
 *
 * Invariants: the number of lines is bounded over all files; a patch that failed says why.
 */
import type { FileChange, Item } from '../../protocol.ts';
import { cellWidth } from '../../text/cell-width.ts';
import { plural } from '../../text/digits.ts';
import { cleanLines, oneLine } from './clean.ts';
import { type DiffStat, diffLines, diffStat, firstChangedLine } from './diff.ts';
import { linked } from './file-link.ts';
import { hang } from './markdown.ts';
import { foldAt, REST, wrappedBelow } from './output.ts';
import { shortPath } from './short-path.ts';
import type { LineContext } from './style.ts';
import { truncateEnd, truncateMiddle } from './width.ts';

type PatchItem = Extract<Item, { type: 'file_change' }>;

const DIFF_LINES = 60;
/** Of a file that is new, or gone: all of it is changed, and its start says what it is. */
const WHOLE_FILE_LINES = 10;
const MOST_FILES = 20;
const REASON_LINES = 6;
const ARROW = ' → ';
/** Cells of a path, however narrow the terminal is. */
const LEAST_NAME = 12;

/** A patch that was applied, failed, or was declined. */
export function patchLines(item: PatchItem, ctx: LineContext): string[] {
  const { green, red, dim, bold } = ctx.style;
  if (item.status === 'failed' || item.status === 'declined') {
    const verb = item.status === 'declined' ? 'Edit declined' : 'Edit failed';
    const names = item.changes.map((change) => name(change, ctx)).join(', ');
    const head = `${red('✗')} ${bold(verb)}${names === '' ? '' : ` ${truncateEnd(names, ctx.width * 2)}`}`;
    const reason = cleanLines(item.output).slice(0, REASON_LINES).join('\n');
    return [head, ...(reason === '' ? [] : wrappedBelow(reason, ctx).map(dim))];
  }
  const stats = item.changes.map(({ diff }) => diffStat(diff));
  const [first] = item.changes;
  if (first === undefined) return [`${dim('•')} ${bold('Edited')} nothing`];
  if (item.changes.length === 1) {
    return [title(first, stats[0], ctx, `${green('•')} `), ...changeLines(first, ctx, DIFF_LINES)];
  }
  const sum = stats.reduce((a, b) => ({ added: a.added + b.added, removed: a.removed + b.removed }));
  const shown = item.changes.slice(0, foldAt(item.changes.length, MOST_FILES));
  const more = item.changes.length - shown.length;
  const each = Math.max(4, Math.floor(DIFF_LINES / shown.length));
  return [
    `${green('•')} ${bold('Edited')} ${plural(item.changes.length, 'file')}${statText(sum, ctx)}`,
    ...shown.flatMap((change, index) => [
      title(change, stats[index], ctx, dim('  └ ')),
      ...changeLines(change, ctx, each),
    ]),
    ...(more > 0 ? [dim(`  └ … and ${plural(more, 'more file')}`)] : []),
  ];
}

/** A patch that is being written: one row. */
export function livePatchLines(item: PatchItem, ctx: LineContext, maxRows: number): string[] {
  const { cyan, bold } = ctx.style;
  const [first] = item.changes;
  const what =
    item.changes.length === 1 && first !== undefined ? name(first, ctx) : plural(item.changes.length, 'file');
  return [truncateEnd(`${cyan('•')} ${bold('Editing')} ${what}`, ctx.width - 1)].slice(
    0,
    Math.max(0, maxRows),
  );
}

/** `Edited a.ts (+3 -1)` */
function title(change: FileChange, stat: DiffStat | undefined, ctx: LineContext, lead: string): string {
  const verb = ctx.style.bold(verbOf(change));
  const counts = statText(stat ?? { added: 0, removed: 0 }, ctx);
  return `${lead}${verb} ${name(change, ctx, cellWidth(`${lead}${verb} ${counts}`))}${counts}`;
}

function verbOf({ kind, movePath }: FileChange): string {
  switch (kind) {
    case 'add':
      return 'Added';
    case 'delete':
      return 'Deleted';
    case 'update':
      return movePath === undefined ? 'Edited' : 'Moved';
    default:
      return kind satisfies never;
  }
}

/** @param others cells that the rest of the row takes. */
function name({ path, movePath, diff }: FileChange, ctx: LineContext, others = 4): string {
  const room = ctx.width - 1 - others;
  const each = movePath === undefined ? room : Math.floor((room - ARROW.length) / 2);
  const shown = (file: string): string =>
    truncateMiddle(oneLine(shortPath(file, ctx)), Math.max(LEAST_NAME, each));
  const line = firstChangedLine(diff);
  return movePath === undefined
    ? linked(shown(path), path, line, ctx)
    : `${shown(path)}${ARROW}${linked(shown(movePath), movePath, line, ctx)}`;
}

/** Empty for a file that was only moved. */
function statText({ added, removed }: DiffStat, { style }: LineContext): string {
  return added + removed === 0 ? '' : ` (${style.green(`+${added}`)} ${style.red(`-${removed}`)})`;
}

function changeLines({ kind, path, diff }: FileChange, ctx: LineContext, most: number): string[] {
  const room = kind === 'update' ? most : Math.min(most, WHOLE_FILE_LINES);
  return hang(diffLines(diff, ctx, { most: room, path }), REST, REST);
}
