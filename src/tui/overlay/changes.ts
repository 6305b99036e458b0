/**
 * The files of a patch with their numbered diffs, for the approval dialog and the transcript.
 *
 * Invariants: every changed line is there; rows for a dialog are never wider than the space given.
 */
import type { FileChange } from '../../protocol.ts';
import { oneLine } from '../lines/clean.ts';
import { diffLines, diffStat } from '../lines/diff.ts';
import { shortPath } from '../lines/short-path.ts';
import type { LineContext } from '../lines/style.ts';
import { truncateMiddle } from '../lines/width.ts';
import { breakRows } from '../lines/wrap.ts';

const INDENT = '    ';
/** Before the continuation of a line that is longer than a row: about below its text. */
const CONTINUED = `${INDENT}     `;

/** @param room cells of a row; undefined: lines are left whole. */
export function changesRows(
  changes: readonly FileChange[],
  ctx: LineContext,
  room: number | undefined,
): string[] {
  return changes.flatMap((change) => {
    const lines = [
      titleOf(change, ctx),
      ...diffLines(change.diff, ctx, { path: change.path }).map((line) => `${INDENT}${line}`),
    ];
    return room === undefined ? lines : lines.flatMap((line) => breakRows(line, room, CONTINUED));
  });
}

function titleOf({ path, movePath, kind, diff }: FileChange, ctx: LineContext): string {
  const { style } = ctx;
  const { added, removed } = diffStat(diff);
  const stat = `(${style.green(`+${added}`)} ${style.red(`-${removed}`)})`;
  const verb = { add: 'Add', delete: 'Delete', update: movePath === undefined ? 'Edit' : 'Move' }[kind];
  const name = (file: string): string =>
    style.bold(truncateMiddle(oneLine(shortPath(file, ctx)), ctx.width * 2));
  return `  ${verb} ${name(path)}${movePath === undefined ? '' : ` → ${name(movePath)}`} ${stat}`;
}
