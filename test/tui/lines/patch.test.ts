/** Diffs and patches. */
import { hostname } from 'node:os';
import { createTwoFilesPatch } from 'diff';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FileChange, Item } from '../../../src/protocol.ts';
import { diffLines, diffStat } from '../../../src/tui/lines/diff.ts';
import { loadHighlighter } from '../../../src/tui/lines/highlight.ts';
import { livePatchLines, patchLines } from '../../../src/tui/lines/patch.ts';
import { type LineContext, richStyle } from '../../../src/tui/lines/style.ts';
import { breakRows } from '../../../src/tui/lines/wrap.ts';
import { atWidths, context, inColor, named, problems } from './support.ts';

type PatchItem = Extract<Item, { type: 'file_change' }>;

const DIFF = `--- a/src/cache.ts
+++ b/src/cache.ts
@@ -8,5 +8,6 @@
 export class Cache {
 \tget(key: string) {
-\t\treturn this.map.get(key);
+\t\tconst found = this.map.get(key);
+\t\treturn found?.value;
 \t}
 
@@ -101,3 +102,2 @@
 }
--- the end
 export {};
\\ No newline at end of file
`;

const change = (rest: Partial<FileChange> = {}): FileChange => ({
  path: '/home/ada/work/src/cache.ts',
  kind: 'update',
  diff: DIFF,
  ...rest,
});
const added = change({
  path: '/home/ada/work/src/new.ts',
  kind: 'add',
  diff: '--- /dev/null\n+++ b/src/new.ts\n@@ -0,0 +1,2 @@\n+a\n+\n',
});
const deleted = change({
  path: '/home/ada/old.ts',
  kind: 'delete',
  diff: '--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n',
});
const moved = change({ movePath: '/home/ada/work/src/lru.ts', diff: '' });

const patch = (changes: readonly FileChange[], rest: Partial<PatchItem> = {}): PatchItem => ({
  type: 'file_change',
  id: 'p',
  changes,
  output: '',
  status: 'completed',
  ...rest,
});

test('a diff has numbers and colours', () => {
  expect(named(diffLines(DIFF, inColor()))).toMatchInlineSnapshot(`
    [
      "<dim>  8</b>  export class Cache {",
      "<dim>  9</b>      get(key: string) {",
      "<dim> 10</b> <red>-        return this.map.get(key);</color>",
      "<dim> 10</b> <green>+        const found = this.map.get(key);</color>",
      "<dim> 11</b> <green>+        return found?.value;</color>",
      "<dim> 12</b>      }",
      "<dim> 13</b>",
      "<dim>  ⋮</b>",
      "<dim>102</b>  }",
      "<dim>102</b> <red>--- the end</color>",
      "<dim>103</b>  export {};",
      "<dim>    No newline at end of file</b>",
    ]
  `);
  expect(diffStat(DIFF)).toEqual({ added: 2, removed: 2 });
});

test('one file', () => {
  expect(atWidths((ctx) => patchLines(patch([change()]), ctx))).toMatchInlineSnapshot(`
    "── 20
    • Edited src/cache.ts (+2 -2)
          8  export class Cache {
          9      get(key: string) {
         10 -        return this.map.get(key);
         10 +        const found = this.map.get(key);
         11 +        return found?.value;
         12      }
         13
          ⋮
        102  }
        102 --- the end
        103  export {};
            No newline at end of file
    ── 60
    • Edited src/cache.ts (+2 -2)
          8  export class Cache {
          9      get(key: string) {
         10 -        return this.map.get(key);
         10 +        const found = this.map.get(key);
         11 +        return found?.value;
         12      }
         13
          ⋮
        102  }
        102 --- the end
        103  export {};
            No newline at end of file
    ── 100
    • Edited src/cache.ts (+2 -2)
          8  export class Cache {
          9      get(key: string) {
         10 -        return this.map.get(key);
         10 +        const found = this.map.get(key);
         11 +        return found?.value;
         12      }
         13
          ⋮
        102  }
        102 --- the end
        103  export {};
            No newline at end of file"
  `);
});

test('several files', () => {
  expect(atWidths((ctx) => patchLines(patch([added, deleted, moved]), ctx))).toMatchInlineSnapshot(`
    "── 20
    • Edited 3 files (+2 -1)
      └ Added src/new.ts (+2 -0)
        1 +a
        2 +
      └ Deleted ~/old.ts (+0 -1)
        1 -x
      └ Moved src/cache.ts → src/lru.ts
    ── 60
    • Edited 3 files (+2 -1)
      └ Added src/new.ts (+2 -0)
        1 +a
        2 +
      └ Deleted ~/old.ts (+0 -1)
        1 -x
      └ Moved src/cache.ts → src/lru.ts
    ── 100
    • Edited 3 files (+2 -1)
      └ Added src/new.ts (+2 -0)
        1 +a
        2 +
      └ Deleted ~/old.ts (+0 -1)
        1 -x
      └ Moved src/cache.ts → src/lru.ts"
  `);
  expect(named(patchLines(patch([added, moved]), inColor()))).toMatchInlineSnapshot(`
    [
      "<green>•</color> <b>Edited</b> 2 files (<green>+2</color> <red>-0</color>)",
      "<dim>  └ </b><b>Added</b> src/new.ts (<green>+2</color> <red>-0</color>)",
      "    <dim>1</b> <green>+a</color>",
      "    <dim>2</b> <green>+</color>",
      "<dim>  └ </b><b>Moved</b> src/cache.ts → src/lru.ts",
    ]
  `);
  expect(patchLines(patch([deleted]), context())[0]).toBe('• Deleted ~/old.ts (+0 -1)');
});

test('a patch that failed says why', () => {
  const failed = patch([change()], {
    status: 'failed',
    output: 'The lines to replace were not found.\nRead the file again.\n',
  });
  expect(atWidths((ctx) => patchLines(failed, ctx))).toMatchInlineSnapshot(`
    "── 20
    ✗ Edit failed src/cache.ts
      └ The lines to
        replace were
        not found.
        Read the file
        again.
    ── 60
    ✗ Edit failed src/cache.ts
      └ The lines to replace were not found.
        Read the file again.
    ── 100
    ✗ Edit failed src/cache.ts
      └ The lines to replace were not found.
        Read the file again."
  `);
  expect(patchLines(patch([change()], { status: 'declined' }), context())).toEqual([
    '✗ Edit declined src/cache.ts',
  ]);
});

test('a patch on its way', () => {
  expect(
    [change(), added].map((_, index, all) => livePatchLines(patch(all.slice(index)), context(), 5)),
  ).toEqual([['• Editing 2 files'], ['• Editing src/new.ts']]);
  expect(livePatchLines(patch([change()]), context(), 0)).toEqual([]);
});

test('a long diff and many files are cut', () => {
  const long = createTwoFilesPatch('a', 'b', '', 'x\n'.repeat(500));
  const lines = patchLines(patch([change({ diff: long })]), context());
  expect([lines.length, lines.at(-1)]).toEqual([62, '    … +440 lines (ctrl+t)']);
  const many = patchLines(patch(Array(50).fill(moved)), context());
  expect([many.length, many.at(-1)]).toEqual([22, '  └ … and 30 more files']);
});

test('what is not a diff is shown as it is', () => {
  expect(diffLines('no diff\n@@ -1,2 +1 @@\n a\nb\n', context())).toEqual(['no diff', '⋮', '1  a', 'b']);
  expect(diffStat('no diff\n+a\n')).toEqual({ added: 0, removed: 0 });
});

test('the numbers are those of the files', () => {
  const lines = fc.array(fc.constantFrom('a', 'b', '', '-- c', '++ d', '@@ -1 +1 @@'), { maxLength: 20 });
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const text = createTwoFilesPatch(
        'a',
        'b',
        before.map((l) => `${l}\n`).join(''),
        after.map((l) => `${l}\n`).join(''),
      );
      const shown = diffLines(text, context());
      for (const line of shown) {
        const found = /^ *(\d+)(?: ([+ -])(.*))?$/.exec(line);
        if (found === null) continue;
        const [, number, sign = ' ', content = ''] = found;
        expect((sign === '-' ? before : after)[Number(number) - 1]).toBe(content);
      }
      expect(shown.length - shown.filter((line) => line.trim() === '⋮').length).toBeGreaterThanOrEqual(
        diffStat(text).added + diffStat(text).removed,
      );
    }),
  );
});

test('hostile diffs and paths stay inert', () => {
  const bytes = fc.array(
    fc.constantFrom(
      '\x1b[2J',
      '\x9b',
      '\u202e',
      '\r',
      '\n',
      '\t',
      '@@ -1,9 +1,9 @@',
      '+',
      '-',
      ' ',
      'x',
      '\\',
      '\0',
    ),
  );
  fc.assert(
    fc.property(bytes, bytes, (diff, path) => {
      const item = patch([change({ diff: diff.join(''), path: path.join('') })], { output: diff.join('') });
      expect(problems(patchLines(item, inColor(20)))).toEqual([]);
      expect(problems(patchLines({ ...item, status: 'failed' }, inColor(20)))).toEqual([]);
      expect(problems(livePatchLines(item, inColor(20), 3), 19)).toEqual([]);
    }),
  );
});

const rich = (background: 'dark' | 'light', bits: 8 | 24 = 24): LineContext => ({
  ...inColor(),
  style: richStyle({ bits, background, hasLinks: false }),
});

test('where the background is known changed rows are tinted and their code is in colour; the signs stay', async () => {
  await loadHighlighter();
  const rows = diffLines(DIFF, rich('dark'), { path: 'src/cache.ts' });
  expect(rows[2]).toBe(
    '\x1b[2m 10\x1b[22m \x1b[48;2;64;26;30m\x1b[31m-\x1b[39m        \x1b[35mreturn\x1b[39m this.map.get(key);\x1b[49m',
  );
  const signs = (lines: readonly string[]): string[] =>
    lines.map((line) => line.replace(/\x1b\[[\d;]*m/g, ''));
  const plainRows = diffLines(DIFF, context());
  for (const ctx of [rich('dark'), rich('light'), rich('dark', 8), rich('light', 8)]) {
    const lines = diffLines(DIFF, ctx, { path: 'src/cache.ts' });
    expect(signs(lines)).toEqual(plainRows);
    expect(signs(diffLines(DIFF, ctx, { path: 'README' }))).toEqual(plainRows);
    for (const line of lines.flatMap((whole) => breakRows(whole, 20))) {
      expect(line.split('\x1b[48;').length).toBe(line.split('\x1b[49m').length);
    }
  }
  // With sixteen colours, or on a background that nobody knows, all is as it was.
  for (const [bits, background] of [
    [4, 'dark'],
    [24, undefined],
  ] as const) {
    const style = richStyle({ bits, background, hasLinks: false });
    expect(diffLines(DIFF, { ...inColor(), style }, { path: 'src/cache.ts' })).toEqual(
      diffLines(DIFF, inColor()),
    );
  }
});

test('a new file shows its first lines; a fold hides more than the line that says so', () => {
  const file = (lines: number) =>
    change({
      kind: 'add',
      diff: `--- /dev/null\n+++ b/x\n@@ -0,0 +1,${lines} @@\n${'+x\n'.repeat(lines)}`,
    });
  const rows = (lines: number) => patchLines(patch([file(lines)]), context()).slice(1);
  expect([rows(10).length, rows(11).length, rows(12).length]).toEqual([10, 11, 11]);
  expect(rows(12).at(-1)).toBe('    … +2 lines (ctrl+t)');
});

test('a file that was changed can be opened at its first changed line', () => {
  const ctx = { ...inColor(), style: richStyle({ bits: 4, background: undefined, hasLinks: true }) };
  const [head = ''] = patchLines(patch([change({ path: '/home/ada/work/src/a b\x07#.ts' })]), ctx);
  expect(/\x1b\]8;;([^\x07]*)\x07/.exec(head)?.[1]).toBe(
    `file://${encodeURIComponent(hostname())}/home/ada/work/src/a%20b%07%23.ts#10`,
  );
});

test('the title of a change is one row: of a long path the middle is left out', () => {
  const path = `/home/ada/work/src/${'deep/'.repeat(12)}repository.ts`;
  const titles = [
    patchLines(patch([change({ path })]), context(60))[0] ?? '',
    patchLines(patch([change({ path, movePath: path }), added]), context(60))[1] ?? '',
  ];
  expect(titles).toEqual([
    '• Edited src/deep/deep…deep/deep/deep/repository.ts (+2 -2)',
    '  └ Moved src/de…epository.ts → src/de…epository.ts (+2 -2)',
  ]);
});
