import { expect, test } from 'vitest';
import { relativePath } from '../../src/text/relative-path.ts';
import { rewindLines } from '../../src/text/rewind-lines.ts';
import { displayPath } from '../../src/tools/near-paths.ts';

test('a path is relative in the folder, and as it is outside of it', () => {
  const files = [
    '/work/a.ts',
    '/work/b/c.ts',
    '/work',
    '/workshop/a.ts',
    '/other',
    '/',
    '/work/..d/e',
    '/work/...',
  ];
  expect(files.map((file) => relativePath(file, '/work'))).toEqual([
    'a.ts',
    'b/c.ts',
    '/work',
    '/workshop/a.ts',
    '/other',
    '/',
    '..d/e',
    '...',
  ]);
});

test('in the root every path is relative', () => {
  expect(relativePath('/etc/hosts', '/')).toBe('etc/hosts');
  const outcome = { done: [{ path: '/etc/hosts', kind: 'update' }], refused: [], same: 0 } as const;
  expect(rewindLines(outcome, '/')).toEqual(['Put back 1 file:', '  M etc/hosts']);
});

test('the folder itself can have a name', () => {
  expect([relativePath('/work', '/work', '.'), displayPath('/work', '/work')]).toEqual(['.', '.']);
  expect(displayPath('/work/..d', '/work')).toBe('..d');
});
