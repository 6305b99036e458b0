/** Whether a session is on trial, also after a kill. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { trialFolder } from '../../src/config/trial-folder.ts';
import { SessionError } from '../../src/session/session-error.ts';
import { refuseOpenTrial } from '../../src/session/stored.ts';
import { sessionTrial } from '../../src/session/trial.ts';
import { makeTrial, partOf } from '../../src/tools/trial/record.ts';
import { trialOf } from '../support/trial.ts';

test('what a kill has left of one that was being made or removed is none, and goes when the next one is made', () => {
  const place = trialOf(() => undefined);
  expect(sessionTrial(place.home, 'one')).toEqual({ place, state: 'open' });
  expect(() => refuseOpenTrial(place.home, 'one')).toThrow(SessionError);
  const other = trialFolder(place.home, 'two');
  const left = `${partOf(other, 'upper')}/left`;
  mkdirSync(left, { recursive: true });
  expect([sessionTrial(place.home, 'two'), existsSync(left)]).toEqual([undefined, true]);
  refuseOpenTrial(place.home, 'two');
  makeTrial(other, place);
  expect([sessionTrial(place.home, 'two')?.state, existsSync(left)]).toEqual(['open', false]);
  expect(sessionTrial(place.home, 'three')).toBe(undefined);
});

test('one that cannot be read is not taken for none', () => {
  const place = trialOf(() => undefined);
  const record = `${place.folder}/trial.json`;
  writeFileSync(record, 'torn');
  expect(() => sessionTrial(place.home, 'one')).toThrow(SyntaxError);
  expect(() => refuseOpenTrial(place.home, 'one')).toThrow(SessionError);
  rmSync(record);
});
