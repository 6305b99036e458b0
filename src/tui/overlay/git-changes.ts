/**
 * What git says has changed, file by file.
 *
 * Invariants: every line of the diff that is not a header is there; a file without lines to show (binary, renamed,
 * changed mode) is named too.
 */
import type { FileChange } from '../../protocol.ts';
import { diffLines } from '../lines/diff.ts';
import type { LineContext } from '../lines/style.ts';
import { changesRows } from './changes.ts';

/** The output of `git diff` with the prefixes `a/` and `b/`; logical lines. */
export function gitChangesLines(diff: string, ctx: LineContext): string[] {
  const sections = diff.split(/^(?=diff --git )/m).filter((section) => section !== '');
  return sections.flatMap((section, index) => [
    ...(index > 0 ? [''] : []),
    ...(section.startsWith('diff --git ')
      ? changesRows([changeOf(section)], ctx, undefined)
      : diffLines(section, ctx)),
  ]);
}

function changeOf(section: string): FileChange {
  const start = section.search(/^@@ /m);
  const header = start < 0 ? section : section.slice(0, start);
  const value = (pattern: RegExp): string | undefined => pattern.exec(header)?.[1];
  const before = nameOf(value(/^--- (.*)$/m));
  const after = nameOf(value(/^\+\+\+ (.*)$/m));
  const movedFrom = value(/^rename from (.*)$/m);
  const movedTo = value(/^rename to (.*)$/m);
  // Without lines both names are the same, so half of the line is one.
  const both = value(/^diff --git (.*)$/m) ?? '';
  const path = movedFrom ?? after ?? before ?? nameOf(both.slice((both.length + 1) / 2)) ?? both;
  const kind = /^new file /m.test(header) ? 'add' : /^deleted file /m.test(header) ? 'delete' : 'update';
  return { path, kind, diff: section, movePath: movedTo };
}

/** The name after its prefix; none for `/dev/null`. Git puts a tab after names with spaces. */
function nameOf(text: string | undefined): string | undefined {
  if (text === undefined || text === '/dev/null') return undefined;
  return text.replace(/\t$/, '').replace(/^("?)[ab]\//, '$1');
}
