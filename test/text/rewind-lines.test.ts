import { expect, test } from 'vitest';
import { rewindLines } from '../../src/text/rewind-lines.ts';

test('a file is a line, whatever its name is', () => {
  const refused = [{ path: '/w/b\u2028c', reason: 'somebody else has changed it since', diff: '' }];
  const done = [{ path: '/w/made\n\r  M other', kind: 'add' as const }];
  expect(rewindLines({ done, refused, same: 0 }, '/w')).toEqual([
    'Put back 1 file:',
    '  A made   M other',
    'Left alone 1 file:',
    '  b c: somebody else has changed it since',
  ]);
});
