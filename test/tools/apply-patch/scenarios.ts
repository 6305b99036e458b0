/** The behaviours of the patch format as folders: before, patch, after; run through the command and the tool. */
import { patchOf, type Tree } from './support.ts';

export interface Scenario {
  readonly name: string;
  readonly input: Tree;
  readonly patch: string;
  readonly expected: Tree;
  /** Where the tool, which verifies everything first, leaves another tree than the command. */
  readonly expectedOfTool?: Tree;
  readonly exitCode: 0 | 1;
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: '001 adds a file',
    input: {},
    patch: patchOf('*** Add File: bar.md', '+This is a new file'),
    expected: { 'bar.md': 'This is a new file\n' },
    exitCode: 0,
  },
  {
    name: '002 adds, deletes and updates, with a nested folder',
    input: { 'modify.txt': 'line1\nline2\n', 'delete.txt': 'obsolete\n' },
    patch: patchOf(
      '*** Add File: nested/new.txt',
      '+created',
      '*** Delete File: delete.txt',
      '*** Update File: modify.txt',
      '@@',
      '-line2',
      '+changed',
    ),
    expected: { 'modify.txt': 'line1\nchanged\n', 'nested/new.txt': 'created\n' },
    exitCode: 0,
  },
  {
    name: '003 applies two chunks to one file',
    input: { 'multi.txt': 'line1\nline2\nline3\nline4\n' },
    patch: patchOf('*** Update File: multi.txt', '@@', '-line2', '+changed2', '@@', '-line4', '+changed4'),
    expected: { 'multi.txt': 'line1\nchanged2\nline3\nchanged4\n' },
    exitCode: 0,
  },
  {
    name: '004 moves to a new folder',
    input: { 'old/name.txt': 'old content\n', 'old/other.txt': 'unrelated\n' },
    patch: patchOf(
      '*** Update File: old/name.txt',
      '*** Move to: renamed/dir/name.txt',
      '@@',
      '-old content',
      '+new content',
    ),
    expected: { 'old/other.txt': 'unrelated\n', 'renamed/dir/name.txt': 'new content\n' },
    exitCode: 0,
  },
  {
    name: '005 rejects an empty patch',
    input: { 'foo.txt': 'stable\n' },
    patch: patchOf(),
    expected: { 'foo.txt': 'stable\n' },
    exitCode: 1,
  },
  {
    name: '006 rejects missing context',
    input: { 'modify.txt': 'line1\nline2\n' },
    patch: patchOf('*** Update File: modify.txt', '@@', '-missing', '+changed'),
    expected: { 'modify.txt': 'line1\nline2\n' },
    exitCode: 1,
  },
  {
    name: '007 rejects deleting a missing file',
    input: { 'foo.txt': 'stable\n' },
    patch: patchOf('*** Delete File: missing.txt'),
    expected: { 'foo.txt': 'stable\n' },
    exitCode: 1,
  },
  {
    name: '008 rejects an empty update',
    input: { 'foo.txt': 'stable\n' },
    patch: patchOf('*** Update File: foo.txt'),
    expected: { 'foo.txt': 'stable\n' },
    exitCode: 1,
  },
  {
    name: '009 rejects updating a missing file',
    input: { 'foo.txt': 'stable\n' },
    patch: patchOf('*** Update File: missing.txt', '@@', '-old', '+new'),
    expected: { 'foo.txt': 'stable\n' },
    exitCode: 1,
  },
  {
    name: '010 a move overwrites its destination',
    input: { 'old/name.txt': 'from\n', 'old/other.txt': 'unrelated\n', 'renamed/dir/name.txt': 'existing\n' },
    patch: patchOf(
      '*** Update File: old/name.txt',
      '*** Move to: renamed/dir/name.txt',
      '@@',
      '-from',
      '+new',
    ),
    expected: { 'old/other.txt': 'unrelated\n', 'renamed/dir/name.txt': 'new\n' },
    exitCode: 0,
  },
  {
    name: '011 an added file overwrites an existing one',
    input: { 'duplicate.txt': 'old content\n' },
    patch: patchOf('*** Add File: duplicate.txt', '+new content'),
    expected: { 'duplicate.txt': 'new content\n' },
    exitCode: 0,
  },
  {
    name: '012 does not delete a folder',
    input: { 'dir/foo.txt': 'stable\n' },
    patch: patchOf('*** Delete File: dir'),
    expected: { 'dir/foo.txt': 'stable\n' },
    exitCode: 1,
  },
  {
    name: '013 rejects an invalid header',
    input: { 'foo.txt': 'stable\n' },
    patch: patchOf('*** Frobnicate File: foo.txt'),
    expected: { 'foo.txt': 'stable\n' },
    exitCode: 1,
  },
  {
    name: '014 gives a last line without newline one',
    input: { 'no_newline.txt': 'no newline at end' },
    patch: patchOf(
      '*** Update File: no_newline.txt',
      '@@',
      '-no newline at end',
      '+first line',
      '+second line',
    ),
    expected: { 'no_newline.txt': 'first line\nsecond line\n' },
    exitCode: 0,
  },
  {
    name: '015 keeps what came before a failure',
    input: {},
    patch: patchOf(
      '*** Add File: created.txt',
      '+hello',
      '*** Update File: missing.txt',
      '@@',
      '-old',
      '+new',
    ),
    expected: { 'created.txt': 'hello\n' },
    expectedOfTool: {},
    exitCode: 1,
  },
  {
    name: '016 appends a chunk that only adds',
    input: { 'input.txt': 'line1\nline2\n' },
    patch: patchOf('*** Update File: input.txt', '@@', '+added line 1', '+added line 2'),
    expected: { 'input.txt': 'line1\nline2\nadded line 1\nadded line 2\n' },
    exitCode: 0,
  },
  {
    name: '017 accepts an indented header',
    input: { 'foo.txt': 'old\n' },
    patch: patchOf('  *** Update File: foo.txt', '@@', '-old', '+new'),
    expected: { 'foo.txt': 'new\n' },
    exitCode: 0,
  },
  {
    name: '018 accepts padded markers around the patch',
    input: { 'file.txt': 'one\n' },
    patch: ' *** Begin Patch\n*** Update File: file.txt\n@@\n-one\n+two\n*** End Patch ',
    expected: { 'file.txt': 'two\n' },
    exitCode: 0,
  },
  {
    name: '019 keeps unicode',
    input: { 'foo.txt': 'line1\nnaïve café\nline3\n' },
    patch: patchOf('*** Update File: foo.txt', '@@', ' line1', '-naïve café', '+naïve café ✅', ' line3'),
    expected: { 'foo.txt': 'line1\nnaïve café ✅\nline3\n' },
    exitCode: 0,
  },
  {
    name: '020 deletes a file',
    input: { 'keep.txt': 'keep\n', 'obsolete.txt': 'obsolete\n' },
    patch: patchOf('*** Delete File: obsolete.txt'),
    expected: { 'keep.txt': 'keep\n' },
    exitCode: 0,
  },
  {
    name: '020b accepts padded marker lines',
    input: { 'file.txt': 'one\n' },
    patch: '*** Begin Patch  \n  *** Update File: file.txt  \n@@\n-one\n+two\n  *** End Patch\n',
    expected: { 'file.txt': 'two\n' },
    exitCode: 0,
  },
  {
    name: '021 applies a chunk that only deletes',
    input: { 'lines.txt': 'line1\nline2\nline3\n' },
    patch: patchOf('*** Update File: lines.txt', '@@', ' line1', '-line2', ' line3'),
    expected: { 'lines.txt': 'line1\nline3\n' },
    exitCode: 0,
  },
  {
    name: '022 finds the end of the file',
    input: { 'tail.txt': 'second\nfirst\nsecond\n' },
    patch: patchOf('*** Update File: tail.txt', '@@', '-second', '+second updated', '*** End of File'),
    expected: { 'tail.txt': 'second\nfirst\nsecond updated\n' },
    exitCode: 0,
  },
  {
    name: 'a CRLF file keeps its endings on untouched lines, and added lines take the first line’s',
    input: { 'dos.txt': 'a\r\nb\nc\r\n' },
    patch: patchOf('*** Update File: dos.txt', '@@', ' a', '+new', ' b', '-c', '+d'),
    expected: { 'dos.txt': 'a\r\nnew\r\nb\nd\r\n' },
    exitCode: 0,
  },
  {
    name: 'two operations on one path are refused before anything is written',
    input: { 'a.txt': 'a\n' },
    patch: patchOf('*** Update File: a.txt', '@@', '-a', '+b', '*** Update File: ./a.txt', '@@', '-b', '+c'),
    expected: { 'a.txt': 'a\n' },
    exitCode: 1,
  },
];
