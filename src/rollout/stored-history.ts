/** What the model knew when the record ends: the history, and the calls that it had no answer to. */
import type { Environment } from '../context/environment.ts';
import type { HistoryItem } from '../context/history.ts';
import type { Item } from '../protocol.ts';
import type { EventMessage, TurnContext } from './lines.ts';
import { payloadOf } from './payloads.ts';
import type { LineRef, RolloutReader } from './scan.ts';
import type { SessionIndex } from './session-index.ts';
import type { OpenCall } from './stored-session.ts';

/** From the newest compaction on. `answeredAt`: where the line of the last answer begins. */
export function historyOf(reader: RolloutReader, { history, base, turns }: SessionIndex) {
  let items: HistoryItem[] = [];
  let told: { at: number; environment: Environment }[] = [];
  let badLines = 0;
  let answeredAt = 0;
  let summarised = 0;
  const before = base < 0 ? undefined : turns.findLast(({ start }) => start < (history[base]?.start ?? 0));
  let environment = payloadOf<TurnContext>(reader, before)?.environment;
  const add = (item: HistoryItem): void => {
    if (item.type === 'user' && item.kind === 'context' && environment !== undefined) {
      told.push({ at: items.length, environment });
    }
    items.push(item);
  };
  for (const ref of history.slice(Math.max(0, base))) {
    const line = reader.parse(ref);
    switch (line?.type) {
      case undefined:
        badLines += 1;
        break;
      case 'turn_context':
        environment = line.payload.environment;
        break;
      case 'compacted':
        items = [];
        told = [];
        for (const item of line.payload.replacement_history) add(item);
        told = [...(line.payload.restored?.told ?? told)];
        summarised = line.payload.restored?.summarised ?? items.length;
        break;
      case 'response_item':
        if (isHistoryItem(line.payload)) add(line.payload);
        else badLines += 1;
        if (line.payload.type === 'assistant') answeredAt = ref.start;
        break;
      case 'event_msg':
        if (line.payload.type !== 'thread_rolled_back') break;
        items.length = Math.min(items.length, line.payload.items_left);
        told = told.filter(({ at }) => at < items.length);
        break;
      default:
        break;
    }
  }
  return { items, told, summarised: Math.min(summarised, items.length), badLines, answeredAt };
}

function isHistoryItem(item: HistoryItem): boolean {
  if (typeof item.content !== 'string') return false;
  switch (item.type) {
    case 'user':
      return ['prompt', 'context', 'note'].includes(item.kind);
    case 'assistant':
      return typeof item.thinking === 'string' && Array.isArray(item.calls);
    case 'tool':
      return typeof item.callId === 'string' && typeof item.name === 'string';
    default:
      return false;
  }
}

/** The items that show how calls of the last answer ended. @param answeredAt where its line begins. */
export function endedCalls(
  reader: RolloutReader,
  shown: readonly LineRef[],
  answeredAt: number,
): ReadonlyMap<string, Item> {
  const ended = new Map<string, Item>();
  for (const line of shown.filter(({ start }) => start > answeredAt)) {
    const payload = payloadOf<EventMessage>(reader, line);
    if (payload?.type === 'item_completed' && payload.call_id !== undefined)
      ended.set(payload.call_id, payload.item);
  }
  return ended;
}

/** The calls of the last answer that have no output, if the history ends with it. */
export function openCallsOf(items: readonly HistoryItem[], ended: ReadonlyMap<string, Item>): OpenCall[] {
  const at = items.findLastIndex(({ type }) => type !== 'tool');
  const answer = items[at];
  if (answer?.type !== 'assistant') return [];
  const answered = new Set(items.slice(at + 1).map((item) => (item.type === 'tool' ? item.callId : '')));
  return answer.calls
    .filter(({ id }) => !answered.has(id))
    .map((call) => ({ call, ended: ended.get(call.id) }));
}
