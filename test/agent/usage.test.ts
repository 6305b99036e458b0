import { expect, test } from 'vitest';
import { UsageMeter } from '../../src/agent/usage.ts';
import type { ModelTurn } from '../../src/model/stream.ts';

const turn = (promptTokens: number, evalTokens: number): ModelTurn => ({
  content: '',
  thinking: '',
  toolCalls: [],
  doneReason: 'stop',
  promptTokens,
  evalTokens,
  loadMs: 0,
  promptEvalMs: 0,
  evalMs: 0,
});

test('adds up what the server counted', () => {
  const meter = new UsageMeter();
  meter.record(turn(100, 10), 2);
  meter.record(turn(150, 5), 2);
  const usage = { cachedInputTokens: 0, reasoningOutputTokens: 0 };
  expect([meter.total, meter.last]).toEqual([
    { ...usage, inputTokens: 250, outputTokens: 15 },
    { ...usage, inputTokens: 150, outputTokens: 5 },
  ]);
});

test('a prompt that became shorter by itself has lost something', () => {
  const meter = new UsageMeter();
  expect(meter.record(turn(1000, 10), 2)).toBeUndefined();
  expect(meter.record(turn(300, 10), 2)).toBe(
    'the server read 300 tokens, but 1000 the time before: part of the conversation was lost on the server',
  );
});

test('behind a new message of the user it may be shorter: templates leave out older thinking', () => {
  const meter = new UsageMeter();
  meter.record(turn(1000, 10), 2);
  expect(meter.record(turn(900, 10), 3)).toBeUndefined();
});

test('a server that does not count says nothing', () => {
  const meter = new UsageMeter();
  meter.record(turn(1000, 10), 2);
  expect(meter.record(turn(0, 0), 2)).toBeUndefined();
});
