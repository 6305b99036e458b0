import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { takeLease } from '../../../src/repo-index/vectors/lease.ts';
import { VectorDb } from '../../../src/repo-index/vectors/vector-db.ts';
import { openDatabase } from '../vector-support.ts';

const MINUTE = 60_000;
const ME = `${process.pid}.me`;
const OTHER = `${process.pid}.other`;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function newDb(): VectorDb {
  return new VectorDb(openDatabase(), 'model');
}

/** Whether another owner could take the right now. It is given back at once. */
function isFree(db: VectorDb): boolean {
  const taken = db.lease('server', OTHER, 1, () => true);
  if (taken) db.endLease('server', OTHER);
  return taken;
}

test('a lease is renewed for as long as it is held, and not after that', async () => {
  const db = newDb();
  const end = await takeLease(db, 'server', ME, new AbortController().signal);
  for (let minute = 0; minute < 3; minute += 1) {
    expect(isFree(db)).toBe(false);
    vi.advanceTimersByTime(MINUTE);
  }
  end();
  expect(isFree(db)).toBe(true);
  vi.advanceTimersByTime(MINUTE);
  expect([isFree(db), vi.getTimerCount()]).toEqual([true, 0]);
});

test('a lease that another owner has is waited for, until the wait is aborted', async () => {
  const db = newDb();
  db.lease('server', OTHER, MINUTE, () => true);
  const controller = new AbortController();
  const waiting = takeLease(db, 'server', ME, controller.signal);
  controller.abort();
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  expect(isFree(db)).toBe(true);
});
