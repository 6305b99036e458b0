/**
 * Restores a session from its rollout: what the model knows, and what the user was shown.
 *
 * The newest compaction is the base, and what comes after it is added, so that the next request begins with the bytes
 * of the last one. Lines of an unknown type are skipped; only what is needed is parsed.
 */

import type { TokenUsage } from '../protocol/requests.ts';
import type { PlanStep } from '../protocol.ts';
import { happeningOf } from './happenings.ts';
import type { EventMessage, MemoriesOff, SessionMeta, TurnContext } from './lines.ts';
import { metaOf } from './meta.ts';
import { itemOf, openRollout, payloadOf, textOf } from './payloads.ts';
import type { LineRef, RolloutReader } from './scan.ts';
import { SessionIndex } from './session-index.ts';
import { cutOffItems, newestOf, shownLines } from './shown.ts';
import { endedCalls, historyOf, openCallsOf } from './stored-history.ts';
import type { StoredSession } from './stored-session.ts';

interface ReadOptions {
  readonly shownItems?: number;
  readonly withHistory?: boolean;
}

const NO_HISTORY = { items: [], told: [], summarised: 0, badLines: 0, answeredAt: 0 };

/** How many of the shown items are read by default. */
const SHOWN_ITEMS = 400;

/**
 * @param options `shownItems`: how many of the newest items are wanted; `withHistory`: false if only the facts about
 * the session are wanted; `items` and `told` are then empty.
 * @throws RolloutError for a file that is not a session, or was written by a newer oagent in a form that this one
 * cannot read.
 */
export function readSession(
  file: string,
  { shownItems = SHOWN_ITEMS, withHistory = true }: ReadOptions = {},
): StoredSession {
  const reader = openRollout(file);
  try {
    return reconstruct(reader, file, { shownItems, withHistory });
  } finally {
    reader.close();
  }
}

function reconstruct(
  reader: RolloutReader,
  file: string,
  { shownItems, withHistory }: Required<ReadOptions>,
): StoredSession {
  const index = new SessionIndex(reader);
  const meta = metaOf(reader, index.last('session_meta'), file);
  const { items, told, summarised, badLines, answeredAt } = withHistory
    ? historyOf(reader, index)
    : NO_HISTORY;
  const context = payloadOf<TurnContext>(reader, index.last('turn_context'));
  const counts = payloadOf<EventMessage>(reader, index.last('token_count'));
  const renamed = payloadOf<EventMessage>(reader, index.last('thread_name_updated'));
  const shown = shownLines(reader, index.shown);
  const { lines: newest, itemsBefore, messagesBefore } = newestOf(shown, shownItems);
  const said = newest.map((line) => ({
    item: itemOf(reader, line),
    happening: happeningOf(payloadOf<EventMessage>(reader, line)),
  }));
  const cutOff = shownItems === 0 ? [] : cutOffItems(reader, index);
  const brokenTurn = index.isTurnOpen ? context?.turn_id : undefined;
  const plan = planOf(reader, index);
  return {
    path: file,
    meta,
    items,
    told,
    summarised,
    lastItem: index.lastItem,
    isBroken: brokenTurn !== undefined,
    isCopy: brokenTurn !== undefined && isBefore(reader, index.last('turn_context'), meta),
    openCalls: brokenTurn === undefined ? [] : openCallsOf(items, endedCalls(reader, shown, answeredAt)),
    cwd: textOf(context?.cwd) ?? meta.cwd,
    firstPrompt: firstPromptOf(reader, index.shown),
    approvals: index.approvals.flatMap((line) => {
      const payload = payloadOf<EventMessage>(reader, line);
      return payload?.type === 'session_approval' ? [payload.allowed] : [];
    }),
    memoriesOff: memoriesOffOf(reader, index),
    shown: [...said.flatMap(({ item }) => item ?? []), ...cutOff],
    entries: [...said.flatMap(({ item, happening }) => item ?? happening ?? []), ...cutOff],
    cutOff,
    shownBefore: itemsBefore,
    messagesBefore,
    badLines: badLines + index.badLines,
    brokenTurn,
    plan,
    usage: counts?.type === 'token_count' ? usageOf(counts) : undefined,
    model: textOf(context?.model) ?? textOf(meta.model),
    numCtx: Number.isInteger(context?.num_ctx) ? context?.num_ctx : undefined,
    name: renamed?.type === 'thread_name_updated' ? textOf(renamed.name) || undefined : undefined,
  };
}

/** Whether a line was written before the session began: then it was copied. */
function isBefore(reader: RolloutReader, line: LineRef | undefined, meta: SessionMeta): boolean {
  if (line === undefined || meta.forked_from_id === undefined) return false;
  const { timestamp = '' } = (reader.parse(line) ?? {}) as { readonly timestamp?: string };
  return Date.parse(timestamp) < Date.parse(meta.timestamp);
}

function firstPromptOf(reader: RolloutReader, lines: readonly LineRef[]): string {
  const first = lines.find(({ kind }) => kind === 'user_message');
  const item = first && itemOf(reader, first);
  return item?.type === 'user_message' ? (textOf(item.text) ?? '') : '';
}

function planOf(reader: RolloutReader, index: SessionIndex): readonly PlanStep[] | undefined {
  const line = index.last('plan');
  const item = line && itemOf(reader, line);
  return item?.type === 'plan' ? item.steps : undefined;
}

/** A line that says it in an unknown way says it, too. */
function memoriesOffOf(reader: RolloutReader, { memoriesOff }: SessionIndex): MemoriesOff | undefined {
  if (memoriesOff.length === 0) return undefined;
  const isIncognito = memoriesOff.some((line) => {
    const payload = payloadOf<EventMessage>(reader, line);
    return payload?.type !== 'memories_off' || payload.why !== 'settings';
  });
  return isIncognito ? 'incognito' : 'settings';
}

function usageOf({ total, last }: Extract<EventMessage, { type: 'token_count' }>): StoredSession['usage'] {
  const isUsage = (usage: TokenUsage | undefined): boolean =>
    [usage?.inputTokens, usage?.cachedInputTokens, usage?.outputTokens].every(Number.isFinite);
  return isUsage(total) && isUsage(last) ? { total, last } : undefined;
}

/** Whether the session says that no memory is made of it; of a file that cannot be read that is not known. */
export function hasMemoriesOff(file: string): boolean {
  try {
    return readSession(file, { shownItems: 0, withHistory: false }).memoriesOff !== undefined;
  } catch {
    return false;
  }
}
