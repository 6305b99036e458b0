import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ApprovalRequest } from '../../../src/protocol.ts';
import {
  type ApprovalState,
  type ApprovalStep,
  addApproval,
  answerInstead,
  approvalCovered,
  approvalDrawn,
  approvalPasted,
  approvalWakeAt,
  handleApprovalKey,
  removeApproval,
  wakeApproval,
} from '../../../src/tui/overlay/approval.ts';
import { type Key, keyOf } from '../../../src/tui/term/keys.ts';
import { anyKey } from './overlay-screen.ts';

const request = (id: string): ApprovalRequest => ({
  id,
  kind: 'command',
  command: 'npm install',
  cwd: '/home/ada/shop',
  reason: 'it needs the network',
  prefix: ['npm', 'install'],
});

const press = (state: ApprovalState, chord: string, now: number, isComposerEmpty = true): ApprovalStep =>
  handleApprovalKey(state, keyOf(chord), { now, isComposerEmpty });

function stateOf(step: ApprovalStep): ApprovalState {
  if (step.state === undefined) throw new Error('nothing is left');
  return step.state;
}

/** A dialog that opened by itself and was painted at 1000. */
function openAt1000(...ids: string[]): ApprovalState {
  const all = ids.reduce<ApprovalState | undefined>(
    (state, id) => addApproval(state, request(id), 0),
    undefined,
  );
  if (all === undefined) throw new Error('no request');
  return approvalDrawn(wakeApproval(all, { now: 900, isComposerEmpty: true }), 1000);
}

test('nobody types: it opens by itself, and only then', () => {
  const state = addApproval(undefined, request('a'), 500);
  expect(approvalWakeAt(state, true)).toBe(1300);
  expect(approvalWakeAt(state, false)).toBeUndefined();
  expect(wakeApproval(state, { now: 1299, isComposerEmpty: true })).toBe(state);
  expect(wakeApproval(state, { now: 5000, isComposerEmpty: false })).toBe(state);
  const open = wakeApproval(state, { now: 1300, isComposerEmpty: true });
  expect(open.phase).toBe('open');
  expect(approvalWakeAt(open, true)).toBeUndefined();
});

test('no key ever came: it opens at once', () => {
  const state = addApproval(undefined, request('a'), undefined);
  expect(wakeApproval(state, { now: 3, isComposerEmpty: true }).phase).toBe('open');
});

test('typed text goes to the composer and makes an open dialog step back', () => {
  const step = press(openAt1000('a'), 'y', 9000);
  expect({ type: step.type, phase: stateOf(step).phase }).toEqual({ type: 'passed', phase: 'waiting' });
  expect(approvalWakeAt(stateOf(step), true)).toBe(9800);
  const pasted = approvalPasted(openAt1000('a'), 9000);
  expect({ phase: pasted.phase, wakeAt: approvalWakeAt(pasted, true) }).toEqual({
    phase: 'waiting',
    wakeAt: 9800,
  });
});

test('a digit on an open dialog selects its option, and is the composer’s if it begins a message', () => {
  const step = press(openAt1000('a'), '4', 9000);
  expect([step.type, stateOf(step).phase, stateOf(step).selected]).toEqual(['passed', 'open', 3]);
  const env = { now: 9900, isComposerEmpty: false, draft: '4' };
  expect(handleApprovalKey(stateOf(step), keyOf('enter'), env)).toEqual({
    type: 'kept',
    state: expect.objectContaining({ phase: 'instead' }),
  });
  const stop = handleApprovalKey(stateOf(press(openAt1000('a'), '5', 9000)), keyOf('enter'), {
    ...env,
    draft: '5',
  });
  expect(stop).toEqual({
    type: 'answered',
    id: 'a',
    answer: { type: 'stop' },
    state: undefined,
    takesDraft: true,
  });
  const soon = handleApprovalKey(stateOf(step), keyOf('enter'), { ...env, now: 9100 });
  expect([soon.type, stateOf(soon).selected]).toEqual(['kept', 3]);
  const more = handleApprovalKey(stateOf(step), keyOf('x'), env);
  expect([more.type, stateOf(more).phase]).toEqual(['passed', 'waiting']);
  for (const [chord, now] of [
    ['4', 1200],
    ['6', 9000],
    ['0', 9000],
  ] as const)
    expect(stateOf(press(openAt1000('a'), chord, now)).phase).toBe('waiting');
});

test('keys count only once the dialog has been seen', () => {
  const unseen = wakeApproval(addApproval(undefined, request('a'), 0), { now: 900, isComposerEmpty: true });
  for (const chord of ['enter', 'escape', 'down', 'ctrl+c']) {
    expect(press(unseen, chord, 99_000).type).toBe('kept');
    expect(press(openAt1000('a'), chord, 1299).type).toBe('kept');
  }
  expect(press(openAt1000('a'), 'enter', 1300)).toEqual({
    type: 'answered',
    id: 'a',
    answer: { type: 'once' },
    state: undefined,
  });
});

test.each([
  [['enter'], { type: 'once' }],
  [['down', 'enter'], { type: 'session' }],
  [['down', 'down', 'enter'], { type: 'prefix' }],
  [['up', 'enter'], { type: 'stop' }],
  [['escape'], { type: 'no' }],
  [['ctrl+c'], { type: 'stop' }],
])('%j answers %j', (chords, answer) => {
  let step: ApprovalStep = { type: 'kept', state: openAt1000('a') };
  for (const [index, chord] of chords.entries()) step = press(stateOf(step), chord, 2000 + index);
  expect(step).toEqual({ type: 'answered', id: 'a', answer, state: undefined });
});

test('a held Enter opens but does not answer', () => {
  let state = approvalDrawn(addApproval(undefined, request('a'), 100), 500);
  const opened = press(state, 'enter', 899);
  expect({ type: opened.type, phase: stateOf(opened).phase }).toEqual({ type: 'kept', phase: 'open' });
  state = approvalDrawn(stateOf(opened), 910);
  for (let now = 1400; now < 4000; now += 30) {
    const step = press(state, 'enter', now);
    expect(step.type).toBe('kept');
    state = stateOf(step);
  }
  expect(press(state, 'enter', 4780).type).toBe('answered');
});

test('Tab opens over a draft, but only when the line that says so has been seen', () => {
  const state = addApproval(undefined, request('a'), 100);
  expect(press(state, 'tab', 5000, false).type).toBe('passed');
  expect(press(approvalDrawn(state, 4900), 'tab', 5000, false).type).toBe('passed');
  const opened = press(approvalDrawn(state, 4000), 'tab', 5000, false);
  expect(stateOf(opened).phase).toBe('open');
  expect(press(approvalDrawn(stateOf(opened), 5010), 'enter', 5400, false).type).toBe('answered');
});

test('Enter after typed text is not fresh, and one on a draft is the composer’s', () => {
  const state = approvalDrawn(addApproval(undefined, request('a'), 4900), 1000);
  expect(press(state, 'enter', 5000).type).toBe('passed');
  expect(press(state, 'enter', 5600, false).type).toBe('passed');
  expect(stateOf(press(state, 'enter', 5600)).phase).toBe('open');
});

test('no, and what to do instead, goes by way of the composer', () => {
  const state = openAt1000('a', 'b');
  const chosen = ['down', 'down', 'down', 'enter'].reduce<ApprovalState>(
    (at, chord, index) => stateOf(press(at, chord, 2000 + index)),
    state,
  );
  expect(chosen.phase).toBe('instead');
  expect(approvalWakeAt(chosen, true)).toBeUndefined();
  expect(press(chosen, 'enter', 3000, false).type).toBe('passed');
  expect(stateOf(press(chosen, 'escape', 3000)).phase).toBe('open');
  const step = answerInstead(chosen, ' use pnpm\n');
  expect({ ...step, state: stateOf(step).requests.map(({ id }) => id) }).toEqual({
    type: 'answered',
    id: 'a',
    answer: { type: 'no', instead: 'use pnpm' },
    state: ['b'],
  });
  expect(stateOf(step).phase).toBe('waiting');
});

test('Escape, held down, goes back to the question and does not answer it', () => {
  const chosen = { ...openAt1000('a'), phase: 'instead' as const };
  let state = approvalDrawn(stateOf(press(chosen, 'escape', 2000)), 2010);
  for (let now = 2500; now < 4000; now += 30) state = stateOf(press(state, 'escape', now));
  expect(state.requests).toHaveLength(1);
});

test('the next request has to be seen before it is answered', () => {
  const first = press(openAt1000('a', 'b'), 'enter', 2000);
  expect(first).toMatchObject({ type: 'answered', id: 'a', answer: { type: 'once' } });
  const second = stateOf(first);
  expect({ phase: second.phase, answered: second.answered }).toEqual({ phase: 'open', answered: 1 });
  expect(press(second, 'enter', 9000).type).toBe('kept');
  expect(press(approvalDrawn(second, 2010), 'enter', 2400).type).toBe('kept');
  expect(press(approvalDrawn(second, 2010), 'enter', 2800).type).toBe('answered');
});

test('what covered the dialog is closed by a key that does not answer', () => {
  const back = approvalCovered(openAt1000('a'), 5000);
  expect({ phase: back.phase, wakeAt: approvalWakeAt(back, true) }).toEqual({
    phase: 'waiting',
    wakeAt: 5800,
  });
  expect(press(back, 'enter', 5050).type).toBe('passed');
  expect(press(approvalDrawn(back, 5010), 'enter', 5200).type).toBe('passed');
});

test('a request that is answered elsewhere is taken out', () => {
  const state = openAt1000('a', 'b', 'c');
  expect(removeApproval(state, 'b')?.requests.map(({ id }) => id)).toEqual(['a', 'c']);
  const next = removeApproval(state, 'a');
  expect({ ids: next?.requests.map(({ id }) => id), drawnAt: next?.guard.drawnAt }).toEqual({
    ids: ['b', 'c'],
    drawnAt: undefined,
  });
  expect(removeApproval(openAt1000('a'), 'a')).toBeUndefined();
  expect(removeApproval(openAt1000('a'), 'x')?.requests).toHaveLength(1);
  expect(removeApproval(undefined, 'a')).toBeUndefined();
});

/** What happens in a session: keys, requests and pictures, in any order. `wait` is the time before. */
type Happening =
  | { readonly type: 'key'; readonly key: Key; readonly wait: number }
  | { readonly type: 'request'; readonly wait: number }
  | { readonly type: 'drawn'; readonly wait: number };

const wait = fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 3000 }));
const typing = fc.constantFrom('f', '1', 'y', ' ', 'enter', 'backspace', 'é', '2', 'n').map(keyOf);
const happening = (keys: fc.Arbitrary<Key>): fc.Arbitrary<Happening> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ type: fc.constant('key' as const), key: keys, wait }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('request' as const), wait }) },
    {
      weight: 4,
      arbitrary: fc.record({ type: fc.constant('drawn' as const), wait: fc.integer({ min: 0, max: 40 }) }),
    },
  );

/** Plays it with a composer that takes text, Backspace, and Enter where it holds text. */
function play(
  happenings: readonly Happening[],
  onStep: (key: Key, step: ApprovalStep, draft: string) => void,
): string {
  let state: ApprovalState | undefined;
  let [now, draft, sent, count, keyAt]: [number, string, string, number, number | undefined] = [
    0,
    '',
    '',
    0,
    undefined,
  ];
  const wake = (until: number): void => {
    const at = state === undefined ? undefined : approvalWakeAt(state, draft === '');
    if (state === undefined || at === undefined || at > until) return;
    state = wakeApproval(state, { now: Math.max(at, now), isComposerEmpty: draft === '' });
  };
  for (const happening of happenings) {
    wake(now + happening.wait);
    now += happening.wait;
    if (happening.type === 'request') {
      count += 1;
      state = addApproval(state, request(`r${count}`), keyAt);
    } else if (happening.type === 'drawn') {
      if (state !== undefined) state = approvalDrawn(state, now);
    } else {
      const { key } = happening;
      keyAt = now;
      const step: ApprovalStep | undefined =
        state === undefined
          ? undefined
          : handleApprovalKey(state, key, { now, isComposerEmpty: draft === '' });
      if (step !== undefined) onStep(key, step, draft);
      state = step?.state;
      if (step === undefined || step.type === 'passed') {
        if (key.name === 'text') draft += key.text;
        if (key.name === 'backspace') draft = draft.slice(0, -1);
        if (key.name === 'enter' && draft !== '') [sent, draft] = [`${sent}${draft}\n`, ''];
      }
    }
  }
  return sent + draft;
}

test('whatever comes when: text never answers and is never lost, and no answer comes soon after text', () => {
  fc.assert(
    fc.property(fc.array(happening(fc.oneof(typing, anyKey)), { maxLength: 60 }), (happenings) => {
      play(happenings, (key, step) => {
        if (key.name === 'text') expect(step.type).toBe('passed');
        if (step.type === 'answered') expect(key.name).toMatch(/^(?:enter|escape|char)$/);
      });
    }),
    { numRuns: 1000 },
  );
});

test('someone who writes a message and sends it answers nothing by that, and loses nothing', () => {
  const message = fc
    .array(fc.record({ wait, key: fc.constantFrom('f', '1', 'y', 'é', ' ').map(keyOf) }), {
      minLength: 1,
      maxLength: 12,
    })
    // A lone digit is no message.
    .filter((keys) => keys.length > 1 || keys[0]?.key.text !== '1')
    .chain((keys) =>
      wait.map((pause): Happening[] => [
        ...keys.map((each) => ({ type: 'key' as const, ...each })),
        { type: 'key', key: keyOf('enter'), wait: pause },
      ]),
    );
  const session = fc
    .array(
      fc.oneof(
        message,
        happening(typing)
          .filter(({ type }) => type !== 'key')
          .map((each) => [each]),
      ),
      { maxLength: 30 },
    )
    .chain((parts) => fc.constant(parts.flat()));
  fc.assert(
    fc.property(session, (happenings) => {
      const typed = happenings
        .map((each) => (each.type === 'key' ? (each.key.name === 'enter' ? '\n' : each.key.text) : ''))
        .join('');
      const got = play(happenings, (_key, step) => expect(step.type).toBe('passed'));
      expect(got).toBe(typed);
    }),
    { numRuns: 1000 },
  );
});
