import { expect, test } from 'vitest';
import { soFar } from '../../../src/context/seen/so-far.ts';
import { changed, modelSaid, ran, userSaid } from '../../support/extract.ts';

test('a session that came to nothing has no lines', () => {
  expect(soFar([userSaid('Hello.'), modelSaid('Hello.')], '/work/shop')).toEqual([]);
});

test('the newest files, the last state of each check, and what the user corrected', () => {
  const entries = [
    userSaid('Fix the parser.'),
    changed('a.js', 'b.js', 'c.js'),
    ran('npm test', '', 1),
    userSaid('nimm lieber d'),
    changed('d.js', 'src/e.js', 'a.js', 'f.js'),
    ran('npm test'),
    ran('ls'),
    modelSaid('Done.'),
    { type: 'turn_aborted' } as const,
    userSaid('Now the tests.'),
  ];
  expect(soFar(entries, '/work/shop')).toEqual([
    'Changed so far: c.js, d.js, src/e.js, a.js, f.js and 1 more',
    'Last checks: `npm test` passed',
    'You corrected: "nimm lieber d", "Now the tests."',
  ]);
});
