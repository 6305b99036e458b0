import { applyPatch } from 'diff';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePatch } from '../../../src/tools/apply-patch/parse.ts';
import { planPatch } from '../../../src/tools/apply-patch/plan.ts';
import { fileChanges, summarize, unifiedDiff } from '../../../src/tools/apply-patch/summary.ts';
import { cpuTime } from '../../support/cpu-time.ts';
import { patchOf, withTree } from './support.ts';

const PATCH = parsePatch(
  patchOf(
    '*** Delete File: d',
    '*** Update File: m',
    '@@',
    '-2',
    '+two',
    '*** Update File: from',
    '*** Move to: to',
    '@@',
    '-x',
    '+y',
    '*** Add File: n',
    '+new',
    '*** Add File: over',
    '+new',
  ),
);

describe('summarize', () => {
  it('lists added, modified and deleted files, moved ones by their new name', () => {
    expect(summarize(PATCH.ops)).toBe('Success. Updated the following files:\nA n\nA over\nM m\nM to\nD d\n');
  });
});

describe('fileChanges', () => {
  it('gives each file its diff', async () => {
    await withTree({ d: 'gone\n', m: '1\n2\n3\n', from: 'x', over: 'old\n' }, async (root) => {
      expect(fileChanges(await planPatch(PATCH, root))).toEqual([
        { path: `${root}/d`, kind: 'delete', diff: '--- d\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-gone\n' },
        { path: `${root}/m`, kind: 'update', diff: '--- m\n+++ m\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n' },
        {
          path: `${root}/from`,
          movePath: `${root}/to`,
          kind: 'update',
          diff: '--- from\n+++ to\n@@ -1,1 +1,1 @@\n-x\n\\ No newline at end of file\n+y\n',
        },
        { path: `${root}/n`, kind: 'add', diff: '--- /dev/null\n+++ n\n@@ -0,0 +1,1 @@\n+new\n' },
        { path: `${root}/over`, kind: 'update', diff: '--- over\n+++ over\n@@ -1,1 +1,1 @@\n-old\n+new\n' },
      ]);
    });
  });

  it('cuts a very long diff and says so', async () => {
    await withTree({ big: 'some line of text\n'.repeat(50_000) }, async (root) => {
      const [change] = fileChanges(await planPatch(parsePatch(patchOf('*** Delete File: big')), root));
      expect(change?.diff.length).toBeLessThan(257 * 1024);
      const lines = change?.diff.split('\n') ?? [];
      expect(lines.slice(-2)).toEqual([
        `\\ The diff continues for ${50_003 - (lines.length - 2)} more lines.`,
        '',
      ]);
    });
  });
});

describe('unifiedDiff', () => {
  it('turns the old text into the new one', () => {
    const text = fc.array(fc.constantFrom('a\n', 'b\n', 'c\r\n', '\n')).map((lines) => lines.join(''));
    fc.assert(
      fc.property(text, fc.boolean(), text, (before, open, after) => {
        const old = open ? `${before}end` : before;
        expect(applyPatch(old, unifiedDiff('x', 'x', old, after), { autoConvertLineEndings: false })).toBe(
          after,
        );
      }),
    );
  });

  it('makes one hunk of texts that differ too much, in bounded time', () => {
    const lines = (word: string) => Array.from({ length: 20_000 }, (_, i) => `${word} ${i}\n`).join('');
    const old = `head\n${lines('old')}tail\n`;
    let diff = '';
    const make = () => {
      diff = unifiedDiff('x', 'x', old, `head\n${lines('new')}tail\n`);
    };
    expect(cpuTime(make)).toBeLessThan(1800);
    expect(diff.split('\n').filter((line) => line.startsWith('@@'))).toEqual(['@@ -1,20002 +1,20002 @@']);
    expect(applyPatch(old, diff)).toBe(`head\n${lines('new')}tail\n`);
  });
});
