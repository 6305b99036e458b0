/**
 * Builds the history that replaces one that has grown too long: frame, the user's messages, summary, facts.
 *
 * Invariants: pure; the newest message of the user is in it, with its middle cut if necessary; nothing that the model
 * or a tool said is, so calls and outputs cannot be separated; the result fits into `limits.total`, unless the frame
 * alone does not.
 */
import { type HistoryItem, isPrompt } from '../context/history.ts';
import { truncateText } from '../context/truncate.ts';
import { notes } from './notes.ts';

interface HistoryParts {
  /** The complete context frame; undefined: there is none. */
  readonly frame: string | undefined;
  readonly old: readonly HistoryItem[];
  readonly summary: string;
  readonly facts: string | undefined;
}

/** Tokens. */
interface HistoryLimits {
  /** Of all items together. */
  readonly total: number;
  /** Of the user's messages. */
  readonly users: number;
}

export interface Measures {
  readonly tokensOf: (items: readonly HistoryItem[]) => number;
  readonly bytesPerToken: number;
  /** Saves a message of the user that is cut. @returns the file, if it could be written. */
  readonly save?: (text: string) => string | undefined;
}

type UserItem = Extract<HistoryItem, { type: 'user' }>;

/** A shorter text is meaningless. */
const MIN_TOKENS = 64;
const MAX_ROUNDS = 12;
/** Estimates are never exact: each further round allows a quarter less. */
const NEXT_ROUND = 0.75;
const USERS_SHARE = 0.5;
const FACTS_SHARE = 0.4;

export function newHistory(parts: HistoryParts, limits: HistoryLimits, measures: Measures): HistoryItem[] {
  const frame = frameItems(parts.frame);
  const space = Math.max(3 * MIN_TOKENS, limits.total - measures.tokensOf(frame));
  // Written once, not in each round.
  const saved = new Map<string, string | undefined>();
  const save = (text: string): string | undefined => {
    if (!saved.has(text)) saved.set(text, measures.save?.(text));
    return saved.get(text);
  };
  let items: HistoryItem[] = [];
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    items = [...frame, ...within(parts, limits, space * NEXT_ROUND ** round, { ...measures, save })];
    if (measures.tokensOf(items) <= limits.total) break;
  }
  return items;
}

/** What a history begins with. */
export function frameItems(frame: string | undefined): HistoryItem[] {
  return frame === undefined ? [] : [{ type: 'user', kind: 'context', content: frame }];
}

function within(
  { old, summary, facts }: HistoryParts,
  limits: HistoryLimits,
  space: number,
  measures: Measures,
): HistoryItem[] {
  const users = newestPrompts(old, Math.min(limits.users, space * USERS_SHARE), measures);
  const rest = space - measures.tokensOf(users);
  const certain = facts === undefined ? [] : [note(notes.facts(facts), rest * FACTS_SHARE, measures)];
  const summarised = note(notes.summary(summary), rest - measures.tokensOf(certain), measures);
  return [...users, summarised, ...certain];
}

/** Oldest first. The first one that does not fit is cut; older ones are left out. */
function newestPrompts(old: readonly HistoryItem[], budget: number, measures: Measures): UserItem[] {
  const kept: UserItem[] = [];
  let left = budget;
  for (const item of old.toReversed()) {
    if (!isPrompt(item)) continue;
    const size = measures.tokensOf([item]);
    if (size > left && kept.length > 0 && left < MIN_TOKENS) break;
    kept.unshift(size <= left ? item : cutPrompt(item, Math.max(left, MIN_TOKENS), measures));
    if (size > left) break;
    left -= size;
  }
  return kept;
}

function cutPrompt(item: UserItem, tokens: number, measures: Measures): UserItem {
  const count = item.images?.length ?? 0;
  const left = count === 0 ? '' : `\n[${count === 1 ? 'an image was' : `${count} images were`} left out]`;
  const whole: UserItem = { type: 'user', kind: item.kind, content: `${item.content}${left}` };
  if (measures.tokensOf([whole]) <= tokens) return whole;
  const fullOutputPath = item.content.includes('[full output: ') ? undefined : measures.save?.(item.content);
  return { ...whole, content: `${cut(item.content, tokens, measures, fullOutputPath)}${left}` };
}

function note(content: string, tokens: number, measures: Measures): UserItem {
  const item: UserItem = { type: 'user', kind: 'note', content };
  const most = Math.max(tokens, MIN_TOKENS);
  return measures.tokensOf([item]) <= most ? item : { ...item, content: cut(content, most, measures) };
}

function cut(text: string, tokens: number, { bytesPerToken }: Measures, fullOutputPath?: string): string {
  return truncateText(text, { limitBytes: Math.floor(tokens * bytesPerToken), fullOutputPath }).text;
}
