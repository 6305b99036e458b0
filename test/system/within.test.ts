import { describe, expect, test } from 'vitest';
import { timeLimit, unlessAborted, within } from '../../src/system/within.ts';

describe('within', () => {
  const never = new Promise<never>(() => {});

  test('tells what came first', async () => {
    expect(await within(Promise.resolve(5), 1_000)).toEqual({ kind: 'done', value: 5 });
    expect(await within(never, 5)).toEqual({ kind: 'timeout' });
    expect(await within(never, 1_000, AbortSignal.timeout(5))).toEqual({ kind: 'aborted' });
    expect(await within(Promise.resolve(5), 1_000, AbortSignal.abort())).toEqual({ kind: 'aborted' });
  });

  test('passes a failure on', async () => {
    await expect(within(Promise.reject(new Error('no')), 1_000)).rejects.toThrow('no');
  });

  test('does not leave a failure unheard that comes after it', async () => {
    const unheard: unknown[] = [];
    const hear = (reason: unknown): void => void unheard.push(reason);
    process.on('unhandledRejection', hear);
    const { promise, reject } = Promise.withResolvers<never>();
    expect(await within(promise, 1)).toEqual({ kind: 'timeout' });
    expect(await within(promise, 1_000, AbortSignal.abort())).toEqual({ kind: 'aborted' });
    expect(await within(Promise.reject(new Error('late')), 1_000, AbortSignal.abort())).toEqual({
      kind: 'aborted',
    });
    reject(new Error('later'));
    await new Promise(setImmediate);
    process.off('unhandledRejection', hear);
    expect(unheard).toEqual([]);
  });
});

test('a time limit ends with the time, or with the signal it is given', async () => {
  const short = timeLimit(1);
  await new Promise((resolve) => short.addEventListener('abort', resolve));
  expect(short.reason).toMatchObject({ name: 'TimeoutError' });
  const controller = new AbortController();
  const long = timeLimit(60_000, controller.signal);
  expect(long.aborted).toBe(false);
  controller.abort('enough');
  expect([long.aborted, long.reason]).toEqual([true, 'enough']);
});

describe('unlessAborted', () => {
  test('gives what comes, unless the abort was before', async () => {
    const { signal } = new AbortController();
    expect(await unlessAborted(Promise.resolve(5), signal)).toBe(5);
    await expect(unlessAborted(Promise.reject(new Error('no')), signal)).rejects.toThrow('no');
    const aborted = AbortSignal.abort(new Error('enough'));
    await expect(unlessAborted(new Promise(() => {}), aborted)).rejects.toThrow('enough');
    await expect(unlessAborted(Promise.reject(new Error('late')), aborted)).rejects.toThrow('enough');
  });

  test('ends with an abort', async () => {
    const controller = new AbortController();
    const waiting = unlessAborted(new Promise(() => {}), controller.signal);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
});
