import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ApprovalDesk } from '../../src/agent/questions.ts';
import type { ApprovalAnswer, ApprovalRequest } from '../../src/protocol.ts';

const request = (id: string): ApprovalRequest => ({
  id,
  kind: 'command',
  command: 'make',
  cwd: '/w',
  reason: 'it asks',
});

test('an answer reaches its request, once', async () => {
  const desk = new ApprovalDesk();
  const { signal } = new AbortController();
  const first = desk.ask(request('a'), signal);
  const second = desk.ask(request('b'), signal);
  expect(desk.answer('b', { type: 'no', instead: 'use npm' })).toBe(true);
  expect(desk.answer('b', { type: 'once' })).toBe(false);
  expect(desk.answer('c', { type: 'once' })).toBe(false);
  expect(desk.answer('a', { type: 'session' })).toBe(true);
  expect(await Promise.all([first, second])).toEqual([
    { type: 'session' },
    { type: 'no', instead: 'use npm' },
  ]);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('an abort answers stop, before and while it waits; later answers are refused', async () => {
  const desk = new ApprovalDesk();
  const controller = new AbortController();
  const waiting = desk.ask(request('a'), controller.signal);
  controller.abort();
  expect(await waiting).toEqual({ type: 'stop' });
  expect(await desk.ask(request('b'), controller.signal)).toEqual({ type: 'stop' });
  expect(desk.answer('a', { type: 'once' })).toBe(false);
  expect(desk.answer('b', { type: 'once' })).toBe(false);
});

test('an id that waits cannot be asked again, and can once it is answered', async () => {
  const desk = new ApprovalDesk();
  const { signal } = new AbortController();
  const first = desk.ask(request('a'), signal);
  expect(() => desk.ask(request('a'), signal)).toThrow('approval request a is already waiting');
  desk.answer('a', { type: 'once' });
  const again = desk.ask(request('a'), signal);
  desk.answer('a', { type: 'no' });
  expect(await Promise.all([first, again])).toEqual([{ type: 'once' }, { type: 'no' }]);
});

const COUNT = 4;
const index = fc.nat({ max: COUNT - 1 });
const step = fc.oneof(
  fc.record({ type: fc.constant('ask' as const), index }),
  fc.record({
    type: fc.constant('answer' as const),
    index,
    answer: fc.constantFrom('once', 'session', 'prefix', 'no'),
  }),
  fc.record({ type: fc.constant('abort' as const), index }),
);

test('under any interleaving every request is settled exactly once, by the first that comes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const desk = new ApprovalDesk();
      const controllers = Array.from({ length: COUNT }, () => new AbortController());
      const asked = new Map<number, ApprovalAnswer[]>();
      const expected = new Map<number, string>();
      for (const move of steps) {
        const controller = controllers[move.index];
        if (controller === undefined) continue;
        const isWaiting = asked.has(move.index) && !expected.has(move.index);
        if (move.type === 'ask') {
          if (asked.has(move.index)) continue;
          const answers: ApprovalAnswer[] = [];
          asked.set(move.index, answers);
          desk.ask(request(String(move.index)), controller.signal).then((answer) => answers.push(answer));
          if (controller.signal.aborted) expected.set(move.index, 'stop');
        } else if (move.type === 'abort') {
          controller.abort();
          if (isWaiting) expected.set(move.index, 'stop');
        } else {
          expect(desk.answer(String(move.index), { type: move.answer })).toBe(isWaiting);
          if (isWaiting) expected.set(move.index, move.answer);
        }
      }
      for (const controller of controllers) controller.abort();
      await Promise.resolve();
      expect([...asked]).toEqual(
        [...asked.keys()].map((key) => [key, [{ type: expected.get(key) ?? 'stop' }]]),
      );
    }),
    { numRuns: 300 },
  );
});
