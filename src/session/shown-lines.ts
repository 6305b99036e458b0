/** Which lines of which files a history item shows: excerpts of the index, files that were read, what the model wrote. */
import type { HistoryItem } from '../context/history.ts';
import type { ToolCall } from '../model/chat.ts';
import type { FileOp } from '../tools/apply-patch/parse.ts';
import { PATCHING } from '../tools/apply-patch/patching.ts';

/** Consecutive lines of a file. */
export interface ShownRun {
  /** As the history spells it, relative to the session's folder. */
  readonly path: string;
  /** Found by the index, or named by the model. */
  readonly by: 'index' | 'model';
  readonly lines: readonly string[];
}

/** The runs of lines in an item. @param callOf the call that an output belongs to. */
export async function shownLines(
  item: HistoryItem,
  callOf: (id: string) => ToolCall | undefined,
): Promise<readonly ShownRun[]> {
  switch (item.type) {
    case 'user':
      return item.kind === 'note' ? excerpts(item.content) : [];
    case 'assistant':
      return (await Promise.all(item.calls.map(written))).flat();
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

/** `path:start-end symbol`, followed by that many lines. */
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

/** The format of `read_file`: number, tab, text. */
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

/** The lines that a patch adds or keeps. One that was refused changed nothing, but the model knows what is in it. */
async function written({ name, arguments: args }: ToolCall): Promise<ShownRun[]> {
  if (!PATCHING.has(name)) return [];
  // A new session has none: it begins without all that reads patches.
  const { readPatch } = await import('../tools/apply-patch/normalize.ts');
  const { patchTextOf } = await import('../tools/apply-patch/edit-call.ts');
  const input = name === 'apply_patch' ? args.input : patchTextOf(name, args);
  if (typeof input !== 'string') return [];
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
