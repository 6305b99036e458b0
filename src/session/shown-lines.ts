/**
 * Which lines of which files a conversation shows: the excerpts that were put into it, what was read, and what the model wrote itself.
 *
 * Owns: the reading of a history for that. Invariants: what is no line of a file is passed over; lines that follow each other in the
 * file are one run. Does not: keep anything, or resolve paths.
 */
import type { HistoryItem } from '../context/history.ts';
import type { ToolCall } from '../model/chat.ts';
import { readPatch } from '../tools/apply-patch/normalize.ts';
import type { FileOp } from '../tools/apply-patch/parse.ts';

export interface ShownRun {
  /** As it is spelled in the history: from the session's folder. */
  readonly path: string;
  /** What the index has found, or what the model has asked for by its path. */
  readonly by: 'index' | 'model';
  readonly lines: readonly string[];
}

/** The runs of lines in an item. @param callOf the call that an output belongs to. */
export function shownLines(
  item: HistoryItem,
  callOf: (id: string) => ToolCall | undefined,
): readonly ShownRun[] {
  switch (item.type) {
    case 'user':
      return item.kind === 'note' ? excerpts(item.content) : [];
    case 'assistant':
      return item.calls.flatMap(written);
    case 'tool': {
      if (item.name === 'search_code') return excerpts(item.content);
      if (item.name !== 'read_file') return [];
      const path = String(callOf(item.callId)?.arguments.path ?? '');
      return numberedLines(item.content).map((lines) => ({ path, by: 'model', lines }));
    }
    default:
      return item satisfies never;
  }
}

/** `path:start-end symbol`, and so many lines behind it. */
function excerpts(text: string): ShownRun[] {
  const all = text.split('\n');
  const runs: ShownRun[] = [];
  for (let at = 0; at < all.length; at += 1) {
    const [, path, first, last = first] = /^(.+?):(\d+)(?:-(\d+))?(?: .*)?$/s.exec(all[at] ?? '') ?? [];
    const count = Number(last) - Number(first) + 1;
    if (path === undefined || !(count >= 1) || at + count >= all.length) continue;
    runs.push({ path, by: 'index', lines: all.slice(at + 1, at + 1 + count) });
    at += count;
  }
  return runs;
}

/** As `read_file` gives them: number, tab, text. */
function numberedLines(output: string): string[][] {
  const runs: string[][] = [];
  let next = Number.NaN;
  for (const line of output.split('\n')) {
    const [, number, text] = /^ *(\d+)\t(.*)$/s.exec(line) ?? [];
    if (text === undefined) continue;
    if (Number(number) !== next) runs.push([]);
    runs.at(-1)?.push(text);
    next = Number(number) + 1;
  }
  return runs;
}

/** What a patch leaves in files. One that was refused has written nothing, but the model knows what it wrote. */
function written({ name, arguments: { input } }: ToolCall): ShownRun[] {
  if (name !== 'apply_patch' || typeof input !== 'string') return [];
  try {
    return readPatch(input).ops.flatMap(linesOf);
  } catch {
    return [];
  }
}

function linesOf(op: FileOp): ShownRun[] {
  switch (op.kind) {
    case 'add':
      return [{ path: op.path, by: 'model', lines: op.content.split('\n') }];
    case 'update':
      return op.chunks.map(({ lines }) => ({
        path: op.movePath ?? op.path,
        by: 'model',
        lines: lines.filter(({ kind }) => kind !== 'remove').map(({ text }) => text),
      }));
    case 'delete':
      return [];
    default:
      return op satisfies never;
  }
}
