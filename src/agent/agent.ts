/**
 * The agent of one session: accepts operations, emits events, runs one turn at a time.
 *
 * Invariants: turns run in the order they arrive; each ends in exactly one of `turn_completed`, `turn_failed`,
 * `turn_aborted`; after an interrupt the history is complete and says that there was one; commands left running belong
 * to the session and end with it.
 */
import type { History } from '../context/history.ts';
import type { Hooks, SessionStart } from '../extensions/hooks/hooks.ts';
import type { ToolCall } from '../model/chat.ts';
import type { WindowUse } from '../protocol/requests.ts';
import type { AgentOp, Event, Happening, Item, TurnEnd } from '../protocol.ts';
import type { Ask, Question, Review } from '../safety/guard.ts';
import { eventTracer } from '../system/trace.ts';
import { eventOf } from '../text/entries.ts';
import { uuidv7 } from '../text/uuid.ts';
import type { PatchOwner } from '../tools/apply-patch/journal.ts';
import type { CommandChanges } from '../tools/checkpoints/commands/command-changes.ts';
import { CommandSessions } from '../tools/commands/command-sessions.ts';
import type { DelegatedWork, KeptCommand, ToolResult, WorkListener } from '../tools/tool.ts';
import { type AgentAccess, type AgentOptions, knownRates } from './agent-options.ts';
import { Announcer } from './announcer.ts';
import type { CallContext } from './call-context.ts';
import { CallLearning } from './call-learning.ts';
import { type AgentModel, Conversation, SUMMARISED } from './conversation.ts';
import { SessionEvidence } from './evidence/evidence.ts';
import { verified } from './evidence/verification.ts';
import type { Eyes, NamedImage } from './eyes.ts';
import { notes } from './notes.ts';
import { OutputFiles } from './output-files.ts';
import { Questions } from './questions.ts';
import { SharedModel } from './shared-model.ts';
import { failureText } from './turn.ts';
import { type NewTurn, type TurnParts, turnDeps } from './turn-deps.ts';
import type { TurnHooks } from './turn-hooks.ts';
import { runUserTurn } from './turn-input.ts';
import { LimitReached, LimitWatch } from './turn-limits.ts';
import { joinTurns, shownText, TurnQueue, type UserTurn } from './turn-queue.ts';
import { counted } from './usage.ts';
import { UserShells } from './user-shell.ts';
import { WindowCheck } from './window-check.ts';
import { WindowKeeper } from './window-keeper.ts';

export class Agent {
  readonly threadId: string;
  readonly #options: AgentOptions;
  readonly #conversation: Conversation;
  readonly #announcer: Announcer;
  readonly #emit = (event: Event): void => this.#announcer.emit(event);
  /** Informs the user, in every front end. */
  readonly warn = (message: string): void => this.#emit({ type: 'warning', message });
  readonly #shells: UserShells;
  readonly #sessions = new CommandSessions({
    onChange: (running) => this.#emit({ type: 'background_changed', running }),
    warn: this.warn,
  });
  readonly #windowCheck: WindowCheck;
  readonly #shared: SharedModel;
  /** Of images that the model cannot see; loaded when there is one. */
  #eyes: Promise<Eyes> | undefined;
  readonly #learning: CallLearning;
  readonly #questions = new Questions(this.#emit, () => this.submit({ type: 'interrupt' }));
  readonly #outputFiles: OutputFiles;
  readonly #evidence = new SessionEvidence();
  readonly #window: WindowKeeper;
  /** Of the running turn; absent: there are none. */
  #hooks: TurnHooks | undefined;
  /** How the session begins; undefined: it has. */
  #begins: SessionStart | undefined;
  readonly #queue = new TurnQueue((entries) => this.#emit({ type: 'queue_changed', entries }));
  #model: AgentModel | undefined;
  #access: AgentAccess;
  #running: AbortController | undefined;
  /** Ends what a turn does before the turn itself ends. */
  #watch: LimitWatch | undefined;
  #turnEnd: Promise<void> = Promise.resolve();
  /** While above 0, no turn starts. */
  #holds = 0;
  #isShutDown = false;
  #down: Promise<void> | undefined;
  readonly #nextItemId: () => string;
  #lastItem: number;
  #commandChanges: Promise<CommandChanges> | undefined;

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#model = options.model;
    this.#access = options;
    this.#conversation = new Conversation(options.system, options.projectDoc, {
      ...options,
      ...knownRates(options),
    });
    this.#lastItem = options.stored?.lastItem ?? 0;
    this.#nextItemId = () => `i${++this.#lastItem}`;
    this.#announcer = new Announcer(options.keeper?.happened);
    this.#shells = new UserShells(options.env);
    this.#learning = new CallLearning(options.client, options.measures);
    this.#windowCheck = new WindowCheck(options.client, options.measures, this.warn);
    this.#shared = new SharedModel({ client: options.client, home: options.home, warn: this.warn });
    this.threadId = options.threadId ?? uuidv7();
    this.#outputFiles = new OutputFiles(options.outputsFolder, this.threadId);
    const newFile = () => this.#outputFiles.next()();
    this.#begins = options.stored === undefined ? 'startup' : 'resume';
    this.#window = new WindowKeeper({
      ...{ options, conversation: this.#conversation, emit: this.#emit, newFile },
      hooks: () => this.#hooks,
    });
    const traced = eventTracer(this.threadId);
    if (traced !== undefined) this.subscribe(traced);
    this.#recall(this.#before);
    for (const hear of [this.#window.hear, this.#evidence.hear, this.#shared.hear]) this.subscribe(hear);
    if (options.hooks !== undefined) this.subscribe(options.hooks.hear);
  }

  /** The session before it was resumed. */
  get #before(): readonly (Item | Happening)[] {
    const { stored } = this.#options;
    return stored?.entries ?? stored?.shown ?? [];
  }

  /** What was seen of the session before it was resumed. */
  #recall(entries: readonly (Item | Happening)[]): void {
    for (const event of entries.map(eventOf)) {
      this.#window.hear(event);
      if (event.type === 'item_completed') this.#evidence.hear(event);
    }
  }

  get history(): History {
    return this.#conversation.history;
  }

  /** Delivers every event from now on. @returns a function that unsubscribes. */
  subscribe(listener: (event: Event) => void): () => void {
    return this.#announcer.subscribe(listener);
  }

  /** Announces the session, if its model is known. Called once all listeners have subscribed. */
  start(): void {
    if (this.#model === undefined) return;
    const { threadId } = this;
    const { cwd, client } = this.#options;
    const { settings, profile } = this.#model;
    const { model, numCtx } = settings;
    const led = profile === 'led' ? { isLed: true as const } : {};
    const thinking = this.#window.thinkingFacts(this.#model);
    const facts = { threadId, model, host: client.host, numCtx, cwd, ...led, thinking };
    this.#emit({ type: 'session_configured', ...facts });
    if (this.history.items.length) this.#emit(this.#conversation.estimate(this.#model, this.#access.tools));
  }

  /** What fills the window now; undefined: the model is not known yet. */
  async windowUse(): Promise<WindowUse | undefined> {
    return this.#model && this.#conversation.windowUse(this.#model, this.#access.tools);
  }

  /** How many of the last messages of the user can be dropped. */
  get droppableTurns(): number {
    return this.#conversation.droppableTurns;
  }

  /** A turn is running. */
  get isBusy(): boolean {
    return this.#running !== undefined;
  }

  /** Between turns only. The history stays; the new model has to read all of it. */
  setModel(model: AgentModel): void {
    this.#model = model;
    this.#windowCheck.again();
    this.#shared.again();
    this.#conversation.changeModel(knownRates({ ...this.#options, model }));
    this.start();
    this.#next();
  }

  /** Between turns only. The model is informed with the next turn. */
  setAccess(access: AgentAccess): void {
    void this.#access.guard.close?.();
    this.#access = access;
  }

  /** Lets no turn start until the returned function is called. */
  hold(): () => void {
    this.#holds += 1;
    return () => {
      this.#holds -= 1;
      this.#next();
    };
  }

  /** Resolves when nothing is running. */
  async settled(): Promise<void> {
    while (this.#running) await this.#turnEnd;
    await this.#shells.settled();
    await this.#down;
  }

  submit(op: AgentOp): void {
    switch (op.type) {
      case 'user_turn':
        if (this.#model && this.#isFree && this.#queue.isEmpty) this.#start(op, this.#model);
        else if (!this.#isShutDown) this.#queue.add('queue', op);
        return;
      case 'steer':
        if (this.#running) this.#queue.add('steer', { ...op, type: 'user_turn' });
        else this.submit({ ...op, type: 'user_turn' });
        return;
      case 'unqueue':
        return this.#handBack(op.id);
      case 'interrupt':
        if (!op.resubmit || !this.#queue.hasSteers) this.#handBack();
        if (this.#running) this.#running.abort(new DOMException('interrupted', 'AbortError'));
        else this.#shells.abort();
        return;
      case 'approval':
        return this.#questions.answer(op.id, op.answer);
      case 'user_shell':
        if (this.#isShutDown || op.command.trim() === '') return;
        this.#shells.start(op.command, this.#toolContext(), () => this.#running ?? this.#recordShells());
        return;
      case 'rollback':
        return this.#rollBack(op.userTurns);
      case 'compact':
        if (this.#model && this.#isFree) this.#start('compact', this.#model);
        else this.warn('compaction is not available while a turn is running');
        return;
      case 'shutdown':
        this.#isShutDown = true;
        this.#queue.takeBack();
        this.#running?.abort(new DOMException('shut down', 'AbortError'));
        this.#shells.abort();
        this.#shared.close();
        this.#down ??= this.#end();
        return;
      case 'stop_background':
        void this.#sessions.endAll();
        return;
      default:
        op satisfies never;
    }
  }

  async #end(): Promise<void> {
    await this.#sessions.close();
    await this.#access.guard.close?.();
    (await this.#commandChanges)?.close();
  }

  get #isFree(): boolean {
    return this.#running === undefined && this.#holds === 0 && !this.#isShutDown;
  }

  #next(): void {
    if (!this.#model || !this.#isFree) return;
    // A steer that came too late for the turn that just ended starts the next one.
    const late = this.#queue.takeSteers();
    const turn = late.length > 0 ? joinTurns(late) : this.#queue.takeTurn();
    if (turn !== undefined) this.#start(turn, this.#model);
  }

  #start(turn: UserTurn | 'compact', model: AgentModel): void {
    // What has ended since the last turn comes before the message.
    this.#recordShells();
    this.#running = new AbortController();
    this.#turnEnd = this.#run(turn, model, this.#running.signal).then((end) => {
      // Before the end is announced, so that its listeners find an agent that is free.
      this.#running = undefined;
      this.#recordShells();
      this.#emit(end);
      // The queued turns would most likely fail the same way: the user decides whether to continue.
      if (end.type === 'turn_failed') this.#handBack();
      this.#next();
    });
  }

  #handBack(id?: string): void {
    for (const { id: entry, turn } of this.#queue.takeBack(id)) {
      const images = turn.images && { images: turn.images };
      this.#emit({ type: 'unqueued', id: entry, text: shownText(turn), ...images });
    }
  }

  async #run(turn: UserTurn | 'compact', model: AgentModel, signal: AbortSignal): Promise<Event> {
    const turnId = uuidv7();
    this.#emit({ type: 'turn_started', turnId });
    try {
      const looked = this.#shared.look(model.settings, () => this.#used(model), signal);
      if (looked !== undefined && (await looked)) this.#conversation.changeModel();
      this.#window.enter(model, this.#access);
      const lastMessage = await this.#hooked(turnId, model, async () =>
        turn === 'compact'
          ? this.#window.compactNow(signal)
          : this.#runTurn(turn, { turnId, turn, model, signal }),
      );
      const seen = await verified(turn, this.#access.tools, this.#toolContext, this.#evidence);
      await this.#windowCheck.run(model.settings, signal);
      if (this.#options.isUnattended !== true) this.#shared.enter(model.settings);
      const { usage, meter } = this.#conversation;
      this.#windowCheck.keepRates(model.settings, meter);
      this.#window.keepThinking();
      const led = await this.#learning.keep(model, signal);
      if (led !== undefined && this.#model?.profile === 'native') {
        this.#workWith(led);
        this.#emit({ type: 'model_led' });
      }
      const end = { usage: usage.total, lastMessage: lastMessage || null, ...seen };
      return { type: 'turn_completed', turnId, ...end };
    } catch (error) {
      const evidence = this.#evidence.turn;
      if (!signal.aborted) return { type: 'turn_failed', turnId, ...failure(error), evidence };
      if (turn !== 'compact') this.#conversation.history.note(notes.turnAborted());
      return { type: 'turn_aborted', turnId };
    }
  }

  #used(model: AgentModel): number {
    return this.#conversation.used(model, this.#access.tools);
  }

  /** With the hooks of the turn, which end with the work, however it ends. */
  async #hooked<T>(turnId: string, model: AgentModel, work: () => Promise<T>): Promise<T> {
    const { hooks } = this.#options;
    if (hooks === undefined) return work();
    try {
      this.#hooks = await this.#turnHooks(hooks, turnId, model);
      return await work();
    } finally {
      this.#hooks = undefined;
    }
  }

  async #turnHooks(hooks: Hooks, turnId: string, { settings }: AgentModel): Promise<TurnHooks> {
    const { TurnHooks } = await import('./turn-hooks.ts');
    const signalNow = this.#signalNow;
    return new TurnHooks({
      hooks,
      cwd: this.#options.cwd,
      call: {
        ...{ turnId, model: settings.model, transcript: this.#options.keeper?.path, emit: this.#emit },
        get signal() {
          return signalNow();
        },
      },
      newFile: () => this.#outputFiles.next()(),
      outputBytes: () => Math.min(this.#options.outputLimit, this.#window.outputBytes(1)),
      start: this.#begins,
      onStarted: () => {
        this.#begins = undefined;
      },
    });
  }

  /** @throws LimitReached, besides what runUserTurn throws. */
  async #runTurn(turn: UserTurn, begun: NewTurn): Promise<string> {
    const { client } = this.#options;
    const { limits = this.#options.limits } = turn;
    const { signal } = begun;
    if (limits === undefined) return runUserTurn(turn, turnDeps(this.#parts, begun), signal);
    const watch = new LimitWatch(limits, this.#conversation.usage, signal);
    const start = this.history.items.length;
    this.#watch = watch;
    try {
      const limited = { ...begun, signal: watch.signal, client: watch.guard(client) };
      return await runUserTurn(turn, turnDeps(this.#parts, limited), watch.signal);
    } catch (error) {
      this.#watch = undefined;
      if (watch.reached === undefined || signal.aborted) throw error;
      const { lastAnswer } = await import('./last-answer.ts');
      const deps = turnDeps(this.#parts, { ...begun, model: this.#model ?? begun.model });
      throw watch.reached.with(
        await lastAnswer(deps, watch.reached.code, { start, maxMs: limits.maxMs }, signal),
      );
    } finally {
      this.#watch = undefined;
      watch.stop();
    }
  }

  /** The same weights, called in another way. */
  #workWith(model: AgentModel): void {
    this.#model = model;
    this.#conversation.changeModel();
    this.#window.enter(model, this.#access);
  }

  get #parts(): TurnParts {
    return {
      options: this.#options,
      access: this.#access,
      conversation: this.#conversation,
      window: this.#window,
      evidence: this.#evidence,
      windowCheck: this.#windowCheck,
      learning: this.#learning,
      useModel: (model) => this.#workWith(model),
      emit: this.#emit,
      nextItemId: this.#nextItemId,
      hooks: this.#hooks,
      contextOf: this.#toolContext,
      isPolling: () => this.#sessions.running.length > 0,
      describe: (images) => this.#describe(images, this.#signalNow()),
      takeSteering: () => {
        this.#recordShells();
        return this.#queue.takeSteers();
      },
    };
  }

  /** Only when every call has its output: between turns, or before a request. */
  #recordShells(): void {
    for (const record of this.#shells.takeRecords()) this.#conversation.history.note(record);
    for (const end of this.#sessions.takeEnded()) this.#conversation.history.note(notes.sessionEnded(end));
  }

  #rollBack(userTurns: number): void {
    if (this.#running)
      return this.warn('going back is not available while a turn is running: interrupt it first');
    const { droppableTurns, hasSummarised } = this.#conversation;
    if (hasSummarised && userTurns > droppableTurns) return this.warn(SUMMARISED);
    const cut = this.#conversation.rollBack(userTurns);
    if (cut === undefined) return;
    this.#emit({ type: 'rolled_back', userTurns: cut.userTurns, text: cut.text });
    if (this.#model) this.#emit(this.#conversation.estimate(this.#model, this.#access.tools));
  }

  readonly #signalNow = (): AbortSignal =>
    this.#watch?.signal ?? this.#running?.signal ?? AbortSignal.abort();

  readonly #toolContext = (call?: ToolCall): CallContext => {
    const { cwd, outputLimit, home } = this.#options;
    const signal = this.#signalNow();
    return {
      cwd,
      hooks: this.#hooks,
      guard: this.#access.guard,
      sessions: this.#sessions,
      ask: (question, review) =>
        review === undefined
          ? this.#questions.ask(question, signal)
          : this.#reviewed(question, review, signal),
      outputLimit,
      signal,
      emit: this.#emit,
      nextItemId: this.#nextItemId,
      spillPath: this.#outputFiles.next(),
      patchOwner: home === undefined ? undefined : this.#patchOwner(home, call),
      describe: this.#model?.facts.vision ? undefined : (images) => this.#describe(images, signal),
      keepChanges: (folders) => this.#keepChanges(folders, signal),
      delegate: (work, listener) => this.#delegate(work, listener, signal),
    };
  };

  async #reviewed(question: Question, review: Review, signal: AbortSignal): ReturnType<Ask> {
    const askUser = (asked: Question) => this.#questions.ask(asked, signal);
    if (this.#model === undefined) return askUser(question);
    const { askReviewed } = await import('./guardian.ts');
    const { settings } = this.#model;
    const client = counted(this.#options.client, this.#conversation.usage);
    const deps = { client, settings, history: this.history.items, emit: this.#emit, askUser };
    return askReviewed(question, review, deps, signal);
  }

  async #describe(images: readonly NamedImage[], signal: AbortSignal): Promise<readonly string[]> {
    this.#eyes ??= import('./eyes.ts').then(({ Eyes }) => {
      const { vision: setup } = this.#options;
      const { usage } = this.#conversation;
      return new Eyes({ setup, usage, emit: this.#emit, entries: this.#before });
    });
    return (await this.#eyes).describe(images, signal);
  }

  #patchOwner(home: string, call: ToolCall | undefined): PatchOwner {
    const { cwd, keeper } = this.#options;
    return { home, cwd, session: this.threadId, call: call?.id, isKept: keeper !== undefined };
  }

  async #keepChanges(folders: readonly string[], signal: AbortSignal): Promise<KeptCommand | undefined> {
    const { home, keeper } = this.#options;
    if (home === undefined || keeper === undefined) return undefined;
    const owner = { home, session: this.threadId };
    this.#commandChanges ??= import('../tools/checkpoints/commands/command-changes.ts').then(
      ({ CommandChanges }) => new CommandChanges(owner, this.warn),
    );
    return (await this.#commandChanges).begin(folders, this.#lastItem, signal);
  }

  async #delegate(work: DelegatedWork, listener: WorkListener, signal: AbortSignal): Promise<ToolResult> {
    const { runSubAgent } = await import('./sub-agent/sub-agent.ts');
    const parent = {
      threadId: this.threadId,
      options: this.#options,
      access: this.#access,
      model: this.#model,
      conversation: this.#conversation,
      limits: this.#watch?.left ?? {},
      emit: this.#emit,
      open: (options: AgentOptions) => new Agent(options),
    };
    return runSubAgent(work, parent, listener, signal);
  }
}

function failure(error: unknown): Pick<Extract<TurnEnd, { type: 'turn_failed' }>, 'message' | 'limit'> {
  if (!(error instanceof LimitReached)) return { message: failureText(error) };
  const { message, code, lastMessage } = error;
  return { message, limit: { code, lastMessage } };
}
