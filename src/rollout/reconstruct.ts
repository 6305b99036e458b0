/**
 * Restores a session from its rollout: what the model knows, and what the user was shown.
 *
 * The newest compaction is the base, and what comes after it is added, so that the next request begins with the bytes
 * of the last one. Lines of an unknown type are skipped; only what is needed is parsed.
 */
import type { Environment } from '../context/environment.ts';
import type { HistoryItem } from '../context/history.ts';
import type { ToolCall } from '../model/chat.ts';
import type { Event, Happening, Item, PlanStep, TokenUsage } from '../protocol.ts';
import type { Allowed } from '../safety/approvals.ts';
import { happeningOf } from './happenings.ts';
import {
  type EventMessage,
  type MemoriesOff,
  ROLLOUT_VERSION,
  type SessionMeta,
  type TurnContext,
} from './lines.ts';
import { isSessionId } from './paths.ts';
import { RolloutError } from './rollout-error.ts';
import { type LineRef, RolloutReader } from './scan.ts';
import { SessionIndex } from './session-index.ts';

export interface OpenCall {
  readonly call: ToolCall;
  /** As it was shown when it had ended; undefined: nobody knows whether it ran. */
  readonly ended?: Item;
  /** What became of its patch, if that is known; `changed`: files that were left alone. */
  readonly patch?: { readonly state: 'applied' | 'nothing'; readonly changed: readonly string[] } | undefined;
}

/** What an agent needs to continue. */
export interface StoredConversation {
  readonly items: readonly HistoryItem[];
  /** Which of the items described the environment to the model, and what they said. */
  readonly told: readonly { readonly at: number; readonly environment: Environment }[];
  readonly usage?: { readonly total: TokenUsage; readonly last: TokenUsage };
  /** The number of the last item's id. */
  readonly lastItem: number;
  /** The process died in the middle of a turn. */
  readonly isBroken: boolean;
  /** It lives on: this session was copied from it in the middle of a turn. */
  readonly isCopy: boolean;
  /** Calls of the turn that broke off, without an output. */
  readonly openCalls: readonly OpenCall[];
  readonly plan?: readonly PlanStep[];
  /** The newest items that were shown, oldest first. */
  readonly shown?: readonly Item[];
  /** The same, with what happened between them. */
  readonly entries?: readonly (Item | Happening)[];
  /** How many messages of the user come before them. */
  readonly messagesBefore?: number;
}

export interface StoredSession extends StoredConversation {
  readonly path: string;
  readonly meta: SessionMeta;
  /** Of the last turn, or of the start of the session if there was none. */
  readonly cwd: string;
  readonly model?: string;
  readonly numCtx?: number;
  readonly name?: string;
  readonly firstPrompt: string;
  readonly approvals: readonly Allowed[];
  /** Why no memory is made of it; undefined: one may be. */
  readonly memoriesOff?: MemoriesOff;
  /** The turn that did not end, if `isBroken`. */
  readonly brokenTurn?: string;
  readonly shown: readonly Item[];
  /** The same, with what happened between them. */
  readonly entries: readonly (Item | Happening)[];
  /** The last of them: they were running when the process died, and are closed now. */
  readonly cutOff: readonly Item[];
  /** How many shown items come before them. */
  readonly shownBefore: number;
  /** Lines that could not be read. */
  readonly badLines: number;
}

interface ReadOptions {
  readonly shownItems?: number;
  readonly withHistory?: boolean;
}

/** For the user, in place of the output of what was running when the process died. */
const CUT_OFF = 'the record ends while this was running: what it has done is not known';

const NO_HISTORY = { items: [], told: [], badLines: 0, answeredAt: 0 };

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
  const reader = open(file);
  try {
    return reconstruct(reader, file, { shownItems, withHistory });
  } finally {
    reader.close();
  }
}

function open(file: string): RolloutReader {
  try {
    return new RolloutReader(file);
  } catch (error) {
    throw new RolloutError(`cannot read the session ${file}: ${(error as Error).message}`);
  }
}

function reconstruct(
  reader: RolloutReader,
  file: string,
  { shownItems, withHistory }: Required<ReadOptions>,
): StoredSession {
  const index = new SessionIndex(reader);
  const meta = metaOf(reader, index.last('session_meta'), file);
  const { items, told, badLines, answeredAt } = withHistory ? historyOf(reader, index) : NO_HISTORY;
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

/** The first line of a session, without reading the rest. @throws RolloutError */
export function readMeta(file: string): SessionMeta {
  const reader = open(file);
  try {
    let first: LineRef | undefined;
    reader.scan((line) => {
      if (line.type !== 'session_meta') return true;
      first = line;
      return false;
    });
    return metaOf(reader, first, file);
  } finally {
    reader.close();
  }
}

/** @param line the first `session_meta`; checked before anything else in the file is used. */
function metaOf(reader: RolloutReader, line: LineRef | undefined, file: string): SessionMeta {
  const meta = payloadOf<SessionMeta>(reader, line);
  // The id names the folder of the outputs.
  if (typeof meta?.id !== 'string' || !isSessionId(meta.id) || typeof meta.cwd !== 'string') {
    throw new RolloutError(`${file} is not a session: its first line does not say so`);
  }
  if (typeof meta.rollout_version !== 'number') {
    throw new RolloutError(`${file} is a session of another program, not of oagent`);
  }
  if (meta.rollout_version > ROLLOUT_VERSION) {
    throw new RolloutError(
      `the session ${meta.id} was written by a newer oagent (${meta.cli_version}). Update this one to resume it`,
    );
  }
  return soundMeta(meta);
}

/** What can be done without is left out where it is not what it should be. */
function soundMeta(meta: SessionMeta): SessionMeta {
  const { timestamp, source, model, git, base_instructions: system } = meta;
  return {
    ...meta,
    timestamp: textOf(timestamp) ?? '',
    source: source === 'exec' ? 'exec' : 'cli',
    model: textOf(model),
    git: typeof git === 'object' && git !== null ? { ...git, branch: textOf(git.branch) } : undefined,
    base_instructions: textOf(system?.text) === undefined ? undefined : system,
  };
}

function historyOf(reader: RolloutReader, { history, base, turns }: SessionIndex) {
  let items: HistoryItem[] = [];
  let told: { at: number; environment: Environment }[] = [];
  let badLines = 0;
  let answeredAt = 0;
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
  return { items, told, badLines, answeredAt };
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

/** What is known of the items that were running when the process died. */
function cutOffItems(reader: RolloutReader, { open }: SessionIndex): Item[] {
  return [...open.values()].flatMap((line) => {
    const payload = payloadOf<EventMessage>(reader, line);
    const item = payload?.type === 'item_started' ? payload.item : undefined;
    return item !== undefined && 'output' in item ? [{ ...item, output: CUT_OFF, status: 'failed' }] : [];
  });
}

/** The items that show how calls of the last answer ended. @param answeredAt where its line begins. */
function endedCalls(
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
function openCallsOf(items: readonly HistoryItem[], ended: ReadonlyMap<string, Item>): OpenCall[] {
  const at = items.findLastIndex(({ type }) => type !== 'tool');
  const answer = items[at];
  if (answer?.type !== 'assistant') return [];
  const answered = new Set(items.slice(at + 1).map((item) => (item.type === 'tool' ? item.callId : '')));
  return answer.calls
    .filter(({ id }) => !answered.has(id))
    .map((call) => ({ call, ended: ended.get(call.id) }));
}

/** Whether a line was written before the session began: then it was copied. */
function isBefore(reader: RolloutReader, line: LineRef | undefined, meta: SessionMeta): boolean {
  if (line === undefined || meta.forked_from_id === undefined) return false;
  const { timestamp = '' } = (reader.parse(line) ?? {}) as { readonly timestamp?: string };
  return Date.parse(timestamp) < Date.parse(meta.timestamp);
}

/** The lines of the newest items, and of all that happened since the first of them. */
function newestOf(
  shown: readonly LineRef[],
  most: number,
): { lines: readonly LineRef[]; itemsBefore: number; messagesBefore: number } {
  const items = shown.flatMap(({ of }, at) => (of === 'item_completed' ? [at] : []));
  const itemsBefore = Math.max(0, items.length - most);
  const from = itemsBefore === 0 && most > 0 ? 0 : (items[itemsBefore] ?? shown.length);
  const messagesBefore = shown.slice(0, from).filter(({ kind }) => kind === 'user_message').length;
  return { lines: shown.slice(from), itemsBefore, messagesBefore };
}

/** The lines of the items that were shown and not rolled back, and of what happened between them, rollbacks among it. */
function shownLines(reader: RolloutReader, lines: readonly LineRef[]): LineRef[] {
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

function itemOf(reader: RolloutReader, line: LineRef): Item | undefined {
  const payload = payloadOf<EventMessage>(reader, line);
  return payload?.type === 'item_completed' ? payload.item : undefined;
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

/** The lines of a damaged file may say anything. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function payloadOf<T>(reader: RolloutReader, line: LineRef | undefined): T | undefined {
  return line && (reader.parse(line)?.payload as T | undefined);
}

/** Whether the session says that no memory is made of it; of a file that cannot be read that is not known. */
export function hasMemoriesOff(file: string): boolean {
  try {
    return readSession(file, { shownItems: 0, withHistory: false }).memoriesOff !== undefined;
  } catch {
    return false;
  }
}

/** All items that were shown, one at a time, for printing. @throws RolloutError */
export function* allShown(file: string): Generator<Item> {
  for (const event of allEvents(file)) if (event.type === 'item_completed') yield event.item;
}

/** Everything that was shown and not rolled back, one at a time, as the events that told of it. @throws RolloutError */
export function* allEvents(file: string): Generator<Event | Happening> {
  const reader = open(file);
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
