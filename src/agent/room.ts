/**
 * Keeps room in the window: watches what is used, tells the model, and compacts before a request would not fit.
 *
 * Invariants: a compaction is announced before it happens and told with its numbers when it has; the history changes in
 * one step at its end, so that an interrupt leaves it whole; two compactions in a row that led to nothing new end the turn
 * instead of a third. Does not: write summaries (compaction.ts) or build the new history (new-history.ts).
 */
import { writeFileSync } from 'node:fs';
import compactPrompt from '../../prompts/compact.md?raw';
import { type HistoryItem, promptMessages } from '../context/history.ts';
import { ModelError } from '../model/errors.ts';
import type { Event } from '../protocol.ts';
import type { AgentAccess, AgentOptions } from './agent-options.ts';
import { type Budget, budgetOf, checkWindow, outputBytes } from './budget.ts';
import { ownSummary, type Summary, summarise } from './compaction.ts';
import { type AgentModel, type Conversation, offered } from './conversation.ts';
import { Facts } from './facts.ts';
import { type Constraint, FormatTrust } from './format-trust.ts';
import { newHistory } from './new-history.ts';
import type { UserTurn } from './turn-queue.ts';
import { UseNotes } from './use-notes.ts';

const MAX_FRUITLESS = 2;

const LIFE_SIGN_MS = 5_000;

export interface RoomDeps {
  readonly options: AgentOptions;
  readonly conversation: Conversation;
  readonly emit: (event: Event) => void;
  /** A path in a folder that the model may read. */
  readonly newFile: () => string;
}

interface Current {
  readonly model: AgentModel;
  readonly access: AgentAccess;
  readonly budget: Budget;
}

export class Room {
  readonly #deps: RoomDeps;
  readonly #facts = new Facts();
  #current: Current | undefined;
  readonly #useNotes = new UseNotes();
  readonly #formats: FormatTrust;
  #docBytes: number | undefined;
  /** Compactions since something new has happened. */
  #fruitless = 0;

  constructor(deps: RoomDeps) {
    this.#deps = deps;
    this.#formats = new FormatTrust(deps.options.client.host, deps.options.measures);
  }

  /** Hears what happens in the session. */
  readonly hear = (event: Event): void => this.#facts.handle(event);

  /** Called at the start of each turn. */
  enter(model: AgentModel, access: AgentAccess): void {
    const budget = budgetOf(model.settings, this.#deps.options.autoCompactLimit);
    this.#current = { model, access, budget };
    const docBytes = outputBytes(budget, 1);
    const isWhole = this.#deps.conversation.limitDoc(docBytes);
    if (!isWhole && docBytes !== this.#docBytes) {
      this.#warn(
        'AGENTS.md takes more than a quarter of the window: the model gets its beginning and its end. ' +
          'Shorten it, or raise `model_context_window`',
      );
    }
    this.#docBytes = docBytes;
  }

  /**
   * Whether room must be made for a message of the user that is not recorded yet.
   *
   * @throws ModelError where the window is too small for any work.
   */
  isDueFor({ text, images }: UserTurn): boolean {
    checkWindow(this.#now.model.settings);
    this.#fruitless = 0;
    const message: HistoryItem = {
      type: 'user',
      kind: 'prompt',
      content: text,
      ...(images ? { images } : {}),
    };
    const used = this.#used() + this.#tokensOf([message]);
    return used >= this.#now.budget.limit && this.#deps.conversation.history.items.length > 0;
  }

  /** How far answers of the model of this turn can be held to a schema. */
  get constraint(): Constraint {
    return this.#formats.for(this.#now.model);
  }

  /** Whether the next request would pass the limit. */
  get isDue(): boolean {
    return this.#used() >= this.#now.budget.limit;
  }

  /** Tokens that can be added before room must be made. */
  get left(): number {
    return Math.max(0, this.#now.budget.limit - this.#used());
  }

  /** Something happened that had not happened before: what was compacted has led to something. */
  progress(): void {
    this.#fruitless = 0;
  }

  /** What the model must be told of its budget now. @param pending bytes that are about to be appended. */
  note(pending = 0): string | undefined {
    const used = this.#used() + Math.round(pending / this.#deps.conversation.meter.bytesPerToken);
    return this.#useNotes.due(used, this.#now.budget.effective);
  }

  /** Bytes of each output, for an answer with so many calls. */
  outputBytes(calls: number): number {
    return outputBytes(this.#now.budget, calls);
  }

  /**
   * Replaces the history by a summary of it.
   *
   * @throws ModelError when it has not helped twice, or the server is gone; the signal's reason. The history is as before.
   */
  async compact(signal: AbortSignal): Promise<void> {
    if (this.#fruitless >= MAX_FRUITLESS) throw stuck();
    const { conversation, emit } = this.#deps;
    const before = this.#used();
    emit({ type: 'model_phase', phase: 'compacting' });
    const summary = await this.#summary(signal);
    signal.throwIfAborted();
    this.#tellOf(summary);
    this.#replace(summary);
    this.#fruitless += 1;
    emit({ type: 'compacted', before, after: this.#used() });
    const { model, access } = this.#now;
    emit(conversation.estimate(model, access.tools));
  }

  /** The user asked for it. */
  async compactNow(signal: AbortSignal): Promise<void> {
    this.#fruitless = 0;
    if (this.#deps.conversation.history.items.length > 0) return this.compact(signal);
    this.#warn('there is nothing to compact yet');
  }

  /** A second compaction without anything between them does without the model, and cuts deeper. */
  async #summary(signal: AbortSignal): Promise<Summary> {
    const { options, conversation, emit } = this.#deps;
    const { items } = conversation.history;
    if (this.#fruitless > 0) return { text: ownSummary(items), dropped: 0 };
    const { model, access } = this.#now;
    const deps = {
      client: options.client,
      settings: model.settings,
      vision: model.facts.vision,
      system: options.system,
      tools: offered(access.tools),
      prompt: options.compactPrompt ?? compactPrompt.trim(),
      onPhase: (phase: Parameters<typeof phaseOf>[0]) => emit({ type: 'model_phase', phase: phaseOf(phase) }),
      onProgress: lifeSign(() => emit({ type: 'model_phase', phase: 'compacting' })),
      onAnswer: (turn: Parameters<typeof conversation.usage.add>[0]) => conversation.usage.add(turn),
      tokensOf: (some: readonly HistoryItem[]) => this.#tokensOf(some),
    };
    return summarise(deps, items, signal);
  }

  #replace({ text }: Summary): void {
    const { options, conversation } = this.#deps;
    const { access, budget } = this.#now;
    const fixed = conversation.meter.estimate(
      [{ role: 'system', content: options.system }],
      offered(access.tools),
    );
    const deeper = 2 ** this.#fruitless;
    const build = (frame: string): HistoryItem[] => {
      const context: HistoryItem = { type: 'user', kind: 'context', content: frame };
      // Long instructions of a project must not leave the summary without a word.
      const least = this.#tokensOf([context]) + budget.least / deeper;
      return newHistory(
        { frame, old: conversation.history.items, summary: text, facts: this.#facts.text(options.cwd) },
        {
          total: Math.floor(Math.max(budget.target / deeper - fixed, least)),
          users: Math.floor(budget.users / deeper),
        },
        {
          tokensOf: (items) => this.#tokensOf(items),
          bytesPerToken: conversation.meter.bytesPerToken,
          save: (message) => this.#save(message),
        },
      );
    };
    conversation.compact(build, access.readEnvironment());
  }

  #tellOf({ problem, dropped }: Summary): void {
    if (problem !== undefined) {
      this.#warn(`${problem}. oagent goes on with your messages and what it knows for certain`);
    } else if (dropped > 0) {
      this.#warn(`the ${dropped} oldest items did not fit into the request for a summary`);
    }
  }

  #save(text: string): string | undefined {
    try {
      const file = this.#deps.newFile();
      writeFileSync(file, text, { mode: 0o600 });
      return file;
    } catch {
      // A full disk costs the copy, not the session.
      return undefined;
    }
  }

  #used(): number {
    const { model, access } = this.#now;
    return this.#deps.conversation.used(model, access.tools);
  }

  #tokensOf(items: readonly HistoryItem[]): number {
    const { vision } = this.#now.model.facts;
    return this.#deps.conversation.meter.estimate(promptMessages(items, { vision }), []);
  }

  get #now(): Current {
    if (this.#current === undefined) throw new Error('no turn has begun');
    return this.#current;
  }

  #warn(message: string): void {
    this.#deps.emit({ type: 'warning', message });
  }
}

/** While a summary is written, all that is worth a word of its own is that the model has to be loaded first. */
function phaseOf(phase: Extract<Event, { type: 'model_phase' }>['phase']): 'loading' | 'compacting' {
  return phase === 'loading' ? 'loading' : 'compacting';
}

/** A summary is not shown while it is written, but that it is being written is. */
function lifeSign(tell: () => void): () => void {
  let last = performance.now();
  return () => {
    const now = performance.now();
    if (now - last < LIFE_SIGN_MS) return;
    last = now;
    tell();
  };
}

function stuck(): ModelError {
  return new ModelError(
    'the conversation was compacted twice and the model got no further: the task needs a larger window. ' +
      'Raise `model_context_window`, or give it a smaller task; the session can go on',
    'fail',
  );
}
