import { createTwoFilesPatch } from 'diff';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffsOf, placesOf } from '../../src/acp/file-diffs.ts';

const lines = fc.array(fc.constantFrom('', 'a', 'b', '-x', '+y', '@@ z', '\\ w'), { maxLength: 12 });
const file = fc
  .tuple(lines, fc.boolean())
  .map(([all, ends]) => all.join('\n') + (ends && all.length > 0 ? '\n' : ''));

/** Of one file, without the names above it, as a patch has it. */
function diffOf(before: string, after: string, context: number): string {
  const whole = createTwoFilesPatch('f', 'f', before, after, '', '', { context });
  return whole.slice(whole.indexOf('@@'));
}

test('the lines before and after are those of the file, if a hunk holds all of it', () => {
  fc.assert(
    fc.property(file, file, (before, after) => {
      fc.pre(before !== after && before !== '');
      const change = { path: '/f', kind: 'update', diff: diffOf(before, after, 100) } as const;
      expect(diffsOf([change])).toEqual([{ type: 'diff', path: '/f', oldText: before, newText: after }]);
    }),
  );
});

test('an added file has no text before it, a moved one its new path, a deleted one no text after it', () => {
  expect(
    diffsOf([
      { path: '/new', kind: 'add', diff: '@@ -0,0 +1,2 @@\n+a\n+b\n' },
      { path: '/old', kind: 'delete', diff: '@@ -1 +0,0 @@\n-a\n' },
      { path: '/from', movePath: '/to', kind: 'update', diff: '@@ -3 +4 @@\n-a\n+b\n' },
      { path: '/from', movePath: '/same', kind: 'update', diff: '' },
    ]),
  ).toEqual([
    { type: 'diff', path: '/new', oldText: null, newText: 'a\nb\n' },
    { type: 'diff', path: '/old', oldText: 'a\n', newText: '' },
    { type: 'diff', path: '/to', oldText: 'a\n', newText: 'b\n' },
  ]);
});

test('a place is the first line that changes', () => {
  const diff = '@@ -3 +4 @@\n-a\n+b\n@@ -9 +9 @@\n-a\n+b\n';
  expect(
    placesOf([
      { path: '/f', kind: 'update', diff },
      { path: '/g', kind: 'update', diff: '' },
    ]),
  ).toEqual([{ path: '/f', line: 4 }, { path: '/g' }]);
});
