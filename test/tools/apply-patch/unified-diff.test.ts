import { describe, expect, it } from 'vitest';
import { normalizePatch } from '../../../src/tools/apply-patch/normalize.ts';
import { fromUnifiedDiff } from '../../../src/tools/apply-patch/unified-diff.ts';
import { patchOf } from './support.ts';

const HUNK = ['@@ -1,3 +1,3 @@ def f', ' a', '-b', '+c', ' d'] as const;
const UPDATE = `${patchOf('*** Update File: src/x.py', ...HUNK)}\n`;

function text(...lines: readonly string[]): string {
  return lines.join('\n');
}

describe('fromUnifiedDiff', () => {
  it.each([
    ['a plain diff', text('--- src/x.py', '+++ src/x.py', ...HUNK), UPDATE],
    ['prefixes', text('--- a/src/x.py', '+++ b/src/x.py', ...HUNK, ''), UPDATE],
    [
      'time stamps',
      text('--- a/src/x.py\t2024-01-01 10:00', '+++ b/src/x.py\t2024-01-01 10:01', ...HUNK),
      UPDATE,
    ],
    [
      'git headers',
      text(
        'diff --git a/src/x.py b/src/x.py',
        'index 123..456 100644',
        '--- a/src/x.py',
        '+++ b/src/x.py',
        ...HUNK,
      ),
      UPDATE,
    ],
    ['patch markers around it', patchOf('--- a/src/x.py', '+++ b/src/x.py', ...HUNK), UPDATE],
    ['CRLF', text('--- a/src/x.py', '+++ b/src/x.py', ...HUNK).replaceAll('\n', '\r\n'), UPDATE],
    [
      'headers without numbers',
      text('--- x', '+++ x', '@@ ... @@', '-a', '+b', '@@', '-c', '\\ No newline at end of file', '+d'),
      `${patchOf('*** Update File: x', '@@', '-a', '+b', '@@', '-c', '+d')}\n`,
    ],
    [
      'a new and a removed file',
      text(
        '--- /dev/null',
        '+++ b/n',
        '@@ -0,0 +1,2 @@',
        '+a',
        '+',
        '--- a/o',
        '+++ /dev/null',
        '@@ -1 +0,0 @@',
        '-x',
      ),
      `${patchOf('*** Add File: n', '+a', '+', '*** Delete File: o')}\n`,
    ],
    [
      'a removed line that looks like a name',
      text('--- a/q.sql', '+++ b/q.sql', '@@ -1,2 +1,2 @@', '--- old note', '+++ new note', ' x'),
      `${patchOf('*** Update File: q.sql', '@@ -1,2 +1,2 @@', '--- old note', '+++ new note', ' x')}\n`,
    ],
    [
      'a rename with changes, an empty new file and an empty removed one',
      text(
        'diff --git a/o b/n',
        'similarity index 90%',
        'rename from o',
        'rename to n',
        '--- a/o',
        '+++ b/n',
        '@@ -1 +1 @@',
        '-x',
        '+y',
        'diff --git a/e b/e',
        'new file mode 100644',
        'index 0000000..e69de29',
        'diff --git a/r b/r',
        'deleted file mode 100644',
        'index e69de29..0000000',
      ),
      `${patchOf('*** Update File: o', '*** Move to: n', '@@ -1 +1 @@', '-x', '+y', '*** Add File: e', '*** Delete File: r')}\n`,
    ],
  ])('reads %s', (_name, diff, expected) => {
    expect(fromUnifiedDiff(diff)).toBe(expected);
    expect(normalizePatch(diff)).toBe(expected);
  });

  it.each([
    ['two names without a rename', text('--- a/x.orig', '+++ b/x', ...HUNK)],
    [
      'a rename without changes',
      text('diff --git a/o b/n', 'similarity index 100%', 'rename from o', 'rename to n'),
    ],
    ['a mode change', text('diff --git a/x b/x', 'old mode 100644', 'new mode 100755')],
    ['a copy', text('diff --git a/o b/n', 'copy from o', 'copy to n', '--- a/o', '+++ b/n', ...HUNK)],
    ['binary data', text('diff --git a/x b/x', 'Binary files a/x and b/x differ')],
    ['prose before it', text('Here:', '--- a/x', '+++ b/x', ...HUNK)],
    ['a line that is none of a diff', text('--- a/x', '+++ b/x', ...HUNK, 'oops')],
    ['a new file with context', text('--- /dev/null', '+++ b/x', '@@ -0,0 +1 @@', ' a')],
    ['no names', text(...HUNK)],
    ['no hunks', text('--- a/x', '+++ b/x')],
    ['escaped names', text('--- "a/\\303\\244"', '+++ "b/\\303\\244"', ...HUNK)],
    ['a patch in the other format', patchOf('*** Update File: x', '@@', '-a', '+b')],
  ])('leaves %s alone', (_name, diff) => {
    expect(fromUnifiedDiff(diff)).toBe(diff);
  });
});
