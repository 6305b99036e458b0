/**
 * The files of a patch with their numbered diffs, whole, for the approval dialog and the transcript.
 *
 * Invariants: rows for a dialog are never wider than the room; what the diff holds that is not part of a hunk is left out.
 * Does not: clip, or highlight code.
 */
import type { FileChange } from '../../protocol.ts';
import { oneLine } from '../lines/clean.ts';
import { shortPath } from '../lines/short-path.ts';
import type { LineContext } from '../lines/style.ts';
import { truncateEnd } from '../lines/width.ts';
import { codeLines, codeRows } from './code-rows.ts';

interface DiffLine {
  readonly kind: '+' | '-' | ' ' | '…';
  /** In the old file for what is removed, else in the new one. */
  readonly number: number;
  readonly text: string;
}

/** @param room cells of a row; undefined: lines are left whole. */
export function changesRows(
  changes: readonly FileChange[],
  ctx: LineContext,
  room: number | undefined,
): string[] {
  return changes.flatMap((change) => changeRows(change, ctx, room));
}

function changeRows(change: FileChange, ctx: LineContext, room: number | undefined): string[] {
  const { style } = ctx;
  const lines = parse(change.diff);
  const count = (kind: DiffLine['kind']): number => lines.filter((line) => line.kind === kind).length;
  const name = oneLine(shortPath(change.path, ctx));
  const target = change.movePath === undefined ? '' : ` → ${oneLine(shortPath(change.movePath, ctx))}`;
  const verb = { add: 'add ', delete: 'delete ', update: '' }[change.kind];
  const figures = `(${style.green(`+${count('+')}`)} ${style.red(`-${count('-')}`)})`;
  const title = `  ${verb}${style.bold(`${name}${target}`)} ${figures}`;
  const digits = String(lines.reduce((max, { number }) => Math.max(max, number), 0)).length;
  return [
    room === undefined ? title : truncateEnd(title, room),
    ...lines.flatMap((line) => diffRows(line, digits, ctx, room)),
  ];
}

function diffRows(
  line: DiffLine,
  digits: number,
  { style }: LineContext,
  room: number | undefined,
): string[] {
  const indent = '    ';
  if (line.kind === '…') return [`${indent}${style.dim(`${' '.repeat(digits - 1)}⋮`)}`];
  const paint = line.kind === '+' ? style.green : line.kind === '-' ? style.red : (text: string) => text;
  const text = codeLines(line.text).join(' ');
  const rows = room === undefined ? [text] : codeRows(text, Math.max(1, room - indent.length - digits - 2));
  return rows.map((row, index) => {
    const number = index === 0 ? String(line.number).padStart(digits) : ' '.repeat(digits);
    return `${indent}${style.dim(number)} ${paint(`${index === 0 ? line.kind : ' '}${row}`)}`;
  });
}

function parse(diff: string): DiffLine[] {
  const lines: DiffLine[] = [];
  let [old, current, isInHunk] = [0, 0, false];
  for (const raw of diff.split('\n')) {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(raw);
    const mark = raw[0];
    if (hunk !== null) {
      if (isInHunk) lines.push({ kind: '…', number: 0, text: '' });
      [old, current, isInHunk] = [Number(hunk[1]), Number(hunk[2]), true];
    } else if (isInHunk && mark === '-') {
      lines.push({ kind: '-', number: old, text: raw.slice(1) });
      old += 1;
    } else if (isInHunk && (mark === '+' || mark === ' ')) {
      lines.push({ kind: mark, number: current, text: raw.slice(1) });
      current += 1;
      if (mark === ' ') old += 1;
    }
  }
  return lines;
}
