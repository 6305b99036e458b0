/**
 * Makes a history fit to send: every call has exactly one output, right behind it, in call order.
 *
 * Invariants: pure; a history that is already in order comes back item for item, so a request never differs from
 * the one before by anything but its end. Does not: change the text of an item.
 */
import type { HistoryItem } from './history.ts';

/** What a call that never got an output is answered with. */
const ABORTED = 'aborted';

/**
 * Puts outputs behind their calls; a missing one becomes `aborted`; an output whose call is not there, and a
 * second output for the same call, are dropped.
 */
export function normalize(items: readonly HistoryItem[]): HistoryItem[] {
  const outputs = new Map<string, HistoryItem>();
  for (const item of items) {
    if (item.type === 'tool' && !outputs.has(item.callId)) outputs.set(item.callId, item);
  }
  return items.flatMap((item) => {
    if (item.type === 'tool') return [];
    if (item.type !== 'assistant') return [item];
    return [
      item,
      ...item.calls.map(
        (call): HistoryItem =>
          outputs.get(call.id) ?? { type: 'tool', callId: call.id, name: call.name, content: ABORTED },
      ),
    ];
  });
}

/** The items without the oldest one; a call takes its outputs with it, and an output its call's whole message. */
export function withoutOldest(items: readonly HistoryItem[]): HistoryItem[] {
  const [oldest, ...rest] = items;
  if (oldest === undefined) return [];
  if (oldest.type === 'user') return rest;
  const ids = new Set(oldest.type === 'tool' ? [oldest.callId] : oldest.calls.map((call) => call.id));
  const caller = rest.find(
    (item) => item.type === 'assistant' && item.calls.some((call) => ids.has(call.id)),
  );
  if (caller?.type === 'assistant') for (const call of caller.calls) ids.add(call.id);
  return rest.filter((item) => item !== caller && !(item.type === 'tool' && ids.has(item.callId)));
}
