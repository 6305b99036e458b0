import { createTwoFilesPatch } from 'diff';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ChangedFile, changedFiles, type DiffLine } from '../../src/review/changed-files.ts';
import { halves, type Piece, piecesOf, pieceText, rangeOf } from '../../src/review/pieces.ts';

/** Lines that look like parts of a diff, too. */
const line = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '-',
    '+x',
    '--- a/x',
    '+++ b/y',
    '@@ -1 +1 @@',
    'diff --git a/x b/x',
    '\\ No newline at end of file',
    '}',
  ),
  fc.string({ unit: 'binary', maxLength: 30 }).map((text) => text.replaceAll('\n', '')),
  fc.string({ minLength: 900, maxLength: 2_500 }).map((text) => text.replaceAll('\n', '')),
);
/** What git found as the function around a hunk: a line of the file, without what is white at its end. */
const section = fc.oneof(
  fc.constantFrom('', 'function f() {', 'a\rb', 'a\u2028b', '@@ -1 +1 @@'),
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replaceAll('\n', '').trim()),
);
const lines = fc.array(line, { maxLength: 60 });

/** Two versions of a file that have much in common. */
const versions = fc.tuple(lines, lines, lines, lines, section).map(([first, old, fresh, last, around]) => ({
  before: [...first, ...old, ...last],
  after: [...first, ...fresh, ...last],
  around,
}));

function gitDiff(
  files: readonly {
    readonly before: readonly string[];
    readonly after: readonly string[];
    readonly around: string;
  }[],
): string {
  return files
    .map(({ before, after, around }, at) => {
      const text = (of: readonly string[]): string => of.map((one) => `${one}\n`).join('');
      const name = `dir/f ${at}.ts`;
      const patch = createTwoFilesPatch(
        `a/${name}`,
        `b/${name}`,
        text(before),
        text(after),
        undefined,
        undefined,
        { context: 3 },
      );
      const [, ...rest] = patch.split('\n');
      const headed = rest.map((one) => (one.startsWith('@@ ') ? `${one} ${around}` : one));
      return `diff --git a/${name} b/${name}\nindex 1..2 100644\n${headed.join('\n')}`;
    })
    .join('');
}

const all = (of: Pick<ChangedFile, 'hunks'>): DiffLine[] => of.hunks.flatMap((hunk) => hunk.lines);
const places = (pieces: readonly Piece[]) =>
  pieces.flatMap((piece) => all(piece).map((one) => ({ path: piece.path, ...one })));

test('every line of a diff is read with its number, whatever it looks like', () => {
  fc.assert(
    fc.property(fc.array(versions, { minLength: 1, maxLength: 4 }), (files) => {
      const changed = files.filter(({ before, after }) => before.join('\n') !== after.join('\n'));
      const read = changedFiles(gitDiff(changed));
      expect(read.map(({ path }) => path)).toEqual(changed.map((_, at) => `dir/f ${at}.ts`));
      for (const [at, file] of read.entries()) {
        const { before = [], after = [] } = changed[at] ?? {};
        const isThere = all(file).filter(({ kind }) => kind !== '-');
        expect(isThere.map((one) => after[one.line - 1])).toEqual(isThere.map(({ text }) => text));
        const count = (kind: string): number => all(file).filter((one) => one.kind === kind).length;
        expect(count('+') - count('-')).toBe(after.length - before.length);
      }
    }),
    { numRuns: 100 },
  );
});

test('hunks are in one piece as long as they fit together', () => {
  const hunk = (at: number) => ({
    section: '',
    lines: [{ kind: '+', line: at, text: 'x'.repeat(200) }] as const,
  });
  const file: ChangedFile = {
    ...{ path: 'a.ts', change: 'update', isBinary: false, isSubmodule: false },
    hunks: [hunk(1), hunk(50), hunk(90)],
  };
  const sizes = [400, 600, 1_000].map((mostBytes) =>
    piecesOf(file, mostBytes).map((piece) => rangeOf(piece)),
  );
  expect(sizes).toEqual([
    [
      { start: 1, end: 1 },
      { start: 50, end: 50 },
      { start: 90, end: 90 },
    ],
    [
      { start: 1, end: 50 },
      { start: 90, end: 90 },
    ],
    [{ start: 1, end: 90 }],
  ]);
});

test('the pieces of a diff together are the diff, and none is too large', () => {
  fc.assert(
    fc.property(
      fc.array(versions, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 150, max: 6_000 }),
      (files, mostBytes) => {
        const changed = changedFiles(gitDiff(files));
        const pieces = changed.flatMap((file) => piecesOf(file, mostBytes));
        expect(places(pieces)).toEqual(changed.flatMap((file) => places([{ ...file }])));
        for (const piece of pieces) {
          const isOneLine = all(piece).length === 1;
          expect(isOneLine || Buffer.byteLength(JSON.stringify(pieceText(piece))) <= mostBytes + 40).toBe(
            true,
          );
          const both = halves(piece);
          expect(both === undefined ? [] : places(both)).toEqual(isOneLine ? [] : places([piece]));
        }
      },
    ),
    { numRuns: 100 },
  );
});

const DIFF = `diff --git a/old name.ts b/new.ts
similarity index 90%
rename from old name.ts
rename to new.ts
index 1..2 100644
--- a/old name.ts\t
+++ b/new.ts
@@ -9,3 +9,3 @@ export function total(items) {
   let sum = 0;
-  for (const x of items) sum += x;
+  for (const x of items) sum -= x;
   return sum;
\\ No newline at end of file
diff --git "a/caf\\303\\251 \\"x\\".ts" "b/caf\\303\\251 \\"x\\".ts"
deleted file mode 100644
index 1..0
--- "a/caf\\303\\251 \\"x\\".ts"
+++ /dev/null
@@ -1 +0,0 @@
-gone
diff --git a/run.sh b/run.sh
old mode 100644
new mode 100755
diff --git a/logo.png b/logo.png
new file mode 100644
index 0..1
Binary files /dev/null and b/logo.png differ
diff --git a/lib b/lib
index 1234567..89abcde 160000
--- a/lib
+++ b/lib
@@ -1 +1 @@
-Subproject commit 1
+Subproject commit 2
diff --git a/moved.ts b/here.ts
similarity index 100%
rename from moved.ts
rename to here.ts
`;

test('files that were moved, deleted, changed in their mode, binary files and submodules', () => {
  const files = changedFiles(DIFF);
  expect(files.map(({ hunks, ...file }) => ({ ...file, hunks: hunks.length }))).toEqual([
    {
      path: 'new.ts',
      movedFrom: 'old name.ts',
      change: 'update',
      hunks: 1,
      isBinary: false,
      isSubmodule: false,
    },
    {
      path: 'café "x".ts',
      movedFrom: undefined,
      change: 'delete',
      hunks: 1,
      isBinary: false,
      isSubmodule: false,
    },
    { path: 'run.sh', movedFrom: undefined, change: 'update', hunks: 0, isBinary: false, isSubmodule: false },
    { path: 'logo.png', movedFrom: undefined, change: 'add', hunks: 0, isBinary: true, isSubmodule: false },
    { path: 'lib', movedFrom: undefined, change: 'update', hunks: 1, isBinary: false, isSubmodule: true },
    {
      path: 'here.ts',
      movedFrom: 'moved.ts',
      change: 'update',
      hunks: 0,
      isBinary: false,
      isSubmodule: false,
    },
  ]);
  const [piece] = files.slice(0, 1).flatMap((file) => piecesOf(file, 5_000));
  expect(piece && [pieceText(piece), rangeOf(piece)]).toEqual([
    `new.ts (was old name.ts)
@@ export function total(items) {
 9    let sum = 0;
   -  for (const x of items) sum += x;
10 +  for (const x of items) sum -= x;
11    return sum;`,
    { start: 9, end: 11 },
  ]);
});

test('nothing that is no diff makes a file', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const files = changedFiles(text);
      expect(files.every(({ path }) => typeof path === 'string')).toBe(true);
    }),
  );
  expect(changedFiles('')).toEqual([]);
});
