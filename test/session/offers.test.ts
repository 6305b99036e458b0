import { expect, test } from 'vitest';
import type { ApprovalAnswer, Event } from '../../src/protocol.ts';
import { Offers } from '../../src/session/offers.ts';

const HOOK = { kind: 'hook', name: 'format', lines: ['npx prettier'] } as const;

function offers(): { offers: Offers; events: Event[] } {
  const events: Event[] = [];
  return {
    events,
    offers: new Offers(
      (event) => events.push(event),
      () => '/shop',
    ),
  };
}

test.each<[ApprovalAnswer, string]>([
  [{ type: 'once' }, 'yes'],
  [{ type: 'no' }, 'no'],
  [{ type: 'no', instead: 'x' }, 'no'],
  [{ type: 'stop' }, 'later'],
  [{ type: 'session' }, 'later'],
])('the answer %o', async (answer, expected) => {
  const { offers: desk, events } = offers();
  const pending = desk.offer(HOOK, 'why');
  const request = {
    id: 'offer-1',
    kind: 'extension',
    cwd: '/shop',
    reason: 'why',
    extension: HOOK,
  } as const;
  expect(events).toEqual([{ type: 'approval_requested', request }]);
  expect(desk.answer('a1', answer)).toBe(false);
  expect(desk.answer('offer-1', answer)).toBe(true);
  expect(await pending).toBe(expected);
  expect(events.at(-1)).toEqual({ type: 'approval_resolved', id: 'offer-1', answer, request });
  expect(desk.answer('offer-1', answer)).toBe(false);
});

test('nobody answers any more: later', async () => {
  const { offers: desk, events } = offers();
  const pending = [desk.offer(HOOK, 'why'), desk.offer(HOOK, 'why')];
  desk.close();
  expect(await Promise.all([...pending, desk.offer(HOOK, 'why')])).toEqual(['later', 'later', 'later']);
  const resolved = events.flatMap((event) => (event.type === 'approval_resolved' ? [event.id] : []));
  expect(resolved).toEqual(['offer-1', 'offer-2', 'offer-3']);
});
