/** A model that others use too: the window of a session follows theirs between turns, if it is enough. */
import { expect, test } from 'vitest';
import { SharedModel } from '../../src/agent/shared-model.ts';
import type { ChatSettings } from '../../src/model/server.ts';
import type { Event } from '../../src/protocol.ts';

const SIGNAL = new AbortController().signal;

function counted(loadMs: number): Event {
  const usage = { inputTokens: 1, cachedInputTokens: 0, outputTokens: 1, reasoningOutputTokens: 0 };
  const timing = { loadMs, readMs: 1, writeMs: 1 };
  return { type: 'token_count', total: usage, last: usage, numCtx: 1, estimated: false, timing };
}

/** A session with a window of 32,768 tokens; `theirs` is what the server has loaded. */
function session(theirs: () => number | undefined, leastCtx: number | undefined = 8192) {
  const told: string[] = [];
  const asked: string[] = [];
  let numCtx = 32_768;
  const loaded = async (model: string) => {
    asked.push(model);
    const window = theirs();
    return window === undefined ? undefined : { numCtx: window, size: 1, sizeVram: 1 };
  };
  const shared = new SharedModel({
    client: { loaded, host: 'http://h' },
    home: undefined,
    warn: (message) => told.push(message),
  });
  const settings = {
    model: 'base',
    get numCtx() {
      return numCtx;
    },
    leastCtx,
    adopt: (window: number) => {
      numCtx = window;
    },
  } as ChatSettings;
  const look = (used: number) => shared.look(settings, () => used, SIGNAL);
  return { shared, look, told, asked, window: () => numCtx };
}

test('without a sign of others nothing is asked', () => {
  const { shared, look, asked } = session(() => 4096);
  shared.hear(counted(5_000));
  shared.hear(counted(0));
  shared.hear(counted(20));
  expect([look(100), asked]).toEqual([undefined, []]);
});

test('a model that had to be loaded again: a window that is enough is used, and said once', async () => {
  const { shared, look, told, window } = session(() => 16_384);
  shared.hear(counted(0));
  shared.hear(counted(300));
  expect(await look(5_000)).toBe(true);
  expect(window()).toBe(16_384);
  expect(told).toEqual([
    'others have loaded base with 16,384 tokens: that window is used from now on instead of 32,768, so that nobody has to load it again',
  ]);
  expect(await look(5_000)).toBe(false);
  expect(told).toHaveLength(1);
});

test.each([
  ['smaller than what is enough', 4096, 8192, 100],
  ['too small for the conversation', 16_384, 8192, 12_288],
  ['smaller than what the user has set', 16_384, 32_768, 100],
])('a window that is %s is not used, and said once', async (_, theirs, least, used) => {
  const { shared, look, told, window } = session(() => theirs, least);
  shared.hear(counted(0));
  shared.hear(counted(300));
  expect([await look(used), await look(used), window()]).toEqual([false, false, 32_768]);
  expect(told).toEqual([expect.stringContaining('which is too little here')]);
});

test('a server that has nothing loaded, the same, or gives no answer changes nothing', async () => {
  for (const theirs of [
    () => undefined,
    () => 32_768,
    () => {
      throw new Error('down');
    },
  ]) {
    const { shared, look, told, window } = session(theirs);
    shared.hear(counted(0));
    shared.hear(counted(300));
    expect([await look(100), window(), told]).toEqual([false, 32_768, []]);
  }
});

test('with another model it is said again that a window is too small', async () => {
  const { shared, look, told } = session(() => 4096);
  const contested = () => {
    shared.hear(counted(0));
    shared.hear(counted(300));
  };
  contested();
  await look(100);
  shared.again();
  contested();
  await look(100);
  expect(told).toHaveLength(2);
});
