import { expect, test } from 'vitest';
import type { Event } from '../../../src/protocol.ts';
import { SessionState } from '../../../src/tui/screen/session-state.ts';
import { READY } from '../../support/tui.ts';
import {
  asks,
  begins,
  call,
  command,
  delta,
  ends,
  phase,
  TURN,
  TURN_DONE,
  thinking,
  tokens,
} from '../../support/tui-events.ts';

function stateAfter(...events: readonly (readonly [ms: number, event: Event])[]): SessionState {
  const state = new SessionState({ mode: 'workspace-write', approval: 'on-request' });
  for (const [ms, event] of events) state.handle(event, ms);
  return state;
}

test('what is configured, and what was used of the window', () => {
  const [, configured] = READY;
  if (configured === undefined) throw new Error('no event');
  const state = stateAfter([0, configured], [1, tokens(1_000, 20, true)]);
  expect({ model: state.model, window: state.window, total: state.total?.inputTokens }).toEqual({
    model: 'qwen3:8b',
    window: { used: 1_020, size: 32_768, isEstimated: true },
    total: 1_000,
  });
  state.handle({ ...configured, model: 'devstral' } as Event, 2);
  expect({ model: state.model, used: state.window?.used }).toEqual({ model: 'devstral', used: 1_020 });
  state.handle({ ...configured, threadId: 'another' } as Event, 3);
  expect({ used: state.window?.used, total: state.total }).toEqual({ used: 0, total: undefined });
});

test('how a model thinks, until another one is there', () => {
  const [, configured] = READY;
  if (configured?.type !== 'session_configured') throw new Error('no event');
  const thinks = { effort: 'on', most: 4_096 };
  const state = stateAfter([0, { ...configured, thinking: thinks }]);
  expect(state.thinking).toEqual(thinks);
  state.handle({ ...configured, model: 'devstral' }, 1);
  expect(state.thinking).toBeUndefined();
});

test('before the first answer the use of the window is estimated from what is read', () => {
  const reading = (newTokens: number): Event => ({ type: 'model_phase', phase: 'reading', newTokens });
  const [, configured] = READY;
  if (configured === undefined) throw new Error('no event');
  const state = stateAfter([0, configured], [1, TURN], [2, reading(1_500)]);
  expect(state.window).toEqual({ used: 1_500, size: 32_768, isEstimated: true });
  state.handle(tokens(1_000, 20, false), 3);
  state.handle(reading(80), 4);
  expect(state.window).toEqual({ used: 1_020, size: 32_768, isEstimated: false });
});

test('a model is led from the start, or from the middle of a turn on, until another one is there', () => {
  const [, configured] = READY;
  if (configured?.type !== 'session_configured') throw new Error('no event');
  const told: readonly Event[] = [
    configured,
    TURN,
    { type: 'model_led' },
    TURN_DONE,
    { ...configured, model: 'devstral' },
    { ...configured, isLed: true },
  ];
  const state = new SessionState({ mode: 'workspace-write', approval: 'on-request' });
  const seen = told.map((event, now) => {
    state.handle(event, now);
    return state.isLed;
  });
  expect(seen).toEqual([false, false, true, true, false, true]);
});

test('a turn: what the model does, what runs, and what is asked comes before it', () => {
  const shell = command('npm test');
  const read = call('read_file', { path: 'a' });
  const state = stateAfter([0, TURN]);
  const seen: unknown[] = [];
  const after = (ms: number, event: Event): void => {
    state.handle(event, ms);
    seen.push(state.turn?.activity);
  };
  after(1, phase('reading', { newTokens: 9 }));
  after(2, begins(shell));
  after(3, begins(read));
  after(4, ends(read));
  after(5, asks({ id: 'a' }));
  after(6, asks({ id: 'b' }));
  after(7, phase('writing'));
  after(8, { type: 'approval_resolved', id: 'a', answer: { type: 'once' } });
  after(9, { type: 'approval_resolved', id: 'b', answer: { type: 'once' } });
  after(10, ends(shell));
  after(11, TURN_DONE);
  expect(seen).toEqual([
    { kind: 'model', phase: 'reading', newTokens: 9, since: 1 },
    { kind: 'command', since: 2 },
    { kind: 'tool', tool: 'read_file', since: 3 },
    { kind: 'command', since: 2 },
    { kind: 'approval', since: 5 },
    { kind: 'approval', since: 6 },
    { kind: 'approval', since: 6 },
    { kind: 'approval', since: 6 },
    { kind: 'command', since: 2 },
    { kind: 'model', phase: 'waiting', since: 10 },
    undefined,
  ]);
});

test('the time of a turn is without that of its questions', () => {
  const state = stateAfter(
    [0, TURN],
    [1_000, asks({ id: 'a' })],
    [5_000, asks({ id: 'b' })],
    [8_000, { type: 'approval_resolved', id: 'a', answer: { type: 'once' } }],
    [11_000, { type: 'approval_resolved', id: 'b', answer: { type: 'once' } }],
  );
  expect(state.turn?.timer.elapsed(12_500)).toBe(2_500);
});

test('a command of the user runs beside a turn and is not what the turn does', () => {
  const own = command('sleep 9', { source: 'user' });
  const state = stateAfter([0, TURN], [1, phase('writing')], [2, begins(own)]);
  expect({ turn: state.turn?.activity.kind, own: state.ownCommand }).toEqual({
    turn: 'model',
    own: { kind: 'command', since: 2 },
  });
  state.handle(TURN_DONE, 3);
  expect(state.ownCommand).toEqual({ kind: 'command', since: 2 });
  state.handle(ends(own), 4);
  expect(state.ownCommand).toBe(undefined);
});

test('the speed is that of what the model says, not of the output of commands', () => {
  const thought = thinking('');
  const shell = command('yes');
  const state = stateAfter([0, TURN], [0, phase('thinking')], [0, begins(shell)]);
  for (let ms = 0; ms < 2_000; ms += 10) state.handle(delta(shell, 'y\n'), ms);
  expect(state.tokensPerSecond).toBe(undefined);
  for (let ms = 0; ms <= 2_000; ms += 20) state.handle(delta(thought, 'so '), ms);
  expect(state.tokensPerSecond).toBe(50);
  state.handle(phase('waiting'), 2_100);
  expect(state.tokensPerSecond).toBe(undefined);
});

test('the first reading of the index is known until all of it can be searched', () => {
  const state = stateAfter([0, { type: 'index_progress', done: 10, total: 200 }]);
  expect(state.indexing).toMatchObject({ done: 10, total: 200 });
  state.handle({ type: 'index_progress', done: 200, total: 200 }, 1);
  expect(state.indexing).toBe(undefined);
});

test('what is held back has a rate: the first report only begins it', () => {
  const held = (pieces: number): Event => ({
    type: 'model_phase',
    phase: 'writing',
    detail: 'writing a call',
    pieces,
  });
  const state = stateAfter([0, TURN], [10, held(40)], [5_010, held(50)]);
  expect(state.tokensPerSecond).toBe(10);
  expect(state.turn?.activity).toEqual({
    ...{ kind: 'model', phase: 'writing', detail: 'writing a call' },
    since: 5_010,
  });
});
