/** Whether a session is on trial, also after a kill. */
import { existsSync, mkdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pendingTrial } from '../../src/session/trial.ts';
import { partOf } from '../../src/tools/trial/record.ts';
import { trialOf } from '../support/trial.ts';

test('what a kill has left of one that was being made or removed is none, and goes', () => {
  const place = trialOf(() => undefined);
  expect(pendingTrial(place.home, 'one')).toEqual({ place, state: 'open' });
  const other = `${place.folder.slice(0, -'one'.length)}two`;
  mkdirSync(partOf(other, 'upper'), { recursive: true });
  expect(pendingTrial(place.home, 'two')).toBe(undefined);
  expect(existsSync(other)).toBe(false);
  expect(pendingTrial(place.home, 'three')).toBe(undefined);
});
