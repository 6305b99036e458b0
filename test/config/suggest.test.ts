import { expect, test } from 'vitest';
import { nearestName } from '../../src/config/suggest.ts';

test('the nearest name is suggested, and nothing that is too far away', () => {
  const names = ['model', 'notify', 'profile', 'profiles', 'approval_policy'];
  expect(
    ['modle', 'Model', 'notfy', 'profil', 'aproval_polcy', 'mcp', 'xyz', 'm'.repeat(1000)].map((name) =>
      nearestName(name, names),
    ),
  ).toEqual(['model', 'model', 'notify', 'profile', 'approval_policy', undefined, undefined, undefined]);
});
