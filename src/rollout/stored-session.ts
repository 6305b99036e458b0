/** What a rollout says of a session, for those who continue or show it. */
import type { Environment } from '../context/environment.ts';
import type { HistoryItem } from '../context/history.ts';
import type { ToolCall } from '../model/chat.ts';
import type { TokenUsage } from '../protocol/requests.ts';
import type { Happening, Item, PlanStep } from '../protocol.ts';
import type { Allowed } from '../safety/approvals.ts';
import type { MemoriesOff, SessionMeta } from './lines.ts';

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
  /** How many of the first items stand for what was summarised: going back ends behind them. */
  readonly summarised: number;
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
