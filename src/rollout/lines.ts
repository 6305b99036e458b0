/**
 * The lines of a rollout, the file in which a session is kept.
 *
 * One JSON object per line, its keys in the order `timestamp`, `type`, `payload`, and in a payload that has one, `type`
 * first: so a reader knows from the first bytes what a line is, without parsing it.
 */
import type { Environment } from '../context/environment.ts';
import type { HistoryItem, Restored } from '../context/history.ts';
import type { RequestTiming, TokenUsage } from '../protocol/requests.ts';
import type { Happening, Item } from '../protocol.ts';
import type { Allowed } from '../safety/approvals.ts';

/** Raised when an older oagent could not read the new lines. */
export const ROLLOUT_VERSION = 1;

export interface GitFacts {
  readonly commit_hash?: string;
  readonly branch?: string;
  readonly repository_url?: string;
}

/** The first line. */
export interface SessionMeta {
  readonly id: string;
  /** When the session began. RFC 3339. */
  readonly timestamp: string;
  /** Absolute. */
  readonly cwd: string;
  readonly originator: string;
  readonly cli_version: string;
  readonly rollout_version: number;
  readonly source: 'cli' | 'exec';
  readonly model_provider: string;
  readonly model?: string;
  /** The system message, with which every request begins. Absent: oagent's own. */
  readonly base_instructions?: { readonly text: string };
  readonly git?: GitFacts;
  readonly forked_from_id?: string;
}

/** Written before what a turn adds. */
export interface TurnContext {
  readonly turn_id: string;
  readonly cwd: string;
  readonly current_date: string;
  readonly model: string;
  readonly num_ctx: number;
  readonly sandbox_policy: string;
  readonly approval_policy: string;
  readonly effort?: string;
  /** What the model knows of its environment once this turn has begun. */
  readonly environment: Environment;
}

export type MemoriesOff = 'incognito' | 'settings';

export type EventMessage =
  /** `item_started`: only of what may run for a while. `call_id`: of the model's call that it shows. */
  | {
      readonly type: 'item_started' | 'item_completed';
      readonly item_type: Item['type'];
      readonly item_id: string;
      readonly call_id?: string;
      readonly item: Item;
    }
  /** What has no line of its own kind. */
  | { readonly type: 'happened'; readonly event: Happening }
  | {
      readonly type: 'token_count';
      readonly total: TokenUsage;
      readonly last: TokenUsage;
      readonly numCtx: number;
      /** Absent in sessions of earlier versions, and where the server does not say it. */
      readonly timing?: RequestTiming;
    }
  /** `is_verified`: whether the verifying command succeeded; absent: there was none, or an earlier version wrote it. */
  | { readonly type: 'turn_completed'; readonly turn_id: string; readonly is_verified?: boolean }
  | { readonly type: 'turn_aborted'; readonly turn_id: string }
  | { readonly type: 'turn_failed'; readonly turn_id: string; readonly message: string }
  | { readonly type: 'thread_name_updated'; readonly name: string }
  /**
   * `items_left`: of the model's history; `num_turns`: messages of the user that were removed. `is_again`: the turn begins anew in another
   * form, and its message comes again: for the user nothing was taken back.
   */
  | {
      readonly type: 'thread_rolled_back';
      readonly num_turns: number;
      readonly items_left: number;
      readonly is_again?: true;
    }
  | { readonly type: 'context_compacted'; readonly before: number; readonly after: number }
  | { readonly type: 'session_approval'; readonly allowed: Allowed }
  /** What was allowed for the session no longer is. */
  | { readonly type: 'session_approvals_reset' }
  /** No memory is ever made of this session. `incognito`: the user said so of this one; else the settings did. */
  | { readonly type: 'memories_off'; readonly why: MemoriesOff };

export type RolloutLine =
  | { readonly type: 'session_meta'; readonly payload: SessionMeta }
  | { readonly type: 'turn_context'; readonly payload: TurnContext }
  | { readonly type: 'response_item'; readonly payload: HistoryItem }
  | {
      readonly type: 'compacted';
      readonly payload: {
        readonly message?: string;
        readonly replacement_history: readonly HistoryItem[];
        /** The user went back behind a compaction: it is what that had replaced. */
        readonly restored?: Restored | undefined;
      };
    }
  | { readonly type: 'event_msg'; readonly payload: EventMessage };

/** A line with its line break. */
export function lineText({ type, payload }: RolloutLine, now: Date): string {
  return `${JSON.stringify({ timestamp: now.toISOString(), type, payload })}\n`;
}

/** The number of bytes of a line that `headOf` needs. */
export const HEAD_BYTES = 160;

/** What a line is, according to its first bytes. */
export interface LineHead {
  readonly type: string;
  /** The type of the payload; empty if it has none. */
  readonly of: string;
  /** The kind of a user item, or the type of an item that is shown; otherwise empty. */
  readonly kind: string;
  /** The number in the id of an item; otherwise 0. */
  readonly number: number;
}

const HEAD =
  /^\{"timestamp":"[^"]*","type":"(\w+)","payload":\{(?:"type":"(\w+)")?(?:,"(?:kind|item_type)":"(\w+)")?(?:,"item_id":"i(\d{1,15})")?/;

/** Undefined: not in the form that oagent writes. */
export function headOf(start: string): LineHead | undefined {
  const match = HEAD.exec(start);
  if (match === null) return undefined;
  const [, type = '', of = '', kind = '', number = 0] = match;
  return { type, of, kind, number: Number(number) };
}
