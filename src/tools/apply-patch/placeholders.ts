/**
 * Placeholders that would become lines of a file: those of the tool's description (prompts/tools/apply_patch.md) that a model has
 * copied instead of filling them in, and those that stand for lines of the file which it did not want to repeat.
 *
 * Refused as a whole path or a whole line, and not where the file has that line already.
 */
import { findHole } from '../../text/hole.ts';
import { PatchError } from './errors.ts';
import type { FileOp, Patch } from './parse.ts';

/** Small models also swap the kind of bracket. */
const PLACEHOLDER = /^[{<](?:(?:new )?path|(?:kept|removed|added) line)[}>]$/;

/**
 * Refuses a patch that would make files, or lines of files, of placeholders.
 * @throws PatchError
 */
export function rejectPlaceholders({ ops }: Patch): void {
  rejectCopied(ops.flatMap(textsOf));
}

/**
 * The same for the text of a file; `old` is what it replaces.
 * @throws PatchError
 */
export function rejectPlaceholderLines(text: string, old = ''): void {
  rejectCopied(text.split('\n'), old);
}

const IS_PROSE = /\.(?:md|rst|txt)$/i;
const DOTS_OR_HEADING = /^\s*(?:\.\.\.|…)\s*$|^#[^.…]*$/;
/** The body of a function, which is not at the beginning of a line. */
const IS_PYTHON = /\.pyi?$/i;
const ELLIPSIS = /^\s+\.\.\.\s*$/;

/**
 * Refuses a new text that says `existing code` where the file has it; `old` is the text that it replaces.
 * @throws PatchError
 */
export function rejectElisions(path: string, added: readonly string[], old: string, advice: string): void {
  const isText = (line: string): boolean =>
    (IS_PROSE.test(path) && DOTS_OR_HEADING.test(line)) || (IS_PYTHON.test(path) && ELLIPSIS.test(line));
  const hole = findHole(
    added.filter((line) => !isText(line)),
    old,
  );
  if (hole === undefined) return;
  const reason = `'${hole}' would take the place of lines of ${path}`;
  throw new PatchError({ kind: 'patch' }, reason, { hint: advice });
}

function rejectCopied(texts: readonly string[], old = ''): void {
  const copied = texts.find((text) => PLACEHOLDER.test(text.trim()) && !old.includes(text));
  if (copied === undefined) return;
  throw new PatchError({ kind: 'patch' }, `'${copied.trim()}' is a placeholder`, {
    hint: 'Put the real path or line in its place.',
  });
}

/** Paths, and the lines that an update adds. */
function textsOf(op: FileOp): string[] {
  switch (op.kind) {
    case 'add':
    case 'delete':
      return [op.path];
    case 'update': {
      const added = op.chunks.flatMap(({ lines }) => lines.filter(({ kind }) => kind === 'add'));
      return [op.path, op.movePath ?? '', ...added.map(({ text }) => text)];
    }
    default:
      return op satisfies never;
  }
}
