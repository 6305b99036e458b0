/**
 * What small models get wrong around a patch, corrected before it is parsed. Other formats are in unified-diff.ts and
 * search-replace.ts.
 *
 * A text that parses is returned as it is. A rule changes only what can mean one thing and returns everything else untouched, for
 * the parser to refuse with an error that teaches.
 */
import { interceptApplyPatch } from './intercept.ts';
import {
  ADD_MARKER,
  BEGIN_MARKER,
  DELETE_MARKER,
  END_MARKER,
  type FileOp,
  type Patch,
  parsePatch,
  patchLines,
  UPDATE_MARKER,
} from './parse.ts';
import { fromSearchReplace } from './search-replace.ts';
import { fromUnifiedDiff } from './unified-diff.ts';

type Rule = (text: string) => string;

const MAX_WRAPPERS = 4;
const UNWRAP_RULES: readonly Rule[] = [unwrapJson, unescapeSingleLine, unwrapHeredoc, unwrapFence];
const FORMAT_RULES: readonly Rule[] = [
  // Before the marker rules, which must not see the unmarked content of other formats.
  fromUnifiedDiff,
  fromSearchReplace,
  straightenMarkers,
  dropProse,
  addMissingMarkers,
  joinPatches,
  straightenHunkHeaders,
  dropNoNewlineNotes,
  repairAddBodies,
];

/**
 * Parses a patch in Codex's format or in one that means the same without doubt.
 * @throws PatchError of the normalised text.
 */
export function readPatch(text: string): Patch {
  return { ops: parsePatch(normalizePatch(text)).ops.map(withoutDiffNames) };
}

/** The patch in Codex's format if that is certain; else as far as it could be brought. */
export function normalizePatch(given: string): string {
  const text = dedent(given);
  if (parses(text)) return text;
  let current = text;
  for (let round = 0; round < MAX_WRAPPERS; round++) {
    const before = current;
    for (const rule of UNWRAP_RULES) {
      current = rule(current);
      if (parses(current)) return current;
    }
    if (current === before) break;
  }
  for (const rule of FORMAT_RULES) {
    current = rule(current);
    if (parses(current)) return current;
  }
  return current;
}

function parses(text: string): boolean {
  try {
    parsePatch(text);
    return true;
  } catch {
    return false;
  }
}

const OP_MARKERS: readonly string[] = [ADD_MARKER, DELETE_MARKER, UPDATE_MARKER];

function isOpHeader(line: string): boolean {
  return OP_MARKERS.some((marker) => line.trim().startsWith(marker));
}

/** A patch that is indented as a whole: its headers, and then every line, begin with the same blanks. */
function dedent(text: string): string {
  const lines = patchLines(text.trimEnd());
  const indent = /^([ \t]+)\*\*\* (?:Add|Update|Delete) File: /m.exec(text)?.[1];
  const begin = lines.findIndex((line) => line.trim() === BEGIN_MARKER) + 1;
  if (indent === undefined) return text;
  const body = lines.slice(begin).map((line) => ({ line, isBare: ['', END_MARKER].includes(line.trim()) }));
  if (!body.every(({ line, isBare }) => isBare || line.startsWith(indent))) return text;
  const plain = body.map(({ line, isBare }) => (isBare ? line.trim() : line.slice(indent.length)));
  return toText([...lines.slice(0, begin).map((line) => line.trim()), ...plain]);
}

/** `--- a/x` and `+++ b/x` below the header of `x`, which would be a hunk of their own. */
function withoutDiffNames(op: FileOp): FileOp {
  if (op.kind !== 'update' || op.chunks.length < 2) return op;
  const [removed, added, ...others] = op.chunks[0]?.lines ?? [];
  const isNames =
    removed?.kind === 'remove' &&
    added?.kind === 'add' &&
    others.length === 0 &&
    op.chunks[0]?.context === undefined &&
    isNameLine(removed.text, '-- ', op.path) &&
    isNameLine(added.text, '++ ', op.movePath ?? op.path);
  return isNames ? { ...op, chunks: op.chunks.slice(1) } : op;
}

function isNameLine(text: string, sign: string, path: string): boolean {
  const name = text.slice(sign.length).replace(/\t.*$/, '').trim();
  return text.startsWith(sign) && [path, `a/${path}`, `b/${path}`].includes(name);
}

function toText(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

/** `{"input": "…"}`, `{"patch": "…"}` or a JSON string: the text in it. */
export function unwrapJson(text: string): string {
  const trimmed = text.trim();
  if (!/^[{"]/.test(trimmed)) return text;
  let value: unknown;
  try {
    value = JSON.parse(trimmed);
  } catch {
    return text;
  }
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return text;
  const [entry, ...others] = Object.entries(value);
  if (entry === undefined || others.length > 0) return text;
  const [key, inner] = entry;
  return (key === 'input' || key === 'patch') && typeof inner === 'string' ? inner : text;
}

/** A whole patch in one line with `\n` written out: escaped once too often. */
export function unescapeSingleLine(text: string): string {
  const trimmed = text.trim();
  if (trimmed.includes('\n') || !trimmed.startsWith(`${BEGIN_MARKER}\\n`)) return text;
  try {
    const value: unknown = JSON.parse(`"${trimmed}"`);
    return typeof value === 'string' ? value : text;
  } catch {
    return text;
  }
}

/** `apply_patch <<'EOF' … EOF`, or only the heredoc; a command that does more (another folder, other commands) is left alone. */
export function unwrapHeredoc(text: string): string {
  const command = interceptApplyPatch(text);
  if (command !== undefined) {
    return command.workdir === undefined && command.rest === undefined ? command.patch : text;
  }
  const match = /^<<\s*(['"]?)(\w+)\1[ \t]*\r?\n([\s\S]*)\n\2$/.exec(text.trim());
  return match?.[3] ?? text;
}

/** One code fence around everything. */
export function unwrapFence(text: string): string {
  const match = /^(```+|~~~+)[\w-]*[ \t]*\r?\n([\s\S]*)\n\1$/.exec(text.trim());
  return match?.[2] ?? text;
}

const FRAME_LINE = /^[*#_=`\s-]*\b(begin|end)[ _]+patch\b[*#_=`:\s-]*$/i;
const HEADER_LINE = /^(\*{1,6}|#{1,6})\s*(add|delete|update)\s+file\s*:(.*)$/i;
const MOVE_LINE = /^\*{1,6}\s*move\s+to\s*:(.*)$/i;
const END_OF_FILE_LINE = /^\*{1,6}\s*end\s+of\s+file\b[\s*]*$/i;

/** `*** Begin Patch ***`, `**Begin Patch**`, `### Update File: x`, ``*** add file: `x` ***``: the plain markers. */
export function straightenMarkers(text: string): string {
  const lines = patchLines(text.trim());
  const last = lines.length - 1;
  // With real headers in the patch, a line with `#` is a heading in the text of a file.
  const mayBeHash = !lines.some(isOpHeader);
  const straight = lines.map((line, index) =>
    straightenMarker(line, index === 0 || index === last, mayBeHash),
  );
  return straight.every((line, index) => line === lines[index]) ? text : toText(straight);
}

function straightenMarker(line: string, isEdge: boolean, mayBeHash: boolean): string {
  const frame = FRAME_LINE.exec(line);
  // Inside, a line that starts with anything but a star may be content.
  if (frame !== null && (isEdge ? !/^-\s*\w/.test(line) : line.startsWith('*'))) {
    return frame[1]?.toLowerCase() === 'begin' ? BEGIN_MARKER : END_MARKER;
  }
  if (END_OF_FILE_LINE.test(line)) return '*** End of File';
  const move = MOVE_LINE.exec(line);
  if (move !== null) return `*** Move to: ${plainPath(move[1] ?? '')}`;
  const header = HEADER_LINE.exec(line);
  if (header === null || (line.startsWith('#') && !mayBeHash)) return line;
  const verb = (header[2] ?? '').toLowerCase();
  return `*** ${verb.slice(0, 1).toUpperCase()}${verb.slice(1)} File: ${plainPath(header[3] ?? '')}`;
}

/** A path without bold stars around it and then without quotes. */
function plainPath(decorated: string): string {
  let path = decorated.trim();
  while (path.startsWith('*')) path = path.slice(1);
  while (path.endsWith('*')) path = path.slice(0, -1);
  path = path.trim();
  return /^(?:`[^`]+`|"[^"]+"|'[^']+')$/.test(path) ? path.slice(1, -1) : path;
}

/** Text before the only begin marker and after the only end marker: an introduction, fences, a shell command. */
export function dropProse(text: string): string {
  const lines = patchLines(text.trim());
  const begin = lines.indexOf(BEGIN_MARKER);
  const end = lines.indexOf(END_MARKER);
  if (begin === -1 || end < begin) return text;
  if (lines.includes(BEGIN_MARKER, begin + 1) || lines.includes(END_MARKER, end + 1)) return text;
  const outside = [...lines.slice(0, begin), ...lines.slice(end + 1)];
  // A change of folder or a piece of a patch is not prose.
  if (outside.some((line) => /\b(?:cd|pushd)\s|^(?:\*\*\*|@@|[+-])/.test(line))) return text;
  return toText(lines.slice(begin, end + 1));
}

/** A begin or end marker that is not there, in a text that otherwise begins with one or with an operation. */
export function addMissingMarkers(text: string): string {
  const lines = patchLines(text.trim());
  const first = lines[0] ?? '';
  const hasBegin = first.trim() === BEGIN_MARKER;
  const hasEnd = lines.at(-1)?.trim() === END_MARKER;
  if (!hasBegin && !isOpHeader(first)) return text;
  if (hasBegin && lines.length === 1) return text;
  return toText([...(hasBegin ? [] : [BEGIN_MARKER]), ...lines, ...(hasEnd ? [] : [END_MARKER])]);
}

/** Several patches in a row: one patch. */
export function joinPatches(text: string): string {
  return text.replace(/^\*\*\* End Patch[ \t\r]*\n(?:[ \t\r]*\n)*\*\*\* Begin Patch[ \t\r]*\n/gm, '');
}

/** `@@-1,3 +1,3@@`. */
function straightenHunkHeaders(text: string): string {
  return text.replace(/^@@ *(-\d+(?:,\d+)? \+\d+(?:,\d+)?) *@@/gm, '@@ $1 @@');
}

/** `\ No newline at end of file`, a note of unified diffs. */
export function dropNoNewlineNotes(text: string): string {
  return text.replace(/^\\ No newline at end of file\r?\n/gm, '');
}

/**
 * Bodies of added files: a leading `@@` line, empty lines without their `+`, a body in which no line has one.
 * A body that mixes lines with and without `+` is left alone. Blank lines after other operations go, too.
 */
export function repairAddBodies(text: string): string {
  const lines = patchLines(text.trim());
  const result: string[] = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? '';
    result.push(line);
    at++;
    if (line.trim().startsWith(UPDATE_MARKER)) continue;
    if (!line.trim().startsWith(ADD_MARKER)) {
      const isFrame = isOpHeader(line) || line.trim() === BEGIN_MARKER;
      while (isFrame && lines[at]?.trim() === '') at++;
      continue;
    }
    const start = at;
    while (at < lines.length && !isOpHeader(lines[at] ?? '') && lines[at]?.trim() !== END_MARKER) at++;
    result.push(...repairAddBody(lines.slice(start, at)));
  }
  return toText(result);
}

function repairAddBody(body: readonly string[]): readonly string[] {
  const end = body.findLastIndex((line) => line.trim() !== '') + 1;
  const start = /^@@(?: -0,0 \+.*)?$/.test(body[0] ?? '') ? 1 : 0;
  const kept = body.slice(start, end);
  if (kept.every((line) => line.startsWith('+') || line.trim() === '')) {
    return kept.map((line) => (line.startsWith('+') ? line : '+'));
  }
  // A first line with a sign or a marker is a body that was meant as something else.
  if (kept.some((line) => /^(?:[+-]|@@|\*\*\*)/.test(line))) return body;
  return kept.map((line) => `+${line}`);
}
