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
  meter.record(turn(100, 10));
  meter.record(turn(150, 5));
  const usage = { cachedInputTokens: 0, reasoningOutputTokens: 0 };
  expect([meter.total, meter.last]).toEqual([
    { ...usage, inputTokens: 250, outputTokens: 15 },
    { ...usage, inputTokens: 150, outputTokens: 5 },
  ]);
});
