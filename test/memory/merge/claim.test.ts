import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { execa } from 'execa';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { ModelError } from '../../../src/model/errors.ts';
import { processStat } from '../../../src/system/process-stat.ts';
import { MergeModel, mergeAnswer } from './merge-model.ts';
import { Merging, NOW } from './merge-store.ts';

const HOUR = 3_600_000;
const A = 'The port of the server is 8080';

afterEach(() => {
  vi.useRealTimers();
});

/** A model that answers when the test says so. */
function held(): {
  readonly model: MergeModel;
  readonly asked: Promise<AbortSignal>;
  readonly answer: () => void;
} {
  const asking = Promise.withResolvers<AbortSignal>();
  const answering = Promise.withResolvers<void>();
  const model = new MergeModel(async ({ text }, signal) => {
    asking.resolve(signal);
    await new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      void answering.promise.then(resolve);
    });
    return mergeAnswer(text);
  });
  return { model, asked: asking.promise, answer: () => answering.resolve() };
}

test('while one process asks, another is told so; it is busy until the lease is over, to the millisecond', async () => {
  const merging = new Merging();
  merging.put('t1', `- ${A}`);
  const { model, asked, answer } = held();
  const other = merging.model;
  merging.model = model;
  const first = merging.step();
  await asked;
  expect(merging.job()).toMatchObject({ status: 'running', lease_until: NOW + HOUR, retry_at: null });
  merging.model = other;
  merging.now += HOUR - 1;
  expect(await merging.step()).toEqual({ state: 'busy' });
  merging.now += 1;
  expect(await merging.step()).toMatchObject({ state: 'more' });
  expect(other.asked.length).toBe(1);
  // The first one has slept through its lease: it writes nothing.
  answer();
  expect(await first).toEqual({ state: 'busy' });
  expect(merging.lines()).toEqual([`${A} [/work/app] t1`]);
  expect(await merging.merge()).toEqual({ state: 'idle' });
});

test('a heartbeat every 90 seconds keeps the lease; a lost claim ends the question', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const merging = new Merging();
  merging.put('t1', `- ${A}`);
  const { model, asked } = held();
  merging.model = model;
  const step = merging.step();
  const signal = await asked;
  merging.now += 90_000;
  vi.advanceTimersByTime(89_999);
  expect(merging.job().lease_until).toBe(NOW + HOUR);
  vi.advanceTimersByTime(1);
  expect(merging.job().lease_until).toBe(NOW + 90_000 + HOUR);
  merging.store.exec(`UPDATE jobs SET token = 'of another process'`);
  expect(signal.aborted).toBe(false);
  vi.advanceTimersByTime(90_000);
  expect(signal.aborted).toBe(true);
  expect(await step).toEqual({ state: 'busy' });
  expect(merging.lines()).toEqual([]);
  expect(merging.job()).toMatchObject({ status: 'running', token: 'of another process' });
  expect(vi.getTimerCount()).toBe(0);
});

test('an abort gives the claim back at once and keeps what was merged', async () => {
  const merging = new Merging();
  merging.put('t1', `- ${A}`, 5);
  merging.put('t2', '- The language of the app is TypeScript', 1);
  await merging.step();
  const { model, asked } = held();
  const other = merging.model;
  merging.model = model;
  const abort = new AbortController();
  const step = merging.step(abort.signal);
  await asked;
  abort.abort(new Error('a key was pressed'));
  await expect(step).rejects.toThrow('a key was pressed');
  expect(merging.job()).toMatchObject({ status: 'done', token: null, lease_until: null, retries_left: 3 });
  expect(merging.lines()).toEqual([`${A} [/work/app] t1`]);
  await expect(merging.step(abort.signal)).rejects.toThrow('a key was pressed');
  merging.model = other;
  await merging.merge();
  expect(merging.lines()).toEqual([
    `${A} [/work/app] t1`,
    'The language of the app is TypeScript [/work/app] t2',
  ]);
});

test('after a failure it is tried again in an hour; after three of them the words decide, until an answer comes', async () => {
  const merging = new Merging();
  merging.put('t1', `- ${A}`, 5);
  merging.put('t2', '- preference: The user wants short answers', 4);
  merging.put('t3', '- The language of the app is TypeScript', 3);
  const good = merging.model;
  const bad = new MergeModel(() => {
    throw new ModelError('no answer', 'retry');
  });
  merging.model = bad;
  for (const left of [2, 1, 0]) {
    expect(await merging.step()).toEqual({ state: 'idle', problem: 'no answer' });
    expect(merging.job()).toMatchObject({
      status: 'failed',
      token: null,
      retries_left: left,
      retry_at: merging.now + HOUR,
      error: 'no answer',
    });
    const asked = bad.asked.length;
    merging.now += HOUR - 1;
    expect(await merging.step()).toEqual({ state: 'idle', problem: 'no answer' });
    expect(bad.asked.length).toBe(asked);
    merging.now += 1;
  }
  expect(await merging.step()).toMatchObject({ state: 'more' });
  expect(await merging.step()).toMatchObject({ state: 'more' });
  expect(bad.asked.length).toBe(5);
  expect(merging.job()).toMatchObject({ status: 'done', retries_left: 0 });
  merging.model = good;
  await merging.merge();
  expect(merging.job()).toMatchObject({ status: 'done', retries_left: 3, error: null });
  expect(merging.entries().map(({ text, kind, topic, weight }) => [text, kind, topic, weight])).toEqual([
    [A, 'fact', 'structure', 1],
    ['The user wants short answers', 'preference', 'ways of working', 1],
    ['The language of the app is TypeScript', 'fact', 'structure', 2],
  ]);
});

test('a server that is away uses up no retry', async () => {
  const merging = new Merging();
  merging.put('t1', `- ${A}`);
  const good = merging.model;
  merging.model = new MergeModel(() => {
    throw new ModelError('Ollama is not running', 'wait');
  });
  for (let tries = 0; tries < 5; tries += 1)
    expect(await merging.step()).toEqual({ state: 'busy', problem: 'Ollama is not running' });
  expect(merging.job()).toMatchObject({ status: 'done', token: null, retry_at: null, retries_left: 3 });
  merging.model = good;
  expect(await merging.merge()).toEqual({ state: 'idle' });
  expect(merging.lines()).toEqual([`${A} [/work/app] t1`]);
});

test('an answer that is not JSON is asked for once more, then the words decide', async () => {
  const merging = new Merging();
  merging.put('t1', `- ${A}`);
  merging.model = new MergeModel(() => JSON.parse('{"A":'));
  expect(await merging.step()).toMatchObject({ state: 'more' });
  expect(merging.model.asked.length).toBe(2);
  expect(merging.job()).toMatchObject({ status: 'done', retries_left: 3 });
  expect(merging.lines()).toEqual([`${A} [/work/app] t1`]);
});

test('a question that does not fit the window is asked with half of the lines', async () => {
  const merging = new Merging();
  const lines = [1, 2, 3, 4, 5].map((part) => `The colour of part ${part} is red`);
  merging.put('t1', lines.join('\n'));
  merging.model = new MergeModel(({ text }) => {
    if (text.includes('C. ')) throw new ModelError('too long', 'compact');
    return mergeAnswer(text);
  });
  await merging.merge();
  expect(merging.model.asked.length).toBe(2);
  expect(merging.entries().map(({ text, weight }) => [text, weight])).toEqual(
    lines.map((line, at) => [line, at < 2 ? 2 : 1]),
  );
});

const tick = (): Promise<void> => wait(2);

const RECORDS = 24;
const PROCESSES = 4;
const KILLS = 6;

function fillRecords(merging: Merging): void {
  for (let at = 0; at < RECORDS; at += 1) {
    const thread = `t${String(at).padStart(2, '0')}`;
    merging.put(
      thread,
      `- The port of server ${at % 5} is ${at}\n- The size of part ${at} is ${at}`,
      RECORDS - at,
    );
  }
}

test('four processes and kills: never two at once, nothing lost, nothing done twice', async () => {
  const [merging, whole] = [new Merging(), new Merging()];
  fillRecords(merging);
  fillRecords(whole);
  await whole.merge();

  const [clock, log] = ['clock', 'log'].map((name) => path.join(merging.home, name)) as [string, string];
  let now = NOW;
  const setClock = (): void => {
    writeFileSync(`${clock}.new`, String(now));
    renameSync(`${clock}.new`, clock);
  };
  setClock();
  writeFileSync(log, '');
  const events = (): string[] => readFileSync(log, 'utf8').split('\n').slice(0, -1);
  /** The process that asks the model at this moment. */
  const asking = (): number => {
    const [what, pid] = events().at(-1)?.split(' ') ?? [];
    return what === 'begin' ? Number(pid) : 0;
  };
  const start = () => {
    const preload = path.resolve('test/support/raw-imports.mjs');
    const worker = path.join(import.meta.dirname, 'merge-worker.ts');
    const args = ['--no-warnings', '--import', preload, worker, merging.home, clock, log];
    const child = execa(process.execPath, args, { reject: false, forceKillAfterDelay: false });
    onTestFinished(() => void child.kill('SIGKILL'));
    return child;
  };

  const children = Array.from({ length: PROCESSES }, start);
  for (let kills = 0; kills < KILLS; ) {
    const child = children.find(({ pid }) => pid === asking());
    if (child === undefined) {
      await tick();
      continue;
    }
    // Stopped first, so that it is certain that it holds the claim when it dies.
    child.kill('SIGSTOP');
    while (!['T', undefined].includes(processStat(child.pid ?? 0)[0])) await tick();
    if (asking() !== child.pid) {
      child.kill('SIGCONT');
      continue;
    }
    child.kill('SIGKILL');
    await child;
    writeFileSync(log, `killed ${child.pid}\n`, { flag: 'a' });
    kills += 1;
    now += HOUR;
    setClock();
    children.splice(children.indexOf(child), 1, start());
  }
  const ends = await Promise.all(children);
  expect(ends.map(({ exitCode, stderr }) => ({ exitCode, stderr }))).toEqual(
    Array.from({ length: PROCESSES }, () => ({ exitCode: 0, stderr: '' })),
  );

  let owner = '';
  for (const event of events()) {
    const [what, pid = ''] = event.split(' ');
    if (what === 'begin') {
      expect(owner).toBe('');
      owner = pid;
    } else if (owner === pid) owner = '';
    else expect(what).toBe('killed');
  }
  expect(merging.entries()).toEqual(whole.entries());
  expect(merging.lines().length).toBe(RECORDS * 2);
});
