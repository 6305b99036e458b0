/**
 * What the session is and does at this moment, according to its events: the facts of the status line and the footer.
 *
 * Invariants: the queue is what `queue_changed` said last and nothing else; a token count is the server's own unless it
 * is marked. Time is an argument.
 */

import type { CustomCommand, McpServerInfo } from '../../protocol/extensions.ts';
import type { ModelPhase } from '../../protocol/requests.ts';
import type { Event, HostAnswer, Item, QueueEntry, SessionMode, ThinkingFacts } from '../../protocol.ts';
import { type Activity, TokenRate, TurnTimer } from './status.ts';

export interface ServerState {
  readonly state: 'connecting' | 'ready' | 'down' | 'no_model';
  readonly host: string;
  /** Absent: Ollama. */
  readonly name?: string;
  readonly message?: string;
  readonly hosts?: readonly HostAnswer[];
}

interface WindowUse {
  readonly used: number;
  readonly size: number;
  readonly isEstimated: boolean;
}

export class SessionState {
  model: string | undefined;
  /** The harness leads it: it chooses among the steps it is offered. */
  isLed = false;
  /** Undefined: the model does not think. */
  thinking: ThinkingFacts | undefined;
  threadId: string | undefined;
  server: ServerState = { state: 'connecting', host: '' };
  permissions: SessionMode;
  /** What the last turn in plan mode has answered, until it is carried out. */
  plan: { readonly file: string; readonly text: string } | undefined;
  /** What was allowed before plan mode. */
  beforePlan: SessionMode | undefined;
  /** The mode, with the writable folders. */
  sandbox: string;
  /** Tokens per second of the last answer, as measured by the server. */
  lastRate: number | undefined;
  queue: readonly QueueEntry[] = [];
  background: Extract<Event, { type: 'background_changed' }>['running'] = [];
  window: WindowUse | undefined;
  total: Extract<Event, { type: 'token_count' }>['total'] | undefined;
  /** Lines about the repository index; empty: there is none. */
  index: readonly string[] = [];
  /** Files of it that can be searched, while it is read for the first time. */
  indexing: { readonly done: number; readonly total: number } | undefined;
  /** No memories are made of it, and none are used. */
  isIncognito = false;
  /** Memories are made: sessions read, of all that are to be read. */
  remembering: { readonly done: number; readonly total: number } | undefined;
  /** The MCP servers; empty: there are none. */
  mcp: readonly McpServerInfo[] = [];
  /** What can be called as `/name` besides oagent's own commands. */
  commands: readonly CustomCommand[] = [];
  /** How often the conversation was compacted. */
  compactions = 0;
  /** Undefined while nothing runs. */
  turn: { readonly timer: TurnTimer; readonly activity: Activity } | undefined;
  #rate = new TokenRate();
  /** Running commands and other tools, by item. */
  readonly #running = new Map<string, Activity>();
  /** The user's own running commands, by item; they run beside turns. */
  readonly #own = new Map<string, Activity>();
  #approvals = 0;

  constructor(permissions: SessionMode) {
    this.permissions = permissions;
    this.sandbox = permissions.mode;
  }

  /** The user's own command that was started last and still runs. */
  get ownCommand(): Activity | undefined {
    return [...this.#own.values()].at(-1);
  }

  get tokensPerSecond(): number | undefined {
    return this.#rate.perSecond();
  }

  handle(event: Event, now: number): void {
    switch (event.type) {
      case 'compacted':
        this.compactions += 1;
        return;
      case 'session_configured':
        if (event.threadId !== this.threadId) {
          this.window = undefined;
          this.total = undefined;
        }
        this.model = event.model;
        this.isLed = event.isLed ?? false;
        this.thinking = event.thinking;
        // Another conversation, which has used nothing yet; the same one has kept what it holds.
        if (event.threadId !== this.threadId) {
          this.compactions = 0;
          this.plan = undefined;
          this.window = undefined;
        }
        this.threadId = event.threadId;
        this.window = { used: this.window?.used ?? 0, size: event.numCtx, isEstimated: false };
        return;
      case 'model_led':
        this.isLed = true;
        return;
      case 'server_state':
        this.server = event;
        return;
      case 'index_status':
        this.index = event.lines;
        return;
      case 'index_progress':
        this.indexing = event.done < event.total ? event : undefined;
        return;
      case 'incognito':
        this.isIncognito = event.isOn;
        return;
      case 'memory_progress':
        this.remembering =
          event.total === undefined ? undefined : { done: event.done ?? 0, total: event.total };
        return;
      case 'mcp_servers':
        this.mcp = event.servers;
        return;
      case 'custom_commands':
        this.commands = event.commands;
        return;
      case 'permissions_changed':
        if (event.isPlan && !this.permissions.isPlan) this.beforePlan = this.permissions;
        if (!event.isPlan) this.plan = undefined;
        this.permissions = { mode: event.mode, approval: event.approval, isPlan: event.isPlan ?? false };
        this.sandbox = event.sandbox;
        return;
      case 'plan_written':
        this.plan = { file: event.file, text: event.text };
        return;
      case 'queue_changed':
        this.queue = event.entries;
        return;
      case 'background_changed':
        this.background = event.running;
        return;
      case 'token_count':
        this.total = event.total;
        this.window = {
          used: event.last.inputTokens + event.last.outputTokens,
          size: event.numCtx,
          isEstimated: event.estimated,
        };
        this.lastRate = event.tokensPerSecond ?? this.lastRate;
        return;
      default:
        this.#handleTurn(event, now);
    }
  }

  #handleTurn(event: Event, now: number): void {
    switch (event.type) {
      case 'turn_started':
        this.#running.clear();
        this.#approvals = 0;
        this.turn = { timer: new TurnTimer(now), activity: { kind: 'model', phase: 'waiting', since: now } };
        return;
      case 'turn_completed':
      case 'turn_failed':
      case 'turn_aborted':
        this.turn = undefined;
        return;
      case 'model_phase': {
        const { type: _, pieces, ...phase } = event;
        this.#rate = isWriting(phase.phase) ? this.#rate : new TokenRate();
        if (pieces !== undefined) this.#rate.add(now, pieces);
        // Before the first answer nothing was counted, but all of the prompt is new.
        if (this.window?.used === 0 && phase.newTokens !== undefined)
          this.window = { ...this.window, used: phase.newTokens, isEstimated: true };
        this.#do({ kind: 'model', since: now, ...phase });
        return;
      }
      case 'item_started':
        this.#started(event.item, now);
        return;
      case 'item_delta':
        if (!this.#running.has(event.itemId) && !this.#own.has(event.itemId)) this.#rate.add(now);
        return;
      case 'item_completed':
        this.#own.delete(event.item.id);
        if (this.#running.delete(event.item.id)) this.#do([...this.#running.values()].at(-1) ?? working(now));
        return;
      case 'approval_requested':
        this.#approvals += 1;
        this.turn?.timer.pause(now);
        this.#do({ kind: 'approval', since: now });
        return;
      case 'approval_resolved':
        this.#approvals = Math.max(0, this.#approvals - 1);
        if (this.#approvals > 0) return;
        this.turn?.timer.resume(now);
        this.#do([...this.#running.values()].at(-1) ?? working(now));
        return;
      default:
        return;
    }
  }

  #started(item: Item, now: number): void {
    const activity = activityOf(item, now);
    if (activity === undefined) return;
    if (item.type === 'command_execution' && item.source === 'user') {
      this.#own.set(item.id, activity);
      return;
    }
    this.#running.set(item.id, activity);
    this.#do(activity);
  }

  #do(activity: Activity): void {
    if (this.turn === undefined) return;
    if (this.#approvals > 0 && activity.kind !== 'approval') return;
    this.turn = { ...this.turn, activity };
  }
}

function working(now: number): Activity {
  return { kind: 'model', phase: 'waiting', since: now };
}

function activityOf(item: Item, now: number): Activity | undefined {
  switch (item.type) {
    case 'command_execution':
      return { kind: 'command', since: now };
    case 'tool_call':
      return { kind: 'tool', tool: item.tool, since: now };
    case 'file_change':
      return { kind: 'tool', tool: 'apply_patch', since: now };
    case 'task':
      return { kind: 'tool', tool: 'task', since: now };
    default:
      return undefined;
  }
}

/** Phases in which pieces of an answer come. */
function isWriting(phase: ModelPhase): boolean {
  return phase === 'thinking' || phase === 'writing' || phase === 'compacting';
}
