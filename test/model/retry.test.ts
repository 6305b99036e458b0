import { expect, test } from 'vitest';
import { ModelError } from '../../src/model/errors.ts';
import { withRetries } from '../../src/model/retry.ts';

/** Runs a script of outcomes; a string is an error with that remedy, a number a result. */
async function run(
  ...script: (number | 'retry' | 'fail' | Error)[]
): Promise<{ result: unknown; heard: number[] }> {
  const heard: number[] = [];
  const step = async (): Promise<number> => {
    const next = script.shift();
    if (typeof next === 'number') return next;
    throw next instanceof Error ? next : new ModelError('broken', next ?? 'fail');
  };
  const result = await withRetries(
    step,
    (_error, attempt) => heard.push(attempt),
    new AbortController().signal,
  ).catch((error: Error) => error.message);
  return { result, heard };
}

test('tries twice more, then says how often it tried', async () => {
  expect(await run('retry', 7)).toEqual({ result: 7, heard: [1] });
  expect(await run('retry', 'retry', 7)).toEqual({ result: 7, heard: [1, 2] });
  expect(await run('retry', 'retry', 'retry', 7)).toEqual({
    result: 'broken (tried 3 times)',
    heard: [1, 2],
  });
});

test('does not try again what cannot work', async () => {
  expect(await run('fail', 7)).toEqual({ result: 'broken', heard: [] });
  expect(await run(new Error('a defect'), 7)).toEqual({ result: 'a defect', heard: [] });
});

test('an abort ends the pause', async () => {
  const controller = new AbortController();
  const pending = withRetries(
    () => Promise.reject(new ModelError('broken', 'retry')),
    () => controller.abort(),
    controller.signal,
  );
  await expect(pending).rejects.toMatchObject({ name: 'AbortError' });
});

test('a server that is away is waited for, as long as allowed, at the pace that it asks for', async () => {
  const away = () => new ModelError('away', 'wait', { retryAfterMs: 1 });
  const script = [...Array(9).fill(away), () => 7];
  const heard: number[] = [];
  const step = async (): Promise<number> => {
    const next = script.shift()?.();
    if (typeof next === 'number') return next;
    throw next;
  };
  const { signal } = new AbortController();
  expect(await withRetries(step, (_, attempt) => heard.push(attempt), signal, 60_000)).toBe(7);
  expect(heard).toEqual([1, 2, 4, 8]);
  const never = withRetries(
    () => Promise.reject(new ModelError('away', 'wait', { retryAfterMs: 100 })),
    () => undefined,
    signal,
    50,
  );
  await expect(never).rejects.toMatchObject({ message: 'away (waited 0 s)', remedy: 'fail' });
});
