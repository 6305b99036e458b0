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

test('after a failure inside the server, says what to do', async () => {
  const failed = (): ModelError => new ModelError('Ollama answered 500: boom', 'retry', { status: 500 });
  expect((await run(failed(), failed(), failed())).result).toBe(
    'Ollama answered 500: boom (tried 3 times)\n' +
      "The server's log says more (journalctl -u ollama, or ~/.ollama/logs/server.log). Try again, restart Ollama, or use another model.",
  );
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

/** A server that is away for so many requests, or forever, and asks for this many milliseconds. */
async function away(times: number, retryAfterMs: number | undefined, reconnectMs: number) {
  const heard: number[] = [];
  let asked = 0;
  const step = async (): Promise<string> => {
    asked += 1;
    if (asked > times) return 'back';
    throw new ModelError('away', 'wait', { retryAfterMs });
  };
  const { signal } = new AbortController();
  const onRetry = (_: ModelError, attempt: number): void => void heard.push(attempt);
  const end = await withRetries(step, onRetry, signal, reconnectMs).catch((error: Error) => error.message);
  return { end, asked, heard };
}

test('a server that is away is waited for at the pace that it asks for', async () => {
  expect(await away(5, 250, 60_000)).toEqual({ end: 'back', asked: 6, heard: [1, 2, 4] });
});

test('a server that asks for no pause gets one', async () => {
  const { end, asked } = await away(Number.POSITIVE_INFINITY, 0, 1_000);
  expect([end, asked]).toEqual(['away (waited 1 s)', expect.toSatisfy((count: number) => count < 5)]);
});

test('the last look at a server that is away is at the end of the time', async () => {
  const started = performance.now();
  const { end } = await away(Number.POSITIVE_INFINITY, undefined, 600);
  expect([end, Math.round(performance.now() - started) >= 600]).toEqual(['away (waited 1 s)', true]);
});

test('a server that asks for more time than there is is given up at once, with its wish', async () => {
  expect(await away(1, 90_000, 60_000)).toEqual({
    end: 'away (waited 0 s; it asks for 90 s more)',
    asked: 1,
    heard: [],
  });
});
