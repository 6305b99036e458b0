import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SilenceWatch } from '../../../src/cli/exec/silence.ts';
import type { Event, Item } from '../../../src/protocol.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const WORKING: Event = { type: 'model_phase', phase: 'waiting' };
const DELTA: Event = { type: 'item_delta', itemId: 'i1', text: 'x' };
const command: Item = {
  type: 'command_execution',
  id: 'i2',
  command: 'sleep',
  cwd: '/',
  output: '',
  exitCode: null,
  durationMs: 0,
  status: 'in_progress',
};

/** What is said within `seconds` behind the events. */
function said(seconds: number, ...events: Event[]): number[] {
  const heard: number[] = [];
  const watch = new SilenceWatch((at) => heard.push(at));
  for (const event of events) watch.handle(event);
  vi.advanceTimersByTime(seconds * 1000);
  watch.stop();
  return heard;
}

test('a silent model is spoken of every half minute', () => {
  expect(said(29, WORKING)).toEqual([]);
  expect(said(95, WORKING)).toEqual([30, 60, 90]);
  expect(said(65, WORKING, DELTA)).toEqual([30, 60]);
});

test('a silent command is not, and nothing is said behind the end', () => {
  expect(said(95, WORKING, { type: 'item_started', item: command }, DELTA)).toEqual([]);
  expect(said(95, WORKING, { type: 'turn_aborted', turnId: 't' })).toEqual([]);
});
