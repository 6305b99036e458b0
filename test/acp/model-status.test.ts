import type { SessionUpdate } from '@agentclientprotocol/sdk';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ModelStatus } from '../../src/acp/model-status.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watched() {
  const sent: SessionUpdate[] = [];
  const status = new ModelStatus((update) => sent.push(update));
  const titles = (): unknown[] =>
    sent.map((update) => [
      update.sessionUpdate,
      'title' in update && update.title,
      'status' in update && update.status,
    ]);
  return { status, titles };
}

test('loading and reading are one call, with share and seconds, closed by the answer', () => {
  const { status, titles } = watched();
  status.handle({ type: 'model_phase', phase: 'waiting' });
  status.handle({ type: 'model_phase', phase: 'loading', detail: 'qwen3:8b' });
  vi.advanceTimersByTime(4_000);
  status.handle({ type: 'model_phase', phase: 'reading', newTokens: 9_120, remainingMs: 8_000 });
  vi.advanceTimersByTime(4_000);
  status.handle({ type: 'model_phase', phase: 'thinking' });
  status.handle({ type: 'model_phase', phase: 'writing' });
  const open = 'in_progress';
  expect(titles()).toEqual([
    ['tool_call', 'Loading qwen3:8b (2s)', open],
    ['tool_call_update', 'Loading qwen3:8b (4s)', open],
    ['tool_call_update', 'Loaded qwen3:8b in 4s, reading 9,120 tokens: 25 %, 6s left', open],
    ['tool_call_update', 'Loaded qwen3:8b in 4s, reading 9,120 tokens: 50 %, 4s left', open],
    ['tool_call_update', 'Loaded qwen3:8b in 4s, read 9,120 tokens in 4s', 'completed'],
  ]);
  expect(vi.getTimerCount()).toBe(0);
});

test('a short wait is not shown', () => {
  const { status, titles } = watched();
  status.handle({ type: 'model_phase', phase: 'reading', newTokens: 100, remainingMs: 900 });
  vi.advanceTimersByTime(1_900);
  status.end();
  vi.advanceTimersByTime(60_000);
  expect(titles()).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});
