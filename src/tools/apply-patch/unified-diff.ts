/**
 * A unified diff, plain or from git, as a patch in Codex's format.
 *
 * A text with a line that cannot be placed, or that asks for what a patch cannot say (a mode change, a copy, a rename without
 * changes, binary data), is returned untouched. Line numbers are passed on in the `@@` lines, where chunks.ts reads past them. The
 * diff's counts, which models get wrong, are not checked.
 */
import {
  ADD_MARKER,
  BEGIN_MARKER,
  DELETE_MARKER,
  END_MARKER,
  MOVE_MARKER,
  patchLines,
  UPDATE_MARKER,
} from './parse.ts';

const NULL_PATH = '/dev/null';
const IGNORED_HEADER = /^(?:index |similarity index |dissimilarity index |new file mode |deleted file mode )/;

interface Section {
  from?: string;
  to?: string;
  isNew: boolean;
  isDeleted: boolean;
  isRename: boolean;
  readonly body: string[];
}

/** The same change in Codex's format, or `text` itself if it is not a diff, or not certainly one. */
export function fromUnifiedDiff(text: string): string {
  const sections = readSections(withoutMarkers(patchLines(text.trim())));
  if (sections === undefined || sections.length === 0) return text;
  const ops: string[] = [];
  for (const section of sections) {
    const op = toOp(section);
    if (op === undefined) return text;
    ops.push(...op);
  }
  return `${[BEGIN_MARKER, ...ops, END_MARKER].join('\n')}\n`;
}

function withoutMarkers(lines: readonly string[]): readonly string[] {
  const start = /^[*\s]*begin patch[*\s]*$/i.test(lines[0] ?? '') ? 1 : 0;
  const end = /^[*\s]*end patch[*\s]*$/i.test(lines.at(-1) ?? '') ? -1 : lines.length;
  return lines.slice(start, end);
}

/** A pair of name lines; the hunk after it tells it from a removed `-- x` and an added `++ y`. */
function isNamePair(lines: readonly string[], at: number): boolean {
  const hasNames = /^--- \S/.test(lines[at] ?? '') && /^\+\+\+ \S/.test(lines[at + 1] ?? '');
  return hasNames && (lines[at + 2]?.startsWith('@@') ?? true);
}

function readSections(lines: readonly string[]): Section[] | undefined {
  const sections: Section[] = [];
  let isGit = false;
  let inBody = false;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    let section = sections.at(-1);
    if (line.startsWith('diff --git ')) {
      isGit = true;
      inBody = false;
      sections.push(gitSection(line));
    } else if (isNamePair(lines, at)) {
      if (section === undefined || inBody || !isGit) {
        section = { isNew: false, isDeleted: false, isRename: false, body: [] };
        sections.push(section);
      }
      [section.from, section.to] = plainNames(line.slice(4), (lines[at + 1] ?? '').slice(4));
      inBody = true;
      at++;
    } else if (inBody) {
      section?.body.push(line);
    } else if (!readGitHeader(line, section)) {
      return undefined;
    }
  }
  return sections;
}

function gitSection(line: string): Section {
  const names = /^diff --git a\/(.+) b\/(.+)$/.exec(line);
  const isPlain = names !== null && names[1] === names[2];
  const path = isPlain ? (names[1] ?? '') : undefined;
  return { from: path, to: path, isNew: false, isDeleted: false, isRename: false, body: [] };
}

/** Reads a line between `diff --git` and the names; false if it cannot be placed. */
function readGitHeader(line: string, section: Section | undefined): boolean {
  if (line.trim() === '') return true;
  if (section === undefined) return false;
  if (line.startsWith('rename from ') || line.startsWith('rename to ')) {
    section.isRename = true;
    return true;
  }
  if (line.startsWith('new file mode ')) section.isNew = true;
  if (line.startsWith('deleted file mode ')) section.isDeleted = true;
  return IGNORED_HEADER.test(line);
}

/** The paths of the two name lines, without time stamps, quotes and git's `a/` and `b/`. */
function plainNames(from: string, to: string): [string, string] {
  const [left, right] = [from, to].map((name) =>
    name
      .replace(/\t.*$/, '')
      .trim()
      .replace(/^"(.*)"$/, '$1'),
  ) as [string, string];
  const isPrefixed =
    (left.startsWith('a/') || left === NULL_PATH) && (right.startsWith('b/') || right === NULL_PATH);
  if (!isPrefixed) return [left, right];
  return [left === NULL_PATH ? left : left.slice(2), right === NULL_PATH ? right : right.slice(2)];
}

function toOp(section: Section): string[] | undefined {
  const { from, to } = section;
  if (from === undefined || to === undefined || /\\[0-7"\\]/.test(from + to)) return undefined;
  const body = cleanBody(section.body);
  if (body === undefined) return undefined;
  if (from === NULL_PATH || section.isNew) return to === NULL_PATH ? undefined : toAdd(to, body);
  if (to === NULL_PATH || section.isDeleted) return [DELETE_MARKER + from];
  if (body.length === 0) return undefined;
  if (from === to) return [UPDATE_MARKER + from, ...body];
  // Two names without git's word for it may be a backup and its original.
  return section.isRename ? [UPDATE_MARKER + from, MOVE_MARKER + to, ...body] : undefined;
}

/** The body without notes and trailing empty lines; undefined if it has a line that does not belong in a diff. */
function cleanBody(body: readonly string[]): string[] | undefined {
  const lines = body.filter((line) => !line.startsWith('\\ '));
  while (lines.at(-1) === '') lines.pop();
  if (lines.length > 0 && !lines[0]?.startsWith('@@')) return undefined;
  if (!lines.every((line) => line === '' || /^(?:[ +-]|@@(?: |$))/.test(line))) return undefined;
  return lines.map((line) => (/^@@(?: \.\.\.)?(?: @@)?\s*$/.test(line) ? '@@' : line));
}

function toAdd(path: string, body: readonly string[]): string[] | undefined {
  const lines = body.filter((line) => !line.startsWith('@@'));
  return lines.every((line) => line.startsWith('+')) ? [ADD_MARKER + path, ...lines] : undefined;
}
