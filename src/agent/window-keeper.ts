/**
 * Keeps the prompt inside the context window: tracks usage, warns the model, compacts in time.
 *
 * Invariants: a compaction is announced before it happens and reported with its numbers afterwards; the history changes
 * in one step at its end, so an interrupt leaves it intact; if two compactions in a row led to nothing new, the turn
 * ends instead of a third.
 */
import compactPrompt from '../../prompts/compact.md?raw';
import type { Environment } from '../context/environment.ts';
import type { HistoryItem } from '../context/history.ts';
import { keptText } from '../context/kept-text.ts';
import { buildPrompt, messagesOf, type Prompt, promptHead } from '../context/prompt.ts';
import { Facts } from '../context/seen/facts.ts';
import { ModelError } from '../model/errors.ts';
import type { ModelPhase } from '../protocol/requests.ts';
import type { Event, Happening, ThinkingFacts } from '../protocol.ts';
import type { AgentAccess, AgentOptions } from './agent-options.ts';
import { type Budget, budgetOf, checkWindow, outputBytes, UseNotes } from './budget.ts';
import { held, ownSummary, type Summary, summarise } from './compaction.ts';
import type { AgentModel, Conversation } from './conversation.ts';
import { Drafts } from './drafts.ts';
import { type Constraint, FormatTrust } from './format-trust.ts';
import { countingSign } from './life-sign.ts';
import type { ReadingFacts } from './prompt-meter.ts';
import { recordOf } from './summary-check.ts';
import { type Thinking, ThinkingBudget } from './thinking-budget.ts';
import type { TurnHooks } from './turn-hooks.ts';
import type { UserTurn } from './turn-queue.ts';

const MAX_FRUITLESS = 2;
/** So far from the limit, as a share of it, an estimate is good enough. */
const NEAR = 0.15;
const FULL = 'a hook does not let it be compacted, but the window is full, so it is all the same:';
const NOT_SMALLER = 'compaction skipped: it would not make the conversation clearly smaller';

interface WindowDeps {
  readonly options: Pick<
    AgentOptions,
    'client' | 'system' | 'cwd' | 'autoCompactLimit' | 'compactPrompt' | 'measures' | 'stored'
  >;
  readonly conversation: Conversation;
  readonly emit: (event: Event) => void;
  /** A path in a folder that the model may read. */
  readonly newFile: () => string;
  /** Of the running turn. */
  readonly hooks?: () => TurnHooks | undefined;
}

type Access = Pick<AgentAccess, 'tools' | 'readEnvironment'>;

interface Current {
  readonly model: AgentModel;
  readonly access: Access;
}

export class WindowKeeper {
  readonly #deps: WindowDeps;
  readonly #facts: Facts;
  #current: Current | undefined;
  readonly #useNotes = new UseNotes();
  readonly #formats: FormatTrust;
  readonly #thinking: ThinkingBudget;
  #docBytes: number | undefined;
  /** Compactions since the last progress. */
  #fruitless = 0;

  constructor(deps: WindowDeps) {
    this.#deps = deps;
    this.#facts = new Facts(deps.options.stored?.messagesBefore);
    const { client, measures } = deps.options;
    this.#formats = new FormatTrust(client, measures);
    this.#thinking = new ThinkingBudget(client, measures);
  }

  /** Takes the events of the session, and what happened in it before it was resumed. */
  readonly hear = (event: Event | Happening): void => this.#facts.handle(event);

  /** Called at the start of each turn. */
  enter(model: AgentModel, access: Access): void {
    const budget = budgetOf(model.settings, this.#deps.options.autoCompactLimit);
    this.#current = { model, access };
    const docBytes = outputBytes(budget, 1);
    const isWhole = this.#deps.conversation.limitDoc(docBytes, model.settings.numCtx);
    if (!isWhole && docBytes !== this.#docBytes) {
      this.#warn(
        'AGENTS.md takes more than a quarter of the window: the model only gets its beginning and its end. ' +
          'Shorten it, or raise `model_context_window`',
      );
    }
    this.#docBytes = docBytes;
  }

  /**
   * Whether a compaction is due before this message, which is not recorded yet.
   *
   * @throws ModelError if the window is too small for any work.
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

  /** Whether schemas are enforced for the model of this turn. */
  get constraint(): Constraint {
    return this.#formats.for(this.#now.model);
  }

  /** How long the model of this turn may think. */
  get thinking(): Thinking {
    return this.#thinking.for(this.#now.model);
  }

  /** For the user; undefined: it does not think. */
  thinkingFacts(model: AgentModel): ThinkingFacts | undefined {
    const { think } = model.settings;
    if (think === undefined) return undefined;
    const effort = typeof think === 'string' ? think : think ? 'on' : 'off';
    return { effort, most: this.#thinking.for(model).most };
  }

  /** Stores what the session has learned of that. */
  keepThinking(): void {
    this.#thinking.keep();
  }

  /** The next request would reach the limit. */
  get isDue(): boolean {
    return this.#used() >= this.#now.budget.limit;
  }

  /** The same, by the server's own count of tokens where the estimate is near the limit. Asks only then, and only a server that can. */
  async isDueBefore(signal: AbortSignal): Promise<boolean> {
    const { count } = this.#deps.options.client;
    const { budget, model, access } = this.#now;
    if (count === undefined || Math.abs(this.#used() - budget.limit) > budget.limit * NEAR) return this.isDue;
    const { history, meter } = this.#deps.conversation;
    const prompt = buildPrompt(promptHead(model, this.#deps.options.system, access.tools), history.items);
    // A server that cannot say so is asked again before the next request.
    const tokens = await count(model.settings, prompt, signal).catch(() => undefined);
    signal.throwIfAborted();
    if (tokens !== undefined) meter.weighed(prompt.messages, tokens);
    return this.isDue;
  }

  /** Tokens that can be added before a compaction is due. */
  get left(): number {
    return Math.max(0, this.#now.budget.limit - this.#used());
  }

  /** Something new has happened: the last compaction was not fruitless. */
  progress(): void {
    this.#fruitless = 0;
  }

  /** The line about the budget that is due for the model. @param pending bytes that are about to be appended. */
  note(pending = 0): string | undefined {
    const used = this.#used() + Math.round(pending / this.#deps.conversation.meter.bytesPerToken);
    return this.#useNotes.due(used, this.#now.budget.effective);
  }

  /** Bytes for each output of an answer with that many calls. */
  outputBytes(calls: number): number {
    return outputBytes(this.#now.budget, calls);
  }

  /**
   * Replaces the history with a summary, if that makes it clearly smaller.
   *
   * @throws ModelError if it did not help twice in a row, or the server is down; the signal's reason. The history is
   * unchanged.
   */
  async compact(signal: AbortSignal): Promise<void> {
    if (this.#fruitless >= MAX_FRUITLESS) throw stuck();
    return this.#compact(signal, false);
  }

  /** At the user's request. */
  async compactNow(signal: AbortSignal): Promise<void> {
    this.#fruitless = 0;
    if (this.#deps.conversation.history.items.length > 0) return this.#compact(signal, true);
    this.#warn('there is nothing to compact yet');
  }

  async #compact(signal: AbortSignal, isAsked: boolean): Promise<void> {
    const { history } = this.#deps.conversation;
    const drafts = this.#drafts();
    const depth = this.#fruitless;
    // No summary would be short enough, so none is requested.
    const isFutile = drafts.smaller('', depth) === undefined;
    if (isFutile && isAsked) return this.#warn(NOT_SMALLER);
    const hooks = this.#deps.hooks?.();
    const forbidden = await hooks?.beforeCompaction(isAsked ? 'manual' : 'auto');
    signal.throwIfAborted();
    if (forbidden !== undefined && isAsked)
      return this.#warn(`a hook does not let it be compacted: ${forbidden}`);
    if (forbidden !== undefined) this.#warn(`${FULL} ${forbidden}`);
    this.#deps.emit({ type: 'model_phase', phase: 'compacting' });
    // A second compaction without progress does without the model, and cuts more.
    const hasOwn = isFutile || depth > 0;
    const summary = hasOwn ? own(history.items) : await this.#summary(signal);
    signal.throwIfAborted();
    this.#fruitless += 1;
    this.#report(summary);
    const items =
      drafts.smaller(summary.text, depth) ??
      (isAsked ? undefined : drafts.smaller(ownSummary(history.items), depth + 1));
    if (items === undefined) return this.#warn(NOT_SMALLER);
    this.#replace(items, drafts.environment);
    const said = await hooks?.compacted();
    if (said !== undefined) history.note(said);
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
      thinking: { most: this.thinking.most, bytesPerToken: conversation.meter.bytesPerToken },
      onPhase: (phase: ModelPhase, reading: ReadingFacts) =>
        emit({ type: 'model_phase', phase: phaseOf(phase), ...reading }),
      onProgress: countingSign((pieces) => emit({ type: 'model_phase', phase: 'compacting', pieces })),
      readingOf: (prompt: Prompt) => conversation.meter.readingOf(prompt.messages, prompt.tools),
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
      save: (message) => keptText(message, this.#deps.newFile),
    });
  }

  #report({ problem, dropped, struck }: Summary): void {
    if (struck !== undefined) this.#warn(struckText(struck));
    if (problem !== undefined) {
      this.#warn(`${problem}. oagent continues with your messages and the facts that it recorded`);
    } else if (dropped > 0) {
      this.#warn(`the ${dropped} oldest items did not fit into the request for a summary`);
    }
  }

  #used(): number {
    const { model, access } = this.#now;
    return this.#deps.conversation.used(model, access.tools);
  }

  #tokensOf(items: readonly HistoryItem[]): number {
    return this.#deps.conversation.meter.estimate(messagesOf(items, this.#now.model.facts), []);
  }

  /** The window can become smaller within a turn. */
  get #now(): Current & { readonly budget: Budget } {
    if (this.#current === undefined) throw new Error('no turn has begun');
    const { settings } = this.#current.model;
    return { ...this.#current, budget: budgetOf(settings, this.#deps.options.autoCompactLimit) };
  }

  #warn(message: string): void {
    this.#deps.emit({ type: 'warning', message });
  }
}

/** While a summary is written, the only other phase worth showing is the loading of the model. */
function phaseOf(phase: ModelPhase): 'loading' | 'compacting' {
  return phase === 'loading' ? 'loading' : 'compacting';
}

function own(items: readonly HistoryItem[]): Summary {
  return { text: ownSummary(items), dropped: 0 };
}

function struckText(struck: readonly string[]): string {
  const what = struck.length === 1 ? 'a line' : `${struck.length} lines`;
  const [were, them] = struck.length === 1 ? ['was', 'it'] : ['were', 'them'];
  return `${what} of the summary ${were} removed, because nothing in this session supports ${them}: ${struck[0]?.trim()}`;
}

function stuck(): ModelError {
  return new ModelError(
    'the conversation was compacted twice without progress: the task needs a larger window. ' +
      'Raise `model_context_window`, or give it a smaller task. The session can continue',
    'fail',
  );
}
