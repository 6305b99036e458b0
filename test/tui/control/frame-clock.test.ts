import { expect, test } from 'vitest';
import { type Clock, FrameClock } from '../../../src/tui/control/frame-clock.ts';

/** A clock that the test turns. */
class FakeClock implements Clock {
  time = 0;
  timers: { at: number; callback: () => void }[] = [];
  readonly now = (): number => this.time;
  readonly schedule = (callback: () => void, ms: number): (() => void) => {
    const timer = { at: this.time + ms, callback };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  };

  pass(ms: number): void {
    this.time += ms;
    const due = this.timers.filter(({ at }) => at <= this.time);
    this.timers = this.timers.filter(({ at }) => at > this.time);
    for (const { callback } of due) callback();
  }
}

function painted(): { clock: FakeClock; frames: FrameClock; paints: number[] } {
  const clock = new FakeClock();
  const paints: number[] = [];
  return { clock, paints, frames: new FrameClock(clock, () => paints.push(clock.time), 30) };
}

test('the first change is painted at once, a burst after it once a frame', () => {
  const { clock, frames, paints } = painted();
  for (let ms = 0; ms < 100; ms += 1) {
    frames.request();
    clock.pass(1);
  }
  clock.pass(20);
  expect({ paints, timers: clock.timers.length }).toEqual({ paints: [0, 30, 60, 90, 120], timers: 0 });
});

test('what is urgent is painted at once and takes the waiting paint with it', () => {
  const { clock, frames, paints } = painted();
  frames.request();
  clock.pass(5);
  frames.request();
  clock.pass(5);
  frames.request(true);
  clock.pass(100);
  expect({ paints, timers: clock.timers.length }).toEqual({ paints: [0, 10], timers: 0 });
});

test('while it is held nothing is painted, afterwards what was missed, once', () => {
  const { clock, frames, paints } = painted();
  frames.request();
  clock.pass(1);
  frames.request();
  frames.hold();
  clock.pass(50);
  frames.request(true);
  frames.release();
  frames.hold();
  frames.release();
  expect({ paints, timers: clock.timers.length }).toEqual({ paints: [0, 51], timers: 0 });
});

test('what was waiting for its frame when it was held is painted afterwards', () => {
  const { clock, frames, paints } = painted();
  frames.request();
  frames.request();
  frames.hold();
  clock.pass(50);
  frames.release();
  expect({ paints, timers: clock.timers.length }).toEqual({ paints: [0, 50], timers: 0 });
});

test('after stop there is no timer and no paint', () => {
  const { clock, frames, paints } = painted();
  frames.request();
  frames.request();
  frames.stop();
  clock.pass(100);
  frames.request(true);
  expect({ paints, timers: clock.timers.length }).toEqual({ paints: [0], timers: 0 });
});
