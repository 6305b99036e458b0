/**
 * One answer of the model: a request, its events, its repair, and further tries where they can help.
 *
 * Invariants: at most two more tries, each announced by a `retry` event; an item that was opened is closed, as
 * `failed` when its answer broke off; history is touched only to append a note for the model.
 * Does not: record the answer (turn.ts), run tools.
 */
import type { History } from '../context/history.ts';
import type { ChatMessage, ToolCall, ToolSchema } from '../model/chat.ts';
import type { ChatRequest, ChatSettings, OllamaClient } from '../model/client.ts';
import { emptyTurn, type ModelError, unreadableCall } from '../model/errors.ts';
import { isCut, repairTurn } from '../model/repair.ts';
import { MAX_RETRIES, withRetries } from '../model/retry.ts';
import type { ModelDelta, ModelTurn } from '../model/stream.ts';
import type { Event, Item, ModelPhase } from '../protocol.ts';
import { notes } from './notes.ts';
import { type PromptMeter, ReadingClock } from './prompt-meter.ts';

/** An answer in canonical form. */
export interface Answer {
  readonly content: string;
  readonly thinking: string;
  readonly calls: readonly ToolCall[];
  /** Nothing was called, but the text ends in a call, fenced like an example. */
  readonly endsInCall: boolean;
  /** The server's own account: counts, and why it stopped. */
  readonly turn: ModelTurn;
}

export interface SampleDeps {
  readonly client: Pick<OllamaClient, 'chat'>;
  readonly settings: ChatSettings;
  readonly vision: boolean;
  /** The static system message; index 0 of every request. */
  readonly system: string;
  readonly history: History;
  readonly meter: PromptMeter;
  readonly emit: (event: Event) => void;
  readonly nextItemId: () => string;
  readonly nextCallId: () => string;
}

export interface ToolSchemas {
  /** Sent. */
  readonly offered: readonly ToolSchema[];
  /** What a call may mean. */
  readonly known: readonly ToolSchema[];
}

/** For an answer that must be text. */
export const NO_TOOLS: ToolSchemas = { offered: [], known: [] };

/** For an answer in which thinking is in the way: off, or as little as the model can. */
export function leastThinking(think: ChatSettings['think']): ChatSettings['think'] {
  if (think === undefined) return undefined;
  return typeof think === 'string' ? 'low' : false;
}

/**
 * Asks the model once.
 *
 * @throws ModelError when no try gave a usable answer; the signal's reason when it is aborted.
 */
export async function sample(
  deps: SampleDeps,
  tools: ToolSchemas,
  signal: AbortSignal,
  options: { readonly format?: ChatRequest['format']; readonly think?: ChatSettings['think'] } = {},
): Promise<Answer> {
  const onRetry = (error: ModelError, attempt: number): void => {
    const isModelFault = error.remedy === 'retry_with_note';
    deps.emit({
      type: 'retry',
      attempt,
      max: MAX_RETRIES,
      reason: error.message,
      ...(isModelFault && { isModelFault }),
    });
    if (isModelFault) {
      deps.history.record({ type: 'user', kind: 'note', content: noteFor(error) });
    }
  };
  return withRetries(() => tryOnce(deps, tools, signal, options), onRetry, signal);
}

function noteFor(error: ModelError): string {
  if (error.note === 'thought_only') return notes.thoughtOnly();
  if (error.note === undefined || error.note === 'empty') return notes.empty();
  return notes.brokenCall(error.note);
}

async function tryOnce(
  deps: SampleDeps,
  tools: ToolSchemas,
  signal: AbortSignal,
  options: { readonly format?: ChatRequest['format']; readonly think?: ChatSettings['think'] },
): Promise<Answer> {
  const items = new AnswerItems(deps);
  const messages: ChatMessage[] = [
    { role: 'system', content: deps.system },
    ...deps.history.forPrompt({ vision: deps.vision }),
  ];
  const clock = new ReadingClock(deps.meter.begin(messages, tools.offered), performance.now());
  const onPhase = (phase: ModelPhase): void =>
    deps.emit({ type: 'model_phase', phase, ...clock.facts(phase, performance.now()) });
  try {
    const turn = await deps.client.chat(
      'think' in options ? { ...deps.settings, think: options.think } : deps.settings,
      {
        messages,
        tools: tools.offered,
        ...(options.format === undefined ? {} : { format: options.format }),
      },
      { onDelta: (delta) => items.add(delta), onPhase },
      signal,
    );
    deps.meter.end(turn);
    const repaired =
      tools.known.length > 0
        ? repairTurn(turn, tools.known, deps.nextCallId)
        : { content: turn.content, calls: [], notes: [], endsInCall: false };
    for (const message of repaired.notes) deps.emit({ type: 'repaired', message });
    if (repaired.calls.length === 0 && repaired.notes.length > 0) throw unreadableCall();
    if (repaired.calls.length === 0 && repaired.content.trim() === '' && !isCut(turn)) {
      throw emptyTurn(turn.thinking.trim() !== '');
    }
    items.complete({ thinking: turn.thinking, text: repaired.content });
    const { content, calls, endsInCall } = repaired;
    return { content, thinking: turn.thinking, calls, endsInCall, turn };
  } catch (error) {
    items.fail();
    throw error;
  }
}

/** The reasoning and the message of one answer, opened with the first visible character of each. */
class AnswerItems {
  readonly #deps: SampleDeps;
  readonly #open = new Map<ModelDelta['type'], { id: string; text: string }>();
  /** Blanks that came before anything visible. */
  readonly #leading = new Map<ModelDelta['type'], string>();

  constructor(deps: SampleDeps) {
    this.#deps = deps;
  }

  add(delta: ModelDelta): void {
    const open = this.#open.get(delta.type);
    if (open) {
      open.text += delta.text;
      this.#deps.emit({ type: 'item_delta', itemId: open.id, text: delta.text });
      return;
    }
    const text = (this.#leading.get(delta.type) ?? '') + delta.text;
    if (text.trim() === '') {
      this.#leading.set(delta.type, text);
      return;
    }
    const id = this.#deps.nextItemId();
    this.#open.set(delta.type, { id, text });
    this.#deps.emit({ type: 'item_started', item: itemOf(delta.type, id, '', 'in_progress') });
    this.#deps.emit({ type: 'item_delta', itemId: id, text });
  }

  complete(final: { readonly thinking: string; readonly text: string }): void {
    for (const [type, { id }] of this.#open) {
      this.#deps.emit({ type: 'item_completed', item: itemOf(type, id, final[type], 'completed') });
    }
    this.#open.clear();
  }

  fail(): void {
    for (const [type, { id, text }] of this.#open) {
      this.#deps.emit({ type: 'item_completed', item: itemOf(type, id, text, 'failed') });
    }
    this.#open.clear();
  }
}

function itemOf(
  type: ModelDelta['type'],
  id: string,
  text: string,
  status: 'in_progress' | 'completed' | 'failed',
): Item {
  return { type: type === 'thinking' ? 'reasoning' : 'agent_message', id, text, status };
}
