import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import type { Event, Item } from '../../src/protocol.ts';
import { shownTo } from '../../src/session/hidden-thinking.ts';

const { config } = loadConfig({ home: '/none', cwd: '/none', flags: { hide_agent_reasoning: true } });

function heard(events: readonly Event[]): Event[] {
  const shown: Event[] = [];
  const listener = shownTo((event) => shown.push(event), config);
  for (const event of events) listener(event);
  return shown;
}

const item = (type: 'reasoning' | 'agent_message', id: string, text: string): Item => ({
  type,
  id,
  text,
  status: 'completed',
});

test('a message that turns out to be thinking ends without its text', () => {
  const started: Event = { type: 'item_started', item: item('agent_message', 'i1', '') };
  expect(heard([started, { type: 'item_completed', item: item('reasoning', 'i1', 'Hm.') }])).toEqual([
    started,
    { type: 'item_completed', item: item('reasoning', 'i1', '') },
  ]);
});

test('the conversation of a resumed session is without thinking', () => {
  const event = { type: 'session_resumed', threadId: 't', itemsBefore: 0 } as const;
  const items = [item('reasoning', 'i1', 'Hm.'), item('agent_message', 'i2', 'Yes.')];
  expect(heard([{ ...event, items }])).toEqual([{ ...event, items: [items[1]] }]);
});

test('whatever the order, what is begun is ended, and no thought is heard', () => {
  const id = fc.constantFrom('i1', 'i2', 'i3');
  const kind = fc.constantFrom('reasoning' as const, 'agent_message' as const);
  const turn = fc.array(fc.tuple(id, kind, kind)).map((parts) =>
    parts.flatMap(([at, begun, ended], index): Event[] => [
      { type: 'item_started', item: item(begun, `${at}.${index}`, '') },
      { type: 'item_delta', itemId: `${at}.${index}`, text: begun === 'reasoning' ? 'THOUGHT' : 'said' },
      {
        type: 'item_completed',
        item: item(ended, `${at}.${index}`, ended === 'reasoning' ? 'THOUGHT' : 'said'),
      },
    ]),
  );
  fc.assert(
    fc.property(turn, (events) => {
      const shown = heard(events);
      const idsOf = (type: string) =>
        shown.flatMap((event) => (event.type === type && 'item' in event ? event.item.id : []));
      expect(idsOf('item_completed')).toEqual(idsOf('item_started'));
      expect(JSON.stringify(shown)).not.toContain('THOUGHT');
    }),
  );
});
