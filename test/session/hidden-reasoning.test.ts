import { expect, test } from 'vitest';
import type { Event, Item } from '../../src/protocol.ts';
import { withoutReasoning } from '../../src/session/hidden-reasoning.ts';

const item = (type: 'reasoning' | 'agent_message', id: string): Item => ({
  type,
  id,
  text: 'x',
  status: 'completed',
});

test('thinking is left out, also of a session that is shown again; all else is the same', () => {
  const rest: Event[] = [
    { type: 'item_started', item: item('agent_message', 'b') },
    { type: 'item_delta', itemId: 'b', text: 'x' },
    { type: 'item_completed', item: item('agent_message', 'b') },
    { type: 'warning', message: 'careful' },
  ];
  const resumed = (items: readonly Item[]): Event => ({
    ...{ type: 'session_resumed', threadId: 't', itemsBefore: 0 },
    items,
  });
  const filter = withoutReasoning();
  const events: Event[] = [
    { type: 'item_started', item: item('reasoning', 'a') },
    { type: 'item_delta', itemId: 'a', text: 'x' },
    ...rest,
    { type: 'item_completed', item: item('reasoning', 'a') },
    resumed([item('reasoning', 'c'), item('agent_message', 'd')]),
  ];
  expect(events.map(filter).filter((event) => event !== undefined)).toEqual([
    ...rest,
    resumed([item('agent_message', 'd')]),
  ]);
});
