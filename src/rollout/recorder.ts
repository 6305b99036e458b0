/**
 * Keeps a session: writes what happens in it as lines of its rollout.
 *
 * A line is written before what it records is shown or sent. Deltas, phases and questions are not kept, only their
 * outcome. A failure to write is reported to the user and never fails the turn.
 */
import type { Environment } from '../context/environment.ts';
import { type HistoryItem, type HistoryKeeper, isPrompt, type Restored } from '../context/history.ts';
import type { Event } from '../protocol.ts';
import type { Allowed } from '../safety/approvals.ts';
import type { Lock } from '../system/process-lock.ts';
import {
  type EventMessage,
  lineText,
  type MemoriesOff,
  type RolloutLine,
  type SessionMeta,
} from './lines.ts';
import { rolloutPath } from './paths.ts';
import { RolloutWriter } from './rollout.ts';
import type { StoredSession } from './stored-session.ts';

/** A session in the catalog. Times are milliseconds of the epoch. */
export interface SessionSummary {
  readonly id: string;
  /** Of the rollout, absolute. */
  readonly path: string;
  readonly name?: string;
  readonly firstPrompt: string;
  /** Of the last turn. */
  readonly cwd: string;
  readonly branch?: string;
  readonly model?: string;
  readonly source: 'cli' | 'exec';
  readonly created: number;
  readonly updated: number;
  readonly isArchived: boolean;
  /** Read and written, in total. */
  readonly tokens: number;
  /** No memory is made of it. */
  readonly hasNoMemories?: boolean;
}

/** What a turn is allowed to do, as its line records it. */
interface TurnRules {
  readonly sandbox: string;
  readonly approval: string;
  /** Absent: nobody has chosen one. */
  readonly effort?: string | undefined;
}

export interface RecorderOptions {
  readonly home: string;
  /** Undefined for a new session. */
  readonly stored?: { readonly session: StoredSession; readonly lock: Lock };
  /** The first line of a new session. */
  readonly meta: SessionMeta;
  /** Absolute; where this process runs. */
  readonly cwd: string;
  readonly rules: (model: string) => TurnRules;
  /** Why no memory is made of the session: written with what comes next. Absent: nothing is said. */
  readonly memoriesOff?: MemoriesOff;
  readonly warn: (message: string) => void;
  /** Called at the end of each turn and when the name changes, after it was written to the file. */
  readonly onChanged: (summary: SessionSummary) => void;
}

export class SessionRecorder implements HistoryKeeper {
  readonly #options: RecorderOptions;
  readonly #writer: RolloutWriter;
  #hasMeta: boolean;
  #summary: SessionSummary;
  /** What the file says, or will say once anything is written. */
  #memoriesOff: MemoriesOff | undefined;
  #isOffUnsaid = false;
  /** Which items of the history are messages of the user. */
  #prompts: boolean[];

  constructor(options: RecorderOptions) {
    this.#options = options;
    const { home, stored, meta, cwd, warn } = options;
    const started = new Date(meta.timestamp);
    const file = stored?.session.path ?? rolloutPath(home, meta.id, started);
    this.#writer = new RolloutWriter({ file, warn, ...(stored && { lock: stored.lock }) });
    this.#hasMeta = stored !== undefined;
    this.#memoriesOff = stored?.session.memoriesOff;
    this.#prompts = (stored?.session.items ?? []).map(isPrompt);
    this.#summary = stored
      ? { ...summaryOf(stored.session, Date.now()), cwd }
      : summaryOf({ ...NOTHING, meta, cwd, path: file }, started.getTime());
    this.#turnOff(options.memoriesOff);
    for (const item of stored?.session.cutOff ?? []) this.#item({ type: 'item_completed', item });
    const broken = stored?.session.brokenTurn;
    if (broken !== undefined) this.#event({ type: 'turn_aborted', turn_id: broken });
  }

  get id(): string {
    return this.#summary.id;
  }

  get path(): string {
    return this.#summary.path;
  }

  get name(): string | undefined {
    return this.#summary.name;
  }

  /** Something has been written, so that the session can be resumed. */
  get isKept(): boolean {
    return this.#hasMeta;
  }

  // --- reported by the history

  readonly recorded = (item: HistoryItem): void => {
    this.#prompts.push(isPrompt(item));
    this.#line({ type: 'response_item', payload: item });
  };

  readonly cut = (length: number, isAgain = false): void => {
    const turns = this.#prompts.slice(length).filter(Boolean).length;
    this.#prompts.length = Math.min(length, this.#prompts.length);
    const again = isAgain ? { is_again: true as const } : {};
    this.#event({ type: 'thread_rolled_back', num_turns: turns, items_left: length, ...again });
  };

  readonly replaced = (items: readonly HistoryItem[], restored?: Restored): void => {
    this.#prompts = items.map(isPrompt);
    this.#line({ type: 'compacted', payload: { replacement_history: items, restored } });
  };

  // --- reported by the agent

  readonly turnStarted = (
    turnId: string,
    { model, numCtx }: { readonly model: string; readonly numCtx: number },
    environment: Environment,
  ): void => {
    const { sandbox, approval, effort } = this.#options.rules(model);
    const { cwd } = this.#options;
    this.#summary = { ...this.#summary, model, cwd };
    this.#line({
      type: 'turn_context',
      payload: {
        turn_id: turnId,
        cwd,
        current_date: environment.date,
        model,
        num_ctx: numCtx,
        sandbox_policy: sandbox,
        approval_policy: approval,
        effort,
        environment,
      },
    });
  };

  readonly happened = (event: Event): void => {
    switch (event.type) {
      case 'item_started':
        return event.item.type in LASTING ? this.#item(event) : undefined;
      case 'item_completed': {
        const { item } = event;
        if (item.type === 'user_message' && this.#summary.firstPrompt === '') {
          this.#summary = { ...this.#summary, firstPrompt: item.text };
        }
        return this.#item(event);
      }
      case 'token_count': {
        const { total, last, numCtx, timing } = event;
        this.#summary = { ...this.#summary, tokens: total.inputTokens + total.outputTokens };
        // A resumed session makes a new estimate.
        return event.estimated ? undefined : this.#event({ type: event.type, total, last, numCtx, timing });
      }
      case 'compacted':
        return this.#event({ type: 'context_compacted', before: event.before, after: event.after });
      case 'warning':
      case 'retry':
      case 'repaired':
      case 'thinking_stopped':
      case 'call_rejected':
      case 'approval_resolved':
      case 'retrieved':
      case 'recalled':
      case 'skill_used':
      case 'image_described':
      case 'hook_ran':
      case 'rewound':
        // Before the first message there is nothing to resume.
        return this.#hasMeta ? this.#event({ type: 'happened', event }) : undefined;
      case 'turn_completed':
        this.#event({ type: event.type, turn_id: event.turnId, is_verified: event.isVerified });
        return this.#changed();
      case 'turn_aborted':
        this.#event({ type: event.type, turn_id: event.turnId });
        return this.#changed();
      case 'turn_failed':
        this.#event({ type: event.type, turn_id: event.turnId, message: event.message });
        return this.#changed();
      default:
        return;
    }
  };

  // --- reported by the front end

  readonly allowed = (allowed: Allowed): void => {
    this.#event({ type: 'session_approval', allowed });
  };

  approvalsReset(): void {
    if (this.#hasMeta) this.#event({ type: 'session_approvals_reset' });
  }

  /** From now on, and after a crash, no memory is made of this session. */
  keepMemoriesOff(why: MemoriesOff): void {
    this.#turnOff(why);
    if (!this.#hasMeta) return;
    this.#sayOff();
    this.#changed();
  }

  rename(name: string): void {
    const { name: _, ...rest } = this.#summary;
    this.#summary = name === '' ? rest : { ...rest, name };
    this.#event({ type: 'thread_name_updated', name });
    this.#changed();
  }

  /** Resolves when everything is on the disk, and another process may resume the session. */
  close(): Promise<void> {
    return this.#writer.close();
  }

  #turnOff(why: MemoriesOff | undefined): void {
    if (why === undefined || this.#memoriesOff === 'incognito' || this.#memoriesOff === why) return;
    this.#memoriesOff = why;
    this.#isOffUnsaid = true;
    this.#summary = { ...this.#summary, hasNoMemories: true };
  }

  #sayOff(): void {
    const why = this.#memoriesOff;
    if (!this.#isOffUnsaid || why === undefined) return;
    this.#isOffUnsaid = false;
    this.#event({ type: 'memories_off', why });
  }

  #changed(): void {
    this.#writer.sync();
    this.#summary = { ...this.#summary, updated: Date.now() };
    this.#options.onChanged(this.#summary);
  }

  #item({ type, item, callId }: Extract<Event, { type: 'item_started' | 'item_completed' }>): void {
    this.#event({ type, item_type: item.type, item_id: item.id, call_id: callId, item });
  }

  #event(payload: EventMessage): void {
    this.#line({ type: 'event_msg', payload });
  }

  #line(line: RolloutLine): void {
    const now = new Date();
    // The file is created with the first thing worth keeping, not at the start.
    if (!this.#hasMeta) {
      this.#hasMeta = true;
      const { meta } = this.#options;
      const model = this.#summary.model ?? meta.model;
      this.#writer.append(lineText({ type: 'session_meta', payload: { ...meta, model } }, now));
    }
    this.#sayOff();
    this.#writer.append(lineText(line, now));
  }
}

/** Items whose beginning is kept: if the process dies while they run, it is all that is known of them. */
const LASTING = { command_execution: true, file_change: true, tool_call: true, task: true };

const NOTHING = { firstPrompt: '' } as const;

type Known = Pick<
  StoredSession,
  'meta' | 'path' | 'cwd' | 'firstPrompt' | 'name' | 'model' | 'usage' | 'memoriesOff'
>;

/** @param updated milliseconds of the epoch. */
export function summaryOf(
  session: Partial<Known> & Pick<Known, 'meta' | 'path' | 'cwd' | 'firstPrompt'>,
  updated: number,
): SessionSummary {
  const { meta, path, cwd, firstPrompt, name, usage, memoriesOff } = session;
  const model = session.model ?? meta.model;
  const branch = meta.git?.branch;
  return {
    id: meta.id,
    path,
    firstPrompt,
    cwd,
    source: meta.source,
    created: Date.parse(meta.timestamp) || updated,
    updated,
    isArchived: false,
    tokens: usage === undefined ? 0 : usage.total.inputTokens + usage.total.outputTokens,
    name,
    branch,
    model,
    hasNoMemories: memoriesOff === undefined ? undefined : true,
  };
}
