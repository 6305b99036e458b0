/**
 * Search/replace blocks as a patch in Codex's format.
 *
 * A block is `<<<<<<< SEARCH`, old lines, `=======`, new lines, `>>>>>>> REPLACE`, with the path on the line before (or before the
 * code fence around it); a block without one belongs to the file before. A text with anything else in it, with an empty search
 * (which could mean a new file or an insertion) or without a path is returned untouched.
 */
import { diffArrays } from 'diff';
import { BEGIN_MARKER, END_MARKER, patchLines, UPDATE_MARKER } from './parse.ts';

/** With angle brackets, or with Cline's dashes and plus signs. */
const SEARCH_LINE = /^(?:<{5,9}|-{5,9}) ?(?:SEARCH|ORIGINAL)>?\s*$/;
const DIVIDER_LINE = /^={5,9}\s*$/;
const REPLACE_LINE = /^(?:>{5,9}|\+{5,9}) ?(?:REPLACE|UPDATED)>?\s*$/i;
const FENCE_LINE = /^(?:```|~~~)[\w-]*\s*$/;
/** ```` ```python src/a.py ````. */
const FENCE_OF_PATH = /^(?:```|~~~)[\w-]*[ :]([^\s`'"*<>|:]{0,200}[./][^\s`'"*<>|:]{0,200})$/;
const FRAME_LINE = /^[*]*\s*(?:begin|end) patch\s*[*]*$/i;
/** A path on its own line: perhaps in a heading, bold, quoted, with a label before it or a colon after it. */
const PATH_LINE =
  /^(?:#{1,6} |\*\*\* )?(?:\*\*)?(?:(?:Update )?File(?:name)?: ?)?(?:\*\*)?[`'"]?([^\s`'"*<>|:]+)[`'"]?:?(?:\*\*)?:?$/i;
const MAX_EDIT_LENGTH = 2000;

interface Block {
  readonly path: string;
  readonly old: readonly string[];
  readonly new: readonly string[];
}

/** The same change in Codex's format, or `text` itself if it has no blocks or is not certain. */
export function fromSearchReplace(text: string): string {
  const blocks = readBlocks(patchLines(text.trim()));
  if (blocks === undefined || blocks.length === 0) return text;
  const files = new Map<string, string[]>();
  for (const block of blocks) {
    const lines = files.get(block.path) ?? [UPDATE_MARKER + block.path];
    lines.push('@@', ...toHunk(block));
    files.set(block.path, lines);
  }
  return `${[BEGIN_MARKER, ...[...files.values()].flat(), END_MARKER].join('\n')}\n`;
}

function readBlocks(lines: readonly string[]): Block[] | undefined {
  const blocks: Block[] = [];
  let path: string | undefined;
  for (let at = 0; at < lines.length; at++) {
    const line = (lines[at] ?? '').trim();
    if (SEARCH_LINE.test(line)) {
      const divider = lines.findIndex((other, index) => index > at && DIVIDER_LINE.test(other));
      const end = lines.findIndex((other, index) => index > at && REPLACE_LINE.test(other));
      if (path === undefined || divider <= at + 1 || end < divider) return undefined;
      const old = withoutLineNumber(lines.slice(at + 1, divider));
      const replacement = lines.slice(divider + 1, end);
      const isNested = [...old, ...replacement].some(
        (other) => SEARCH_LINE.test(other) || DIVIDER_LINE.test(other),
      );
      if (isNested) return undefined;
      blocks.push({ path, old, new: replacement });
      at = end;
    } else if (line !== '' && !FENCE_LINE.test(line) && !FRAME_LINE.test(line)) {
      path = (FENCE_OF_PATH.exec(line) ?? PATH_LINE.exec(line))?.[1];
      if (path === undefined) return undefined;
    }
  }
  return blocks;
}

/** Roo's blocks begin with `:start_line:12` and a line of dashes. */
function withoutLineNumber(lines: string[]): string[] {
  const end = lines.findIndex((line) => !/^:(?:start|end)_line: ?\d+\s*$/.test(line));
  if (end < 1) return lines;
  return lines.slice(/^-{5,9}\s*$/.test(lines[end] ?? '') ? end + 1 : end);
}

function toHunk(block: Block): string[] {
  const changes = diffArrays([...block.old], [...block.new], { maxEditLength: MAX_EDIT_LENGTH });
  if (changes === undefined) {
    return [...block.old.map((line) => `-${line}`), ...block.new.map((line) => `+${line}`)];
  }
  return changes.flatMap((change) => {
    const sign = change.added ? '+' : change.removed ? '-' : ' ';
    return change.value.map((line) => sign + line);
  });
}
