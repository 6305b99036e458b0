import { readFileSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { ChatRequest } from '../../src/demo/chat-request.ts';
import type { Turn } from '../../src/demo/script.ts';
import { memoryFolder } from '../../src/memory/folder.ts';
import { rolloutFiles } from '../../src/rollout/paths.ts';
import { open, type User, user } from '../support/interactive-session.ts';
import { TestClock } from '../support/test-clock.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const LESSON = 'The tests need the variable LEDGER_ZONE set to Berlin.';

/** What the model of the memories and that of the session say. */
function script(request: ChatRequest): Turn {
  const asked = JSON.stringify(request.format ?? {});
  if (asked.includes('raw_memory')) {
    return { json: { rollout_slug: 'ledger', rollout_summary: LESSON, raw_memory: LESSON } };
  }
  if (asked.includes('act')) return { json: mergeAnswer(request) };
  return { content: 'Understood.' };
}

/** Every line is kept as it is. */
function mergeAnswer({ format }: ChatRequest): Exclude<Turn['json'], undefined> {
  const { properties = {} } = format as { readonly properties?: { readonly [name: string]: unknown } };
  const kept = { act: 'new', topic: 'build and test', kind: 'fact', weight: 3, everywhere: false };
  return Object.fromEntries(Object.keys(properties).map((name) => [name, kept]));
}

/** A session with a lesson in it, which has rested for longer than it must. */
async function oldSession({ home, repo }: User): Promise<void> {
  const { session, say } = await open(repo);
  await say(LESSON);
  await session.close();
  const rested = new Date(Date.now() - 13 * HOUR);
  for (const { path: file } of rolloutFiles(home)) utimesSync(file, rested, rested);
}

interface WireRequest {
  readonly format?: unknown;
  readonly keep_alive?: unknown;
  readonly options: { readonly num_ctx?: number };
}

const isMemory = (body: Pick<WireRequest, 'format'>): boolean => body.format !== undefined;

test('after ten minutes of rest the lesson of an old session is in the summary', async () => {
  const someone = await user(script);
  await oldSession(someone);
  const clock = new TestClock();
  const { session, events } = await open(someone.repo, undefined, { clock });
  const over = new Promise<void>((resolve) =>
    session.subscribe((event) => {
      if (event.type === 'memory_progress' && event.total === undefined) resolve();
    }),
  );
  clock.pass(10 * MINUTE);
  await over;
  expect(readFileSync(path.join(memoryFolder(someone.home).summary), 'utf8')).toContain(LESSON);
  expect(events.filter(({ type }) => type === 'warning')).toEqual([]);
  const asked = someone.server.log
    .filter(({ kind }) => kind === 'chat')
    .map(({ body }) => body as unknown as WireRequest);
  const windows = asked.map(({ options, keep_alive }) => [options.num_ctx, keep_alive]);
  expect(new Set(windows.map((one) => JSON.stringify(one))).size).toBe(1);
  expect(asked.filter(isMemory).length).toBeGreaterThanOrEqual(2);
});

test('a key stops the request, and the work is done after the next rest', async () => {
  let answer = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const someone = await user((request) =>
    isMemory(request) ? { ...script(request), waitFor: held } : script(request),
  );
  await oldSession(someone);
  const clock = new TestClock();
  const { session } = await open(someone.repo, undefined, { clock });
  clock.pass(10 * MINUTE);
  const overs: (() => void)[] = [];
  const aborted = someone.server.waitForAbort(1);
  // After the one of the old session.
  await someone.server.waitForRequest(2, 'chat');
  session.submit({ type: 'user_active' });
  await aborted;
  answer();
  const over = new Promise<void>((resolve) => overs.push(resolve));
  session.subscribe((event) => {
    if (event.type === 'memory_progress' && event.total === undefined) overs.shift()?.();
  });
  while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
  clock.pass(10 * MINUTE);
  await over;
  expect(readFileSync(memoryFolder(someone.home).summary, 'utf8')).toContain(LESSON);
});
