import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseLog } from '../../../src/repo-index/reading/commits.ts';
import { anyText } from '../../support/any-text.ts';

const HASH = 'a'.repeat(40);

test('the log of git gives hash, time, words and files; a sweeping commit is left out', () => {
  const many = Array.from({ length: 31 }, (_, at) => `f${at}`).join('\0');
  const log = `\x01${HASH} 12 Fix the retry\x02\0\nsrc/a.ts\0b c.ts\0\x01${HASH} 13 All\x02\0\n${many}\0\x01${HASH} 14 None\x02\0`;
  expect(parseLog(log)).toEqual([
    { hash: HASH, time: 12, words: 'fix the retri', files: ['src/a.ts', 'b c.ts'] },
  ]);
  fc.assert(
    fc.property(anyText(), (text) => {
      expect(parseLog(`${text}\x01${HASH} 1 ${text}\x02${text}`).length).toBeLessThanOrEqual(text.length + 1);
    }),
  );
});
