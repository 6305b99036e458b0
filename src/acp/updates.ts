/**
 * The events of a session as updates that a client shows.
 *
 * Invariants: every tool call that is begun is ended, once; of a streamed text nothing is sent twice; a call that was asked
 * about goes on under the id of its question.
 */
import type { SessionUpdate, ToolCallContent } from '@agentclientprotocol/sdk';
import type { ApprovalRequest, Event, Item } from '../protocol.ts';
import { tailOf } from '../tui/lines/clean.ts';
import { ModelStatus } from './model-status.ts';
import { askedCall } from './permission.ts';
import { type CallItem, callEnd, callHead, fenced, isCall, titleOf, words } from './tool-calls.ts';

export interface UpdatesOptions {
  readonly send: (update: SessionUpdate) => void;
  /** The session's folder, absolute. */
  readonly cwd: string;
  /** The client shows the output of commands as in a terminal (a convention that Zed has begun). */
  readonly hasTerminals?: boolean;
}

type TextItem = Extract<Item, { type: 'agent_message' | 'reasoning' }>;

type Chunk = 'user_message_chunk' | 'agent_message_chunk' | 'agent_thought_chunk';

interface OpenText {
  readonly kind: Chunk;
  /** Characters. */
  sent: number;
}

interface OpenCall {
  readonly id: string;
  readonly item: CallItem;
  output: string;
  /** When the output was shown last. */
  shownAt: number;
  /** Shows what has come since. */
  due?: NodeJS.Timeout | undefined;
}

interface Asked {
  readonly id: string;
  readonly request: ApprovalRequest;
  /** `declined`: its call has ended, but what the model was told of it may follow. */
  state: 'open' | 'allowed' | 'declined';
}

/** How often the growing output of a command is sent where it must be sent whole. */
const OUTPUT_MS = 500;
const LIVE_LINES = 40;

export class Updates {
  readonly #options: UpdatesOptions;
  readonly #status: ModelStatus;
  readonly #calls = new Map<string, OpenCall>();
  readonly #texts = new Map<string, OpenText>();
  readonly #asked: Asked[] = [];
  #isInText = false;
  #rejected = 0;

  constructor(options: UpdatesOptions) {
    this.#options = options;
    this.#status = new ModelStatus((update) => this.#send(update));
  }

  handle(event: Event): void {
    switch (event.type) {
      case 'item_started':
        return this.#started(event.item);
      case 'item_delta':
        return this.#delta(event.itemId, event.text);
      case 'item_completed':
        return this.#completed(event.item);
      case 'task_step':
        return this.#step(event);
      case 'model_phase':
        return this.#status.handle(event);
      case 'token_count': {
        const used = event.last.inputTokens + event.last.outputTokens;
        return this.#send({ sessionUpdate: 'usage_update', used, size: event.numCtx });
      }
      case 'call_rejected':
        return this.#callRejected(event);
      case 'approval_resolved':
        return this.#resolved(event);
      case 'turn_completed':
      case 'turn_failed':
      case 'turn_aborted':
        return this.#turnEnded();
      case 'session_renamed':
        return this.#send({ sessionUpdate: 'session_info_update', title: event.name });
      default:
        return;
    }
  }

  /** A question is shown as the call that it is about. @returns what the request to the client names. */
  ask(request: ApprovalRequest): ReturnType<typeof askedCall> & { readonly toolCallId: string } {
    const asked: Asked = { id: `ask-${request.id}`, request, state: 'open' };
    const call = { toolCallId: asked.id, ...askedCall(request, this.#options.cwd) };
    this.#status.end();
    this.#asked.push(asked);
    this.#isInText = false;
    this.#send({ sessionUpdate: 'tool_call', ...call });
    return call;
  }

  /** What the session has to say, as a paragraph of its own. */
  say(text: string): void {
    this.#chunk('agent_message_chunk', this.#isInText ? `\n\n${text}` : text);
    this.#isInText = true;
  }

  /** What happened earlier. */
  replay(items: Iterable<Item>): void {
    for (const item of items) {
      if (item.type === 'user_message') this.#chunk('user_message_chunk', item.text);
      else this.#completed(item);
      this.#isInText = false;
    }
    this.#isInText = false;
  }

  #started(item: Item): void {
    if (item.type === 'user_message' || item.type === 'plan') return;
    this.#status.end();
    if (isCall(item)) this.#open(item);
    else this.#texts.set(item.id, { kind: chunkOf(item), sent: 0 });
  }

  #open(item: CallItem): OpenCall {
    const asked = this.#takeAsked(item);
    const id = asked?.id ?? item.id;
    const call: OpenCall = { id, item, output: '', shownAt: Number.NEGATIVE_INFINITY };
    this.#calls.set(item.id, call);
    this.#isInText = false;
    const shown = { toolCallId: id, ...callHead(item, this.#options.cwd), status: 'in_progress' as const };
    const sessionUpdate = asked === undefined ? 'tool_call' : 'tool_call_update';
    this.#send({ sessionUpdate, ...shown, content: [], ...this.#terminalOf(call) });
    return call;
  }

  /** The question that has let this call begin. */
  #takeAsked(item: CallItem): Asked | undefined {
    const at = this.#asked.findIndex(({ state, request }) => state !== 'open' && isAbout(request, item));
    return at < 0 ? undefined : this.#asked.splice(at, 1)[0];
  }

  #terminalOf({ id, item }: OpenCall): { content?: ToolCallContent[]; _meta?: { [key: string]: unknown } } {
    if (!this.#hasTerminal(item) || item.type !== 'command_execution') return {};
    const content: ToolCallContent[] = [{ type: 'terminal', terminalId: id }];
    return { content, _meta: { terminal_info: { terminal_id: id, cwd: item.cwd } } };
  }

  #hasTerminal(item: CallItem): boolean {
    return this.#options.hasTerminals === true && item.type === 'command_execution';
  }

  #delta(itemId: string, text: string): void {
    const call = this.#calls.get(itemId);
    if (call !== undefined) return this.#output(call, text);
    const open = this.#texts.get(itemId);
    if (open === undefined || text === '') return;
    this.#begun(open);
    open.sent += text.length;
    this.#chunk(open.kind, text);
  }

  /** An answer behind another one is a paragraph of its own. */
  #begun({ kind, sent }: OpenText): void {
    if (kind !== 'agent_message_chunk' || sent > 0) return;
    if (this.#isInText) this.#chunk(kind, '\n\n');
    this.#isInText = true;
  }

  #output(call: OpenCall, text: string): void {
    const { id: toolCallId, item } = call;
    if (this.#hasTerminal(item)) {
      const _meta = { terminal_output: { terminal_id: toolCallId, data: text } };
      return this.#send({ sessionUpdate: 'tool_call_update', toolCallId, _meta });
    }
    call.output += text;
    if (call.due !== undefined) return;
    const waitMs = call.shownAt + OUTPUT_MS - performance.now();
    // What comes too soon is shown a little later, also if nothing more comes.
    if (waitMs > 0) call.due = setTimeout(() => this.#showOutput(call), waitMs).unref();
    else this.#showOutput(call);
  }

  #showOutput(call: OpenCall): void {
    call.due = undefined;
    call.shownAt = performance.now();
    const content = fenced(tailOf(call.output, LIVE_LINES).join('\n'));
    this.#send({ sessionUpdate: 'tool_call_update', toolCallId: call.id, content });
  }

  #completed(item: Item): void {
    if (item.type === 'user_message') return;
    if (item.type === 'plan') return this.#plan(item);
    if (!isCall(item)) return this.#textEnded(item);
    const call = this.#calls.get(item.id) ?? this.#open(item);
    this.#calls.delete(item.id);
    clearTimeout(call.due);
    const hasTerminal = this.#hasTerminal(item);
    const { status, content } = callEnd(item, hasTerminal && call.output !== '');
    const shown =
      hasTerminal && item.type === 'command_execution' ? this.#exited(call.id, item) : { content };
    this.#send({
      sessionUpdate: 'tool_call_update',
      ...{ toolCallId: call.id, status, ...callHead(item, this.#options.cwd), ...shown },
    });
  }

  #exited(
    id: string,
    { exitCode }: Extract<Item, { type: 'command_execution' }>,
  ): { _meta: { [key: string]: unknown } } {
    return { _meta: { terminal_exit: { terminal_id: id, exit_code: exitCode, signal: null } } };
  }

  #textEnded(item: TextItem): void {
    const open = this.#texts.get(item.id) ?? { kind: chunkOf(item), sent: 0 };
    this.#texts.delete(item.id);
    const rest = item.text.slice(open.sent);
    if (rest !== '') {
      this.#begun(open);
      this.#chunk(open.kind, rest);
    }
    if (item.type === 'agent_message' && item.status === 'failed')
      this.say('_This answer broke off and does not count._');
  }

  #plan({ steps }: Extract<Item, { type: 'plan' }>): void {
    const entries = steps.map(({ step: content, status }) => ({
      content,
      status,
      priority: 'medium' as const,
    }));
    this.#send({ sessionUpdate: 'plan', entries });
  }

  #step({ itemId, step }: Extract<Event, { type: 'task_step' }>): void {
    const call = this.#calls.get(itemId);
    if (call === undefined || !isCall(step)) return;
    const { title } = callHead(step, this.#options.cwd);
    this.#send({ sessionUpdate: 'tool_call_update', toolCallId: call.id, content: [words(title)] });
  }

  #callRejected({ tool, message, arguments: rawInput }: Extract<Event, { type: 'call_rejected' }>): void {
    const content = [words(message)];
    const declined = this.#asked.findIndex(({ state }) => state === 'declined');
    if (declined >= 0) {
      const toolCallId = this.#asked.splice(declined, 1)[0]?.id ?? '';
      return this.#send({ sessionUpdate: 'tool_call_update', toolCallId, content });
    }
    this.#rejected += 1;
    this.#isInText = false;
    this.#send({
      sessionUpdate: 'tool_call',
      toolCallId: `rejected-${this.#rejected}`,
      title: titleOf(`${tool}: not done`),
      ...{ kind: 'other', status: 'failed', content, rawInput },
    });
  }

  #resolved({ id, answer }: Extract<Event, { type: 'approval_resolved' }>): void {
    const asked = this.#asked.find(({ request, state }) => request.id === id && state === 'open');
    if (asked === undefined) return;
    const isAllowed = ['once', 'session', 'prefix', 'option'].includes(answer.type);
    asked.state = isAllowed ? 'allowed' : 'declined';
    // A command, a patch or a tool that is allowed goes on.
    const hasCall = ['command', 'patch', 'mcp'].includes(asked.request.kind);
    if (isAllowed && hasCall) return;
    this.#endAsked(asked);
    if (!hasCall) this.#asked.splice(this.#asked.indexOf(asked), 1);
  }

  #endAsked({ id: toolCallId, state }: Asked): void {
    const status = state === 'allowed' ? 'completed' : 'failed';
    this.#send({ sessionUpdate: 'tool_call_update', toolCallId, status });
  }

  /** Of what is left nothing more comes. */
  #turnEnded(): void {
    this.#status.end();
    for (const asked of this.#asked.splice(0)) if (asked.state !== 'declined') this.#endAsked(asked);
    this.#isInText = false;
  }

  #chunk(sessionUpdate: Chunk, text: string): void {
    if (text !== '') this.#send({ sessionUpdate, content: { type: 'text', text } });
  }

  #send(update: SessionUpdate): void {
    this.#options.send(update);
  }
}

function chunkOf({ type }: TextItem): Chunk {
  return type === 'agent_message' ? 'agent_message_chunk' : 'agent_thought_chunk';
}

function isAbout({ kind, command, changes, mcp }: ApprovalRequest, item: CallItem): boolean {
  if (kind === 'command') return item.type === 'command_execution' && item.command === command;
  if (kind === 'mcp')
    return item.type === 'mcp_tool_call' && item.server === mcp?.server && item.tool === mcp.tool;
  if (kind !== 'patch' || item.type !== 'file_change') return false;
  return item.changes.some((change) => changes?.some((one) => one.path === change.path));
}
