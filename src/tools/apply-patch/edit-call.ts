/** The patch that a call of edit_file or write_file means. Pure. */
import type { JsonObject } from '../../protocol.ts';
import { ADD_MARKER, BEGIN_MARKER, END_MARKER, type Patch, type PatchLine, UPDATE_MARKER } from './parse.ts';

/** @returns why there is none, for the model. */
export function editOf(name: string, { path, content, old_string, new_string }: JsonObject): Patch | string {
  if (typeof path !== 'string' || path.trim() === '' || /[\r\n]/.test(path)) return 'path must name a file';
  if (name === 'write_file') {
    if (typeof content !== 'string') return 'content must be the whole text of the file';
    return { ops: [{ kind: 'add', path, content: closed(plain(content)) }] };
  }
  if (typeof old_string !== 'string' || typeof new_string !== 'string')
    return 'old_string and new_string must be texts';
  const edit = { old: plain(old_string), new: plain(new_string) };
  if (edit.old === '')
    return 'old_string is empty: copy the text that is to be replaced. write_file writes a new file';
  if (edit.old === edit.new) return 'old_string and new_string are the same';
  const lines = [...linesAs('remove', edit.old), ...linesAs('add', edit.new)];
  return { ops: [{ kind: 'update', path, chunks: [{ lines, endOfFile: false }], edit }] };
}

/** The same as text, for hooks and for what has been shown; undefined: the call means none. */
export function patchTextOf(name: string, args: JsonObject): string | undefined {
  if (name !== 'write_file' && name !== 'edit_file') return undefined;
  const patch = editOf(name, args);
  const [op] = typeof patch === 'string' ? [] : patch.ops;
  if (op === undefined || op.kind === 'delete') return undefined;
  const lines =
    op.kind === 'add'
      ? [ADD_MARKER + op.path, ...linesAs('add', op.content).map(({ text }) => `+${text}`)]
      : [
          UPDATE_MARKER + op.path,
          '@@',
          ...op.chunks.flatMap((chunk) =>
            chunk.lines.map(({ kind, text }) => (kind === 'add' ? '+' : '-') + text),
          ),
        ];
  return [BEGIN_MARKER, ...lines, END_MARKER].join('\n');
}

/** A file keeps its own line endings. */
const plain = (text: string): string => text.replaceAll('\r\n', '\n');

const closed = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

/** The lines of a text. A line break at the end ends the last line; it does not begin another. */
export function linesAs(kind: PatchLine['kind'], text: string): PatchLine[] {
  if (text === '') return [];
  return closed(text)
    .slice(0, -1)
    .split('\n')
    .map((line) => ({ kind, text: line }));
}
