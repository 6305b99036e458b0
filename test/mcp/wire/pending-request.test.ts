import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { McpError } from '../../../src/mcp/wire/mcp-error.ts';
import { PendingRequest } from '../../../src/mcp/wire/pending-request.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function waiting(timeoutMs: number) {
  const told: string[] = [];
  const pending = new PendingRequest(
    timeoutMs,
    (text) => told.push(text),
    () => new McpError('silence'),
  );
  const outcomes: unknown[] = [];
  pending.answer.then(
    (result) => outcomes.push(result),
    (error: Error) => outcomes.push(error.message),
  );
  return { pending, told, outcomes };
}

test('progress gives it more time, but not forever', async () => {
  const { pending, told, outcomes } = waiting(1_000);
  for (let step = 0; step < 40; step += 1) {
    pending.progress({ progress: 1 });
    await vi.advanceTimersByTimeAsync(900);
    if (outcomes.length > 0) break;
  }
  expect(outcomes).toEqual(['silence']);
  expect(pending.silence.aborted).toBe(true);
  expect(performance.now()).toBeGreaterThan(30_000);
  expect(told).toEqual(['1']);
});

test('it is settled once', async () => {
  const { pending, outcomes } = waiting(1_000);
  pending.succeed({ first: true });
  pending.succeed({ second: true });
  pending.fail(new McpError('late'));
  await vi.advanceTimersByTimeAsync(5_000);
  expect(outcomes).toEqual([{ first: true }]);
  expect(pending.silence.aborted).toBe(false);
});

test('a limit that no timer can hold is a long one', async () => {
  const { outcomes } = waiting(2 ** 40);
  await vi.advanceTimersByTimeAsync(10_000_000);
  expect(outcomes).toEqual([]);
});
