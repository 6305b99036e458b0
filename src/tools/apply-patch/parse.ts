/**
 * Codex's patch grammar: text in, operations out, with exactly the leniency that Codex has (padded markers, a bare heredoc frame, a
 * first hunk without `@@`, blank lines as empty context) and its error messages to the letter; unlike Codex's parser, though as its
 * prompt says, it takes several `@@` lines in a row. Throws nothing but `PatchError`; the
 * time is linear in the text.
 */
import { PatchError } from './errors.ts';

/** One line of an update hunk, without its marker and its line ending. */
export interface PatchLine {
  readonly kind: 'context' | 'add' | 'remove';
  readonly text: string;
}

/** One hunk of an update. */
export interface Chunk {
  /** The line after `@@ `, which is somewhere above the hunk. */
  readonly context?: string;
  /** Those of the `@@` lines before it, from the outside in: each is somewhere above the next. */
  readonly outer?: readonly string[] | undefined;
  readonly lines: readonly PatchLine[];
  /** The hunk's old lines are the last of the file. */
  readonly endOfFile: boolean;
}

/** The replacement of a text. Both with `\n` endings; `old` is not empty. */
export interface TextEdit {
  readonly old: string;
  readonly new: string;
}

/** One file operation. Paths are spelled as in the patch; `content` has `\n` endings. */
export type FileOp =
  | { readonly kind: 'add'; readonly path: string; readonly content: string }
  | { readonly kind: 'delete'; readonly path: string }
  | {
      readonly kind: 'update';
      readonly path: string;
      readonly movePath?: string;
      readonly chunks: readonly Chunk[];
      /** What the hunks say in whole lines, where it may be a part of one. */
      readonly edit?: TextEdit;
    };

export interface Patch {
  readonly ops: readonly FileOp[];
}

export const BEGIN_MARKER = '*** Begin Patch';
export const END_MARKER = '*** End Patch';
export const ADD_MARKER = '*** Add File: ';
export const DELETE_MARKER = '*** Delete File: ';
export const UPDATE_MARKER = '*** Update File: ';
export const MOVE_MARKER = '*** Move to: ';
const END_OF_FILE_MARKER = '*** End of File';
const ENVIRONMENT_MARKER = '*** Environment ID: ';
const HUNK_HEADER = /^@@(?:\s|$)/;
const HEREDOC_OPENERS: readonly string[] = ['<<EOF', "<<'EOF'", '<<"EOF"'];

const FRAME_HINT = [
  'The form of a patch:',
  BEGIN_MARKER,
  `${UPDATE_MARKER}{path}`,
  '@@',
  ' {kept line}',
  '-{removed line}',
  '+{added line}',
  END_MARKER,
].join('\n');

/** Splits as the patch format does: at `\n`, without a `\r` before it, and no empty line after the last `\n`. */
export function patchLines(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const lastIsOpen = !text.endsWith('\n');
  return lines.map((line, index) =>
    line.endsWith('\r') && !(lastIsOpen && index === lines.length - 1) ? line.slice(0, -1) : line,
  );
}

/**
 * Parses a patch.
 * @throws PatchError with the fault `patch` (its frame is wrong) or `hunk` (with the line).
 */
export function parsePatch(text: string): Patch {
  const lines = withoutFrame(patchLines(text.trim()));
  const ops: FileOp[] = [];
  // Line 1 is the begin marker.
  let at = lines[0]?.trim().startsWith(ENVIRONMENT_MARKER) ? 1 : 0;
  while (at < lines.length) {
    const parsed = parseOp(lines, at);
    ops.push(parsed.op);
    at = parsed.next;
  }
  return { ops };
}

function withoutFrame(lines: readonly string[]): readonly string[] {
  const fault = frameFault(lines);
  if (fault === undefined) return lines.slice(1, -1);
  const first = lines[0] ?? '';
  const isHeredoc = lines.length >= 4 && HEREDOC_OPENERS.includes(first) && lines.at(-1)?.endsWith('EOF');
  if (!isHeredoc) throw new PatchError({ kind: 'patch' }, fault, { hint: FRAME_HINT });
  const inner = lines.slice(1, -1);
  const innerFault = frameFault(inner);
  if (innerFault !== undefined) throw new PatchError({ kind: 'patch' }, innerFault, { hint: FRAME_HINT });
  return inner.slice(1, -1);
}

function frameFault(lines: readonly string[]): string | undefined {
  if (lines[0]?.trim() !== BEGIN_MARKER) return `The first line of the patch must be '${BEGIN_MARKER}'`;
  if (lines.length < 2 || lines.at(-1)?.trim() !== END_MARKER) {
    return `The last line of the patch must be '${END_MARKER}'`;
  }
  return undefined;
}

/** Lines of the patch are numbered from 1 and `lines[0]` is the second. */
function hunkError(index: number, reason: string, hint?: string): PatchError {
  return new PatchError({ kind: 'hunk', line: index + 2 }, reason, { hint });
}

function parseOp(lines: readonly string[], at: number): { op: FileOp; next: number } {
  const header = (lines[at] ?? '').trim();
  if (header.startsWith(ADD_MARKER)) return parseAdd(lines, at, header.slice(ADD_MARKER.length));
  if (header.startsWith(DELETE_MARKER)) {
    return { op: { kind: 'delete', path: header.slice(DELETE_MARKER.length) }, next: at + 1 };
  }
  if (header.startsWith(UPDATE_MARKER)) return parseUpdate(lines, at, header.slice(UPDATE_MARKER.length));
  throw hunkError(
    at,
    `'${header}' is not a valid hunk header. Valid hunk headers: '*** Add File: {path}', '*** Delete File: {path}', '*** Update File: {path}'`,
    "In an added file every line starts with '+', even an empty one.",
  );
}

function parseAdd(lines: readonly string[], at: number, path: string): { op: FileOp; next: number } {
  let next = at + 1;
  const content: string[] = [];
  for (; lines[next]?.startsWith('+'); next++) content.push(`${(lines[next] ?? '').slice(1)}\n`);
  return { op: { kind: 'add', path, content: content.join('') }, next };
}

function parseUpdate(lines: readonly string[], at: number, path: string): { op: FileOp; next: number } {
  let next = at + 1;
  let movePath: string | undefined;
  if (lines[next]?.startsWith(MOVE_MARKER)) {
    movePath = (lines[next] ?? '').slice(MOVE_MARKER.length);
    next++;
  }
  const chunks: Chunk[] = [];
  for (let line = lines[next]; line !== undefined && !line.startsWith('*'); line = lines[next]) {
    if (line.trim() === '') {
      next++;
      continue;
    }
    const parsed = parseChunk(lines, next, chunks.length === 0);
    chunks.push(parsed.chunk);
    next = parsed.next;
  }
  if (chunks.length === 0) {
    const hint =
      movePath === undefined
        ? "An update needs a hunk: '@@', then lines that start with ' ', '-' or '+'."
        : 'A move needs a hunk that changes something; to move a file unchanged, use `mv` in the shell.';
    throw hunkError(at, `Update file hunk for path '${path}' is empty`, hint);
  }
  return { op: { kind: 'update', path, movePath, chunks }, next };
}

function parseChunk(
  lines: readonly string[],
  at: number,
  mayOmitHeader: boolean,
): { chunk: Chunk; next: number } {
  const header = lines[at] ?? '';
  const contexts: string[] = [];
  let next = at;
  for (let line = header; HUNK_HEADER.test(line); line = lines[next] ?? '') {
    if (line.startsWith('@@ ') && line.trim() !== '@@') contexts.push(line.slice(3));
    next++;
  }
  if (next === at && !mayOmitHeader) {
    throw hunkError(
      at,
      `Expected update hunk to start with a @@ context marker, got: '${header}'`,
      'Unchanged lines of a hunk start with a space.',
    );
  }
  if (next >= lines.length) throw hunkError(at + 1, 'Update hunk does not contain any lines');
  const body: PatchLine[] = [];
  let endOfFile = false;
  for (; next < lines.length; next++) {
    const line = lines[next] ?? '';
    if (line === END_OF_FILE_MARKER) {
      if (body.length === 0) throw hunkError(at + 1, 'Update hunk does not contain any lines');
      endOfFile = true;
      next++;
      break;
    }
    const parsed = parseLine(line);
    if (parsed !== undefined) {
      body.push(parsed);
      continue;
    }
    if (body.length === 0) throw unexpectedLine(at, line);
    break;
  }
  const [context, ...outer] = contexts.reverse();
  const chunk: Chunk = { context, lines: body, endOfFile };
  return { chunk: outer.length === 0 ? chunk : { ...chunk, outer: outer.reverse() }, next };
}

function parseLine(line: string): PatchLine | undefined {
  switch (line[0]) {
    case undefined:
      return { kind: 'context', text: '' };
    case ' ':
      return { kind: 'context', text: line.slice(1) };
    case '+':
      return { kind: 'add', text: line.slice(1) };
    case '-':
      return { kind: 'remove', text: line.slice(1) };
    default:
      return undefined;
  }
}

function unexpectedLine(at: number, line: string): PatchError {
  const reason = `Unexpected line found in update hunk: '${line}'. Every line should start with ' ' (context line), '+' (added line), or '-' (removed line)`;
  return hunkError(at + 1, reason, 'Unchanged lines of a hunk start with a space.');
}
