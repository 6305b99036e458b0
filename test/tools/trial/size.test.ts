/** What a trial takes on the disk: counted without holding up the view, and told once. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { watchSize } from '../../../src/cli/interactive/trial-size.ts';
import type { Event, Op } from '../../../src/protocol.ts';
import { partOf } from '../../../src/tools/trial/record.ts';
import { sizeOfTrial } from '../../../src/tools/trial/size.ts';
import { trialOf } from '../../support/trial.ts';

const { signal } = new AbortController();

/** @returns the folder of a trial with so many files of 1,000 bytes, in folders of 100 */
function withFiles(count: number): string {
  const { folder } = trialOf(() => undefined);
  const upper = partOf(folder, 'upper');
  for (let at = 0; at < count; at += 1) {
    const inner = path.join(upper, `deep/${Math.floor(at / 100)}`);
    if (at % 100 === 0) mkdirSync(inner, { recursive: true });
    writeFileSync(path.join(inner, `${at}`), 'x'.repeat(1_000));
  }
  return folder;
}

test('it is counted, but not further than is needed', async () => {
  const folder = withFiles(3);
  expect(await sizeOfTrial(folder, { enough: 10_000, signal })).toBe(3_000);
  expect(await sizeOfTrial(folder, { enough: 500, signal })).toBe(1_000);
  expect(await sizeOfTrial(`${folder}-none`, { enough: 500, signal })).toBe(0);
});

test('meanwhile other things happen, and it can be given up', async () => {
  const folder = withFiles(6_000);
  let [ticks, isDone] = [0, false];
  const tick = (): void => {
    ticks += 1;
    if (!isDone) setImmediate(tick);
  };
  tick();
  expect(await sizeOfTrial(folder, { enough: 1e9, signal })).toBe(6_000_000);
  isDone = true;
  expect(ticks).toBeGreaterThan(1);
  const given = new AbortController();
  const part = sizeOfTrial(folder, { enough: 1e9, signal: given.signal });
  given.abort();
  expect(await part).toBeLessThan(6_000_000);
});

test('a turn that writes too much is stopped, and told so once', async () => {
  const folder = withFiles(10);
  const [told, ops]: [string[], Op[]] = [[], []];
  let hear: (event: Event) => void = () => undefined;
  const session = {
    submit: (op: Op) => void ops.push(op),
    subscribe: (listener: (event: Event) => void) => {
      hear = listener;
      return () => undefined;
    },
  };
  const end = watchSize(folder, session, (text) => told.push(text), {
    bytes: 1024 ** 3 / 2 ** 20,
    lookMs: 1,
  });
  const turn = async (count: number): Promise<void> => {
    hear({ type: 'turn_started' } as Event);
    await expect.poll(() => told.length, { interval: 20 }).toBe(count);
    hear({ type: 'turn_aborted' } as Event);
  };
  await turn(1);
  await turn(2);
  end();
  const said = `The trial takes more than ${1 / 2 ** 20} GiB on the disk. The turn is stopped.`;
  expect([told, ops]).toEqual([
    [said, said],
    [{ type: 'interrupt' }, { type: 'interrupt' }],
  ]);
});
