/**
 * Events as JSON lines, in the shapes that clients of Codex read from `exec --json`.
 *
 * One object per line with a fixed key order; ids `item_0`, `item_1`… are numbered in the order of emission, skipping
 * items that are not shown; messages and reasoning appear only when completed; a plan is one `todo_list` that is
 * started, updated, and completed at the end of its turn.
 */

import type { Evidence } from '../../protocol/evidence.ts';
import type { TokenUsage } from '../../protocol/requests.ts';
import type { RecalledMemory } from '../../protocol/sessions.ts';
import type { Event, Item, PlanStep } from '../../protocol.ts';
import { asToolCallItem } from '../../text/as-tool-call.ts';
import { hookText } from '../../text/extension-text.ts';
import { jsonText } from '../../text/json-text.ts';
import { thinkingStoppedText } from '../../text/thinking-stopped.ts';
import { compactedText, retryText } from './event-text.ts';

type Line = { readonly [key: string]: unknown };

type ShapedItem = Extract<
  Item,
  { type: 'command_execution' | 'file_change' | 'tool_call' | 'mcp_tool_call' | 'task' }
>;

export class JsonEvents {
  readonly #write: (line: string) => void;
  readonly #ids = new Map<string, string>();
  #nextId = 0;
  #plan: { readonly id: string; readonly steps: readonly PlanStep[] } | undefined;

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  handle(event: Event): void {
    switch (event.type) {
      case 'session_configured':
        return this.#put({ type: 'thread.started', thread_id: event.threadId });
      case 'turn_started':
        return this.#put({ type: 'turn.started' });
      case 'item_started':
        return this.#started(event.item);
      case 'item_completed':
        return this.#completed(event.item);
      case 'warning':
        return this.#warning(event.message);
      case 'recalled':
        return this.#recalled(event.memories);
      case 'compacted':
        return this.#warning(compactedText(event));
      case 'image_described':
        return this.#image(event);
      case 'hook_ran':
        // What it said to the model is in the outputs, or in the error that ends the turn.
        return event.outcome === 'failed' || event.outcome === 'message'
          ? this.#warning(hookText(event))
          : undefined;
      case 'thinking_stopped':
        return this.#thinkingStopped(event);
      case 'task_step':
        return this.#step(event);
      case 'retry':
        return this.#put({ type: 'error', message: retryText(event) });
      case 'turn_completed':
        this.#closePlan();
        return this.#put({
          type: 'turn.completed',
          usage: usageOf(event.usage),
          evidence: evidenceOf(event.evidence),
        });
      case 'turn_failed':
        this.#closePlan();
        this.#put({ type: 'error', message: event.message });
        return this.#put({
          type: 'turn.failed',
          error: { message: event.message, code: event.limit?.code },
          evidence: evidenceOf(event.evidence),
        });
      case 'server_state':
        return this.#hosts(event);
      case 'call_rejected':
      case 'repaired':
      case 'item_delta':
      case 'model_phase':
      case 'model_led':
      case 'token_count':
      case 'approval_requested':
      case 'approval_resolved':
      case 'queue_changed':
      case 'unqueued':
      case 'permissions_changed':
      case 'plan_written':
      case 'rolled_back':
      case 'models':
      case 'pull_progress':
      case 'pull_ended':
      case 'background_changed':
      case 'sessions':
      case 'session_resumed':
      case 'session_renamed':
      case 'rewind_points':
      case 'rewound':
      case 'retrieved':
      case 'index_status':
      case 'index_progress':
      case 'incognito':
      case 'memory_progress':
      case 'mcp_servers':
      case 'custom_commands':
      case 'skill_used':
      case 'turn_aborted':
        return;
      default:
        event satisfies never;
    }
  }

  #image({ name, model, text }: Extract<Event, { type: 'image_described' }>): void {
    const item = { id: this.#newId(), type: 'image_description', name, model, text };
    this.#put({ type: 'item.completed', item });
  }

  /** Only where there was a choice. */
  #hosts({ host, hosts }: Extract<Event, { type: 'server_state' }>): void {
    if (hosts === undefined) return;
    const said = hosts.map(({ host: name, says, isUsed = false }) => ({ host: name, says, used: isUsed }));
    this.#put({ type: 'host.chosen', host, hosts: said });
  }

  #warning(message: string): void {
    this.#put({ type: 'item.completed', item: { id: this.#newId(), type: 'error', message } });
  }

  #thinkingStopped(event: Extract<Event, { type: 'thinking_stopped' }>): void {
    const { type, tokens, isRepeated = false } = event;
    const message = thinkingStoppedText(event);
    this.#put({
      type: 'item.completed',
      item: { id: this.#newId(), type, tokens, repeated: isRepeated, message },
    });
  }

  #recalled(memories: readonly RecalledMemory[]): void {
    const shown = memories.map(({ text, date, thread, note, project }) => ({
      text,
      date,
      thread_id: thread,
      note,
      project,
    }));
    this.#put({ type: 'item.completed', item: { id: this.#newId(), type: 'memory', memories: shown } });
  }

  #started(item: Item): void {
    if (isShaped(item)) {
      const id = this.#newId();
      this.#ids.set(item.id, id);
      this.#put({ type: 'item.started', item: shape(item, id) });
    }
  }

  #completed(item: Item): void {
    switch (item.type) {
      case 'agent_message':
      case 'reasoning':
        if (item.status !== 'completed' || item.text.trim() === '') return;
        return this.#put({
          type: 'item.completed',
          item: { id: this.#newId(), type: item.type, text: item.text },
        });
      case 'plan':
        return this.#showPlan(item.steps);
      case 'user_message':
        return;
      default: {
        const id = this.#ids.get(item.id) ?? this.#newId();
        this.#ids.delete(item.id);
        return this.#put({ type: 'item.completed', item: shape(item, id) });
      }
    }
  }

  /** The item with this step alone; the completed item has all. */
  #step({ itemId, step }: Extract<Event, { type: 'task_step' }>): void {
    const id = this.#ids.get(itemId);
    if (id === undefined || !isShaped(step) || step.status === 'in_progress') return;
    this.#put({ type: 'item.updated', item: { id, type: 'mcp_tool_call', steps: [shape(step, step.id)] } });
  }

  #showPlan(steps: readonly PlanStep[]): void {
    const type = this.#plan ? 'item.updated' : 'item.started';
    this.#plan = { id: this.#plan?.id ?? this.#newId(), steps };
    this.#put({ type, item: todoList(this.#plan) });
  }

  #closePlan(): void {
    if (this.#plan) this.#put({ type: 'item.completed', item: todoList(this.#plan) });
    this.#plan = undefined;
  }

  #newId(): string {
    const id = `item_${this.#nextId}`;
    this.#nextId += 1;
    return id;
  }

  #put(line: Line): void {
    this.#write(jsonText(line));
  }
}

function isShaped(item: Item): item is ShapedItem {
  return ['command_execution', 'file_change', 'tool_call', 'mcp_tool_call', 'task'].includes(item.type);
}

function shape(item: ShapedItem, id: string): Line {
  switch (item.type) {
    case 'command_execution':
      return {
        id,
        type: item.type,
        command: item.command,
        aggregated_output: item.output,
        exit_code: item.exitCode,
        status: item.status,
      };
    case 'file_change':
      return {
        id,
        type: item.type,
        changes: item.changes.map(({ path, kind }) => ({ path, kind })),
        status: item.status === 'declined' ? 'failed' : item.status,
      };
    case 'task': {
      const steps = item.steps.filter(isShaped).map((step) => shape(step, step.id));
      return { ...shape(asToolCallItem(item), id), steps };
    }
    case 'tool_call':
    case 'mcp_tool_call': {
      const isOpen = item.status === 'in_progress';
      return {
        id,
        type: 'mcp_tool_call',
        server: item.type === 'tool_call' ? 'oagent' : item.server,
        tool: item.tool,
        arguments: item.arguments,
        result:
          item.status === 'completed'
            ? { content: [{ type: 'text', text: item.output }], structured_content: null }
            : null,
        error: isOpen || item.status === 'completed' ? null : { message: item.output },
        status: item.status === 'declined' ? 'failed' : item.status,
      };
    }
    default:
      return item satisfies never;
  }
}

function todoList(plan: { readonly id: string; readonly steps: readonly PlanStep[] }): Line {
  const items = plan.steps.map(({ step, status }) => ({ text: step, completed: status === 'completed' }));
  return { id: plan.id, type: 'todo_list', items };
}

function usageOf(usage: TokenUsage): Line {
  return {
    input_tokens: usage.inputTokens,
    cached_input_tokens: usage.cachedInputTokens,
    cache_write_input_tokens: 0,
    output_tokens: usage.outputTokens,
    reasoning_output_tokens: usage.reasoningOutputTokens,
  };
}

/** Not part of Codex's format; its clients ignore it. */
function evidenceOf({ files, commands, checks, mcpCalls }: Evidence): Line {
  return {
    files: files.map(({ path, kind, added, removed }) => ({ path, kind, added, removed })),
    commands: commands.map(({ command, exitCode, runs }) => ({ command, exit_code: exitCode, runs })),
    checks: checks.map(({ command, passed, tests }) => ({ command, passed, tests })),
    mcp_calls: mcpCalls,
  };
}
