/**
 * Keeps room in the window: watches what is used, tells the model, and compacts before a request would not fit.
 *
 * Invariants: a compaction is announced before it happens and told with its numbers when it has; the history changes in
 * one step at its end, so that an interrupt leaves it whole; two compactions in a row that led to nothing new end the turn
 * instead of a third. Does not: write summaries (compaction.ts) or build the new history (new-history.ts).
 */
import { writeFileSync } from 'node:fs';
import compactPrompt from '../../prompts/compact.md?raw';
import type { Environment } from '../context/environment.ts';
import type { HistoryItem } from '../context/history.ts';
import { buildPrompt, messagesOf, promptHead } from '../context/prompt.ts';
import { ModelError } from '../model/errors.ts';
import type { Event } from '../protocol.ts';
import type { AgentAccess, AgentOptions } from './agent-options.ts';
import { type Budget, budgetOf, checkWindow, outputBytes, UseNotes } from './budget.ts';
import { held, ownSummary, type Summary, summarise } from './compaction.ts';
import type { AgentModel, Conversation } from './conversation.ts';
import { Drafts } from './drafts.ts';
import { Facts } from './facts.ts';
import { type Constraint, FormatTrust } from './format-trust.ts';
import { lifeSign } from './life-sign.ts';
import { recordOf } from './summary-check.ts';
import type { UserTurn } from './turn-queue.ts';

const MAX_FRUITLESS = 2;
const NOT_SMALLER = 'a compaction would not make the conversation clearly smaller: it was left as it is';

export interface WindowDeps {
  readonly options: Pick<
    AgentOptions,
    'client' | 'system' | 'cwd' | 'autoCompactLimit' | 'compactPrompt' | 'measures'
  >;
  readonly conversation: Conversation;
  readonly emit: (event: Event) => void;
  /** A path in a folder that the model may read. */
  readonly newFile: () => string;
}

type Access = Pick<AgentAccess, 'tools' | 'readEnvironment'>;

interface Current {
  readonly model: AgentModel;
  readonly access: Access;
  readonly budget: Budget;
}

export class WindowKeeper {
  readonly #deps: WindowDeps;
  readonly #facts = new Facts();
  #current: Current | undefined;
  readonly #useNotes = new UseNotes();
  readonly #formats: FormatTrust;
  #docBytes: number | undefined;
  /** Compactions since something new has happened. */
  #fruitless = 0;

  constructor(deps: WindowDeps) {
    this.#deps = deps;
    this.#formats = new FormatTrust(deps.options.client.host, deps.options.measures);
  }

  /** Hears what happens in the session. */
  readonly hear = (event: Event): void => this.#facts.handle(event);

  /** Called at the start of each turn. */
  enter(model: AgentModel, access: Access): void {
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
      images,
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
   * Replaces the history by a summary of it, where that makes it clearly smaller.
   *
   * @throws ModelError when it has not helped twice, or the server is gone; the signal's reason. The history is as before.
   */
  async compact(signal: AbortSignal): Promise<void> {
    if (this.#fruitless >= MAX_FRUITLESS) throw stuck();
    return this.#compact(signal, false);
  }

  /** The user asked for it. */
  async compactNow(signal: AbortSignal): Promise<void> {
    this.#fruitless = 0;
    if (this.#deps.conversation.history.items.length > 0) return this.#compact(signal, true);
    this.#warn('there is nothing to compact yet');
  }

  async #compact(signal: AbortSignal, isAsked: boolean): Promise<void> {
    const { history } = this.#deps.conversation;
    const drafts = this.#drafts();
    const depth = this.#fruitless;
    // Then no summary is short enough, and the model need not be asked for one.
    const isFutile = drafts.smaller('', depth) === undefined;
    if (isFutile && isAsked) return this.#warn(NOT_SMALLER);
    this.#deps.emit({ type: 'model_phase', phase: 'compacting' });
    // A second compaction without anything between them does without the model, and cuts deeper.
    const hasOwn = isFutile || depth > 0;
    const summary = hasOwn ? own(history.items) : await this.#summary(signal);
    signal.throwIfAborted();
    this.#fruitless += 1;
    this.#tellOf(summary);
    const items =
      drafts.smaller(summary.text, depth) ??
      (isAsked ? undefined : drafts.smaller(ownSummary(history.items), depth + 1));
    if (items === undefined) return this.#warn(NOT_SMALLER);
    this.#replace(items, drafts.environment);
  }

  async #summary(signal: AbortSignal): Promise<Summary> {
    const { options, conversation, emit } = this.#deps;
    const { items } = conversation.history;
    const { model, access } = this.#now;
    const deps = {
      client: options.client,
      settings: model.settings,
      head: promptHead(model, options.system, access.tools),
      prompt: options.compactPrompt ?? compactPrompt.trim(),
      constraint: options.compactPrompt === undefined ? this.constraint : undefined,
      onPhase: (phase: Parameters<typeof phaseOf>[0]) => emit({ type: 'model_phase', phase: phaseOf(phase) }),
      onProgress: lifeSign(() => emit({ type: 'model_phase', phase: 'compacting' })),
      onAnswer: (turn: Parameters<typeof conversation.usage.add>[0]) => conversation.usage.add(turn),
      tokensOf: (some: readonly HistoryItem[]) => this.#tokensOf(some),
    };
    const record = recordOf(items, { commands: this.#facts.commands, cwd: options.cwd });
    return held(await summarise(deps, items, signal), items, record);
  }

  #replace(items: readonly HistoryItem[], environment: Environment): void {
    const { conversation, emit } = this.#deps;
    const before = this.#used();
    conversation.compact(items, environment);
    emit({ type: 'compacted', before, after: this.#used() });
    const { model, access } = this.#now;
    emit(conversation.estimate(model, access.tools));
  }

  #drafts(): Drafts {
    const { options, conversation } = this.#deps;
    const { model, access, budget } = this.#now;
    const empty = buildPrompt(promptHead(model, options.system, access.tools), []);
    return new Drafts({
      conversation,
      budget,
      environment: access.readEnvironment(),
      facts: this.#facts.text(options.cwd),
      fixed: conversation.meter.estimate(empty.messages, empty.tools),
      tokensOf: (items) => this.#tokensOf(items),
      save: (message) => this.#save(message),
    });
  }

  #tellOf({ problem, dropped, struck }: Summary): void {
    if (struck !== undefined) this.#warn(struckText(struck));
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
    return this.#deps.conversation.meter.estimate(messagesOf(items, this.#now.model.facts), []);
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

function own(items: readonly HistoryItem[]): Summary {
  return { text: ownSummary(items), dropped: 0 };
}

function struckText(struck: readonly string[]): string {
  const what = struck.length === 1 ? 'a line' : `${struck.length} lines`;
  const were = struck.length === 1 ? 'was' : 'were';
  return `${what} of the summary named what this session does not bear out and ${were} left out: ${struck[0]?.trim()}`;
}

function stuck(): ModelError {
  return new ModelError(
    'the conversation was compacted twice and the model got no further: the task needs a larger window. ' +
      'Raise `model_context_window`, or give it a smaller task; the session can go on',
    'fail',
  );
}
