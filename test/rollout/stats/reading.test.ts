import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ReadingSpeed, SessionReading } from '../../../src/rollout/stats/reading.ts';

const timing = (readMs: number, loadMs = 0) => ({ loadMs, readMs, writeMs: 10 });

test('what continues the last request is read, and nothing else', () => {
  const [reading, speed] = [new SessionReading(), new ReadingSpeed()];
  const read = [
    { prompt: 2_000, answer: 100, timing: timing(2_000, 3_000) },
    { prompt: 2_600, answer: 50, timing: timing(500) },
    { prompt: 2_650, answer: 10, timing: timing(1) },
  ].map((request) => reading.request(request, speed));
  expect(read).toEqual([
    { read: 2_000, again: 0, isSure: true },
    { read: 500, again: 0, isSure: true },
    { read: 0, again: 0, isSure: true },
  ]);
});

test('a model that was loaded in between, a lost cache and a summary mean reading again', () => {
  const [reading, speed] = [new SessionReading(), new ReadingSpeed()];
  const first = { prompt: 4_000, answer: 0, timing: timing(4_000, 3_000) };
  expect(reading.request(first, speed)).toEqual({ read: 4_000, again: 0, isSure: true });
  const reloaded = { prompt: 4_100, answer: 0, timing: timing(4_100, 2_000) };
  expect(reading.request(reloaded, speed)).toEqual({ read: 4_100, again: 4_000, isSure: true });
  const lost = { prompt: 4_200, answer: 0, timing: timing(4_200) };
  expect(reading.request(lost, speed)).toEqual({ read: 4_200, again: 4_100, isSure: false });
  reading.breakOff('compacted');
  const compacted = { prompt: 1_500, answer: 0, timing: timing(600) };
  expect(reading.request(compacted, speed)).toEqual({ read: 600, again: 600, isSure: false });
});

test('a first prompt that took no time was in the cache', () => {
  const speed = new ReadingSpeed();
  speed.learn(1_000, 1_000);
  const request = { prompt: 3_000, answer: 0, timing: timing(20) };
  expect(new SessionReading().request(request, speed)).toEqual({ read: 20, again: 0, isSure: false });
});

test('nothing is read that is not in the prompt, whatever the server says', () => {
  const amount = fc.nat(100_000);
  const time = fc.option(fc.record({ loadMs: amount, readMs: amount, writeMs: amount }), { nil: undefined });
  const why = fc.option(fc.constantFrom('compacted', 'cut', 'model' as const));
  const step = fc.record({ prompt: amount, answer: amount, timing: time, why });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const [reading, speed] = [new SessionReading(), new ReadingSpeed()];
      for (const { why: broken, ...request } of steps) {
        if (broken !== null) reading.breakOff(broken);
        const { read, again } = reading.request(request, speed);
        expect(read).toBeLessThanOrEqual(request.prompt);
        expect(again).toBeLessThanOrEqual(read);
        expect(again).toBeGreaterThanOrEqual(0);
      }
    }),
  );
});
