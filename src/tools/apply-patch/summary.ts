/**
 * What is reported about an applied patch: Codex's summary for the model, unified diffs for the front ends. The diff of any file takes
 * bounded time and has bounded length; one that is cut says so in a last line that starts with a backslash, as diffs mark what is
 * not content.
 */
import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from 'diff';
import type { FileChange } from '../../protocol.ts';
import type { FileOp } from './parse.ts';
import type { Plan, PlannedFile } from './plan.ts';

const CONTEXT_LINES = 3;
const DIFF_TIMEOUT_MS = 300;
const MAX_EDIT_LENGTH = 2000;
const MAX_DIFF_LENGTH = 256 * 1024;

/** `Success. Updated the following files:` and a line a file: added, then modified, then deleted; ends with a newline. */
export function summarize(ops: readonly FileOp[]): string {
  const added = ops.flatMap((op) => (op.kind === 'add' ? [`A ${op.path}`] : []));
  const modified = ops.flatMap((op) => (op.kind === 'update' ? [`M ${op.movePath ?? op.path}`] : []));
  const deleted = ops.flatMap((op) => (op.kind === 'delete' ? [`D ${op.path}`] : []));
  return `${['Success. Updated the following files:', ...added, ...modified, ...deleted].join('\n')}\n`;
}

/** The changes of a plan, in the order of the patch. */
export function fileChanges(plan: Plan): FileChange[] {
  return plan.files.map((file) => ({
    path: file.path,
    // A file that was there before is not a new one, whatever the patch calls it.
    kind: file.op.kind === 'add' && file.oldText !== undefined ? 'update' : file.op.kind,
    movePath: file.movePath,
    diff: cut(fileDiff(file)),
  }));
}

function fileDiff({ op, oldText, newText }: PlannedFile): string {
  const oldName = op.kind === 'add' && oldText === undefined ? '/dev/null' : op.path;
  const newName = op.kind === 'delete' ? '/dev/null' : (op.kind === 'update' && op.movePath) || op.path;
  return unifiedDiff(oldName, newName, oldText ?? '', newText ?? '');
}

/** A unified diff with its two header lines; texts that differ too much become one hunk. */
export function unifiedDiff(oldName: string, newName: string, oldText: string, newText: string): string {
  const options = { context: CONTEXT_LINES, timeout: DIFF_TIMEOUT_MS, maxEditLength: MAX_EDIT_LENGTH };
  const isWhole = oldText === '' || newText === '';
  const found = isWhole ? undefined : structuredPatch(oldName, newName, oldText, newText, '', '', options);
  return formatPatch(found ?? singleHunk(oldName, newName, oldText, newText), FILE_HEADERS_ONLY);
}

function splitLines(text: string): { lines: string[]; isClosed: boolean } {
  const lines = text.split('\n');
  const isClosed = lines.at(-1) === '';
  if (isClosed) lines.pop();
  return { lines, isClosed };
}

/** Everything between the common start and the common end as one replaced block. Linear. */
function singleHunk(oldName: string, newName: string, oldText: string, newText: string) {
  const before = splitLines(oldText);
  const after = splitLines(newText);
  const shorter = Math.min(before.lines.length, after.lines.length);
  // A last line that only gains its newline is a changed line.
  const limit = before.isClosed === after.isClosed ? shorter : shorter - 1;
  let start = 0;
  while (start < limit && before.lines[start] === after.lines[start]) start++;
  let end = 0;
  if (before.isClosed && after.isClosed) {
    while (end < shorter - start && before.lines.at(-1 - end) === after.lines.at(-1 - end)) end++;
  }
  const from = Math.max(0, start - CONTEXT_LINES);
  const tail = Math.min(end, CONTEXT_LINES);
  const oldEnd = before.lines.length - end;
  const newEnd = after.lines.length - end;
  const noNewline = '\\ No newline at end of file';
  const lines = [
    ...before.lines.slice(from, start).map((line) => ` ${line}`),
    ...before.lines.slice(start, oldEnd).map((line) => `-${line}`),
    ...(oldText !== '' && !before.isClosed ? [noNewline] : []),
    ...after.lines.slice(start, newEnd).map((line) => `+${line}`),
    ...(newText !== '' && !after.isClosed ? [noNewline] : []),
    ...before.lines.slice(oldEnd, oldEnd + tail).map((line) => ` ${line}`),
  ];
  const oldLines = oldEnd + tail - from;
  const newLines = newEnd + tail - from;
  const hunk = { oldStart: from + 1, oldLines, newStart: from + 1, newLines, lines };
  const names = { oldFileName: oldName, newFileName: newName, oldHeader: '', newHeader: '' };
  return { ...names, hunks: oldText === newText ? [] : [hunk] };
}

function cut(diff: string): string {
  if (diff.length <= MAX_DIFF_LENGTH) return diff;
  const end = diff.lastIndexOf('\n', MAX_DIFF_LENGTH) + 1;
  const left = diff.slice(end).split('\n').length - 1;
  return `${diff.slice(0, end)}\\ The diff continues for ${left} more lines.\n`;
}
