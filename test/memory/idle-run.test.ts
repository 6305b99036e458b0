import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { IdleRun, type IdleWork } from '../../src/memory/run/idle-run.ts';
import type { MemoryStep } from '../../src/memory/work.ts';
import { TestClock } from '../support/test-clock.ts';

const MINUTE = 60_000;
const IDLE = 10 * MINUTE;

interface Rig {
  readonly run: IdleRun;
  readonly clock: TestClock;
  readonly log: string[];
  /** Answers the open step. */
  readonly answer: (step: MemoryStep) => Promise<void>;
  readonly seeOther: (reason: string) => Promise<void>;
  isBusy: boolean;
  obstacle: string | undefined;
}

function rig(): Rig {
  const clock = new TestClock();
  const log: string[] = [];
  let open: ((step: MemoryStep) => void) | undefined;
  let other: ((reason: string) => void) | undefined;
  const work: IdleWork = {
    step: (signal) => {
      log.push(`step at ${minutes()}`);
      return new Promise((resolve, reject) => {
        open = resolve;
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    },
    othersAsk: () =>
      new Promise((resolve) => {
        other = resolve;
      }),
    close: () => log.push('closed'),
  };
  const begun = clock.now();
  const minutes = (): number => (clock.now() - begun) / MINUTE;
  const it: Omit<Rig, 'run'> = {
    clock,
    log,
    isBusy: false,
    obstacle: undefined,
    answer: async (step: MemoryStep) => {
      open?.(step);
      await settled();
    },
    seeOther: async (reason: string) => {
      other?.(reason);
      await settled();
    },
  };
  const run = new IdleRun({
    idleMs: IDLE,
    clock,
    isBusy: () => it.isBusy,
    begin: async () => it.obstacle ?? work,
    report: (progress) => log.push(progress === undefined ? 'over' : `${progress.done}/${progress.total}`),
    onStop: (reason) => log.push(reason),
  });
  onTestFinished(() => run.close());
  return Object.assign(it, { run });
}

/** All that promises alone can do is done. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

const MORE: MemoryStep = { state: 'more', progress: { phase: 'extract', done: 1, total: 3 } };

async function pass(it: Rig, ms: number): Promise<void> {
  it.clock.pass(ms);
  await settled();
}

test('it begins when nobody has done anything for the whole time, to the millisecond', async () => {
  const it = rig();
  await pass(it, IDLE - 1);
  it.run.active();
  await pass(it, IDLE - 1);
  expect(it.log).toEqual([]);
  await pass(it, 1);
  expect(it.log).toEqual([`step at ${(2 * IDLE - 1) / MINUTE}`]);
});

test('a key that is pressed while it works stops it at once, and it goes on after the next rest', async () => {
  const it = rig();
  await pass(it, IDLE);
  await it.answer(MORE);
  it.run.active();
  await settled();
  expect(it.log).toEqual(['step at 10', '1/3', 'step at 10', 'the user is back', 'closed', 'over']);
  it.log.length = 0;
  await pass(it, IDLE - 1);
  expect(it.log).toEqual([]);
  await pass(it, 1);
  expect(it.log).toEqual(['step at 20']);
});

test('somebody else at the server stops it as a key does', async () => {
  const it = rig();
  await pass(it, IDLE);
  await it.seeOther('another program asks the server');
  expect(it.log).toEqual(['step at 10', 'another program asks the server', 'closed', 'over']);
  expect(it.clock.pending).toBe(1);
});

test('nothing is begun while a turn runs, however long', async () => {
  const it = rig();
  it.isBusy = true;
  await pass(it, 5 * IDLE);
  expect(it.log).toEqual([]);
  it.isBusy = false;
  it.run.active();
  await pass(it, IDLE);
  expect(it.log).toEqual(['step at 60']);
});

test('an obstacle is told, and looked at again after the next rest', async () => {
  const it = rig();
  it.obstacle = 'on battery';
  await pass(it, IDLE);
  expect(it.log).toEqual(['on battery', 'over']);
  it.obstacle = undefined;
  await pass(it, IDLE);
  expect(it.log).toEqual(['on battery', 'over', 'step at 20']);
});

test('with nothing left to do it looks again in half an hour', async () => {
  const it = rig();
  await pass(it, IDLE);
  await it.answer({ state: 'idle' });
  expect(it.log).toEqual(['step at 10', 'closed', 'over']);
  await pass(it, 30 * MINUTE - 1);
  expect(it.log).toHaveLength(3);
  await pass(it, 1);
  expect(it.log.at(-1)).toBe('step at 40');
});

test('closing stops what runs, and leaves no timer', async () => {
  const it = rig();
  await pass(it, IDLE);
  await it.run.close();
  expect(it.log).toEqual(['step at 10', 'the user is back', 'closed', 'over']);
  expect(it.clock.pending).toBe(0);
});

test('whatever happens, no step begins within the rest, and there is never more than one timer', async () => {
  const happening = fc.oneof(
    fc.record({ what: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 2 * IDLE }) }),
    fc.constant({ what: 'key' as const }),
    fc.constant({ what: 'answer' as const }),
    fc.constant({ what: 'busy' as const }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 30 }), async (happenings) => {
      const it = rig();
      let lastKey = it.clock.now();
      for (const one of happenings) {
        const before = it.log.length;
        if (one.what === 'pass') await pass(it, one.ms);
        if (one.what === 'busy') it.isBusy = !it.isBusy;
        if (one.what === 'answer') await it.answer(MORE);
        if (one.what === 'key') {
          it.run.active();
          lastKey = it.clock.now();
          await settled();
        }
        const begun = it.log.slice(before).some((line) => line.startsWith('step'));
        if (begun) expect(it.clock.now() - lastKey).toBeGreaterThanOrEqual(IDLE);
        expect(it.clock.pending).toBeLessThanOrEqual(1);
      }
      await it.run.close();
    }),
    { numRuns: 200 },
  );
});
