/** `hide_agent_reasoning`: what the model thinks is kept, but not shown. */
import type { Event } from '../protocol.ts';

/** @returns a filter for the events of one session: undefined where nothing is left of one. */
export function withoutReasoning(): (event: Event) => Event | undefined {
  const hidden = new Set<string>();
  return (event) => {
    switch (event.type) {
      case 'item_started':
      case 'item_completed':
        if (event.item.type !== 'reasoning') return event;
        hidden.add(event.item.id);
        return undefined;
      case 'item_delta':
        return hidden.has(event.itemId) ? undefined : event;
      case 'session_resumed':
        return { ...event, items: event.items.filter(({ type }) => type !== 'reasoning') };
      default:
        return event;
    }
  };
}
