/** What the user was shown: items and what happened between them, without what was rolled back. */
import type { Event, Happening, Item } from '../protocol.ts';
import { happeningOf } from './happenings.ts';
import type { EventMessage } from './lines.ts';
import { openRollout, payloadOf } from './payloads.ts';
import type { LineRef, RolloutReader } from './scan.ts';
import { SessionIndex } from './session-index.ts';

/** For the user, in place of the output of what was running when the process died. */
const CUT_OFF = 'the record ends while this was running: what it has done is not known';

/** The lines of the items that were shown and not rolled back, and of what happened between them, rollbacks among it. */
export function shownLines(reader: RolloutReader, lines: readonly LineRef[]): LineRef[] {
  const shown: LineRef[] = [];
  for (const line of lines) {
    if (line.of !== 'thread_rolled_back') {
      shown.push(line);
      continue;
    }
    const cut = payloadOf<EventMessage>(reader, line);
    if (cut?.type === 'thread_rolled_back' && cut.is_again === true) continue;
    let turns = cut?.type === 'thread_rolled_back' ? cut.num_turns : 0;
    while (turns > 0 && shown.length > 0) if (shown.pop()?.kind === 'user_message') turns -= 1;
    shown.push(line);
  }
  return shown;
}

/** The lines of the newest items, and of all that happened since the first of them. */
export function newestOf(
  shown: readonly LineRef[],
  most: number,
): { lines: readonly LineRef[]; itemsBefore: number; messagesBefore: number } {
  const items = shown.flatMap(({ of }, at) => (of === 'item_completed' ? [at] : []));
  const itemsBefore = Math.max(0, items.length - most);
  const from = itemsBefore === 0 && most > 0 ? 0 : (items[itemsBefore] ?? shown.length);
  const messagesBefore = shown.slice(0, from).filter(({ kind }) => kind === 'user_message').length;
  return { lines: shown.slice(from), itemsBefore, messagesBefore };
}

/** What is known of the items that were running when the process died. */
export function cutOffItems(reader: RolloutReader, { open }: SessionIndex): Item[] {
  return [...open.values()].flatMap((line) => {
    const payload = payloadOf<EventMessage>(reader, line);
    const item = payload?.type === 'item_started' ? payload.item : undefined;
    return item !== undefined && 'output' in item ? [{ ...item, output: CUT_OFF, status: 'failed' }] : [];
  });
}

/** All items that were shown, one at a time, for printing. @throws RolloutError */
export function* allShown(file: string): Generator<Item> {
  for (const event of allEvents(file)) if (event.type === 'item_completed') yield event.item;
}

/** Everything that was shown and not rolled back, one at a time, as the events that told of it. @throws RolloutError */
export function* allEvents(file: string): Generator<Event | Happening> {
  const reader = openRollout(file);
  try {
    const index = new SessionIndex(reader);
    for (const line of shownLines(reader, index.shown)) {
      const payload = payloadOf<EventMessage>(reader, line);
      if (payload?.type === 'item_completed') yield { type: 'item_completed', item: payload.item };
      else if (payload?.type === 'thread_rolled_back')
        yield { type: 'rolled_back', userTurns: payload.num_turns, text: '' };
      const happening = happeningOf(payload);
      if (happening !== undefined) yield happening;
    }
  } finally {
    reader.close();
  }
}
