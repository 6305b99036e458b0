/** What is kept and shown of a conversation: items, and what happened between them. */
import type { Event, Happening, Item } from '../protocol.ts';

const HAPPENINGS: Readonly<Record<Happening['type'], true>> = {
  warning: true,
  retry: true,
  repaired: true,
  thinking_stopped: true,
  call_rejected: true,
  approval_resolved: true,
  retrieved: true,
  recalled: true,
  skill_used: true,
  image_described: true,
  hook_ran: true,
  compacted: true,
  rewound: true,
  turn_failed: true,
  turn_aborted: true,
};

export function isItem(entry: Item | Happening): entry is Item {
  return !isHappening(entry);
}

export function isHappening(entry: Item | Happening | Event): entry is Happening {
  return Object.hasOwn(HAPPENINGS, entry.type);
}

/** As it was told of when it happened. */
export function eventOf(entry: Item | Happening): Extract<Event, { type: 'item_completed' }> | Happening {
  return isItem(entry) ? { type: 'item_completed', item: entry } : entry;
}
