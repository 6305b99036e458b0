/** Keeps the model's thinking from front ends, for users who want to see none of it; the record has it. */
import type { Config } from '../config/schema.ts';
import type { Event } from '../protocol.ts';

type Listener = (event: Event) => void;

/** The listener of a front end, with what the user wants to see. */
export function shownTo(listener: Listener, config: Config): Listener {
  if (!config.hide_agent_reasoning && config.show_raw_agent_reasoning !== false) return listener;
  const hidden = new Set<string>();
  return (event) => {
    const shown = withoutThinking(event, hidden);
    if (shown !== undefined) listener(shown);
  };
}

/** @param hidden the ids of open items that are not shown. */
function withoutThinking(event: Event, hidden: Set<string>): Event | undefined {
  switch (event.type) {
    case 'item_started':
      if (event.item.type !== 'reasoning') return event;
      hidden.add(event.item.id);
      return undefined;
    case 'item_delta':
      return hidden.has(event.itemId) ? undefined : event;
    case 'item_completed':
      if (hidden.delete(event.item.id)) return undefined;
      // It was begun as a message, and so has to be ended.
      return event.item.type === 'reasoning' ? { ...event, item: { ...event.item, text: '' } } : event;
    case 'session_resumed':
      return { ...event, items: event.items.filter(({ type }) => type !== 'reasoning') };
    default:
      return event;
  }
}
