/**
 * The session that a front end talks to: it exists before the server has answered, and outlives its agents.
 *
 * No operation is lost: what comes before `start`, or while one agent replaces another, is done afterwards, and turns
 * that come before the model is known wait visibly in the queue. After `close` no process, request or timer of the
 * session is left, and all of it is on disk.
 */
import type { Agent } from '../agent/agent.ts';
import { Announcer } from '../agent/announcer.ts';
import type { Config } from '../config/schema.ts';
import type { IdleClock } from '../memory/run/idle-run.ts';
import type { MemoryUse } from '../memory/use/memory-use.ts';
import { type ChosenModel, chooseModel } from '../model/choose.ts';
import type { Event, Op, SessionMode } from '../protocol.ts';
import { within } from '../system/within.ts';
import { errorMessage } from '../text/error-message.ts';
import type { Access } from './build-agent.ts';
import { refuseCloudOfProject } from './cloud-model.ts';
import type { CodeIndex, CodeIndexOptions } from './code-index.ts';
import { type Connection, connect } from './connect.ts';
import { shownTo } from './hidden-thinking.ts';
import { isIncognito, memoriesOff } from './memories.ts';
import { MemoriesWhenIdle } from './memories-when-idle.ts';
import { listedModels, ModelPulls } from './model-pulls.ts';
import { releaseStored, type SessionPlan, withEffort, withNewThread, withPermissions } from './plan.ts';
import { PlanMode } from './plan-mode.ts';
import { openMemories } from './recall.ts';
import { resumedEvent, type SessionRecord } from './record.ts';
import { ServerWatch } from './server-watch.ts';
import { SessionMemories } from './session-memories.ts';
import { withPatchesFinished } from './unfinished-patches.ts';

type FreeOp = {
  type: 'connect' | 'list_models' | 'list_sessions' | 'pull_model' | 'cancel_pull' | 'user_active';
};
/** What needs an agent. */
type ConversationOp = Exclude<Op, FreeOp>;
type Builder = typeof import('./build-agent.ts');

interface Server extends Connection {
  readonly watch: ServerWatch;
  readonly pulls: ModelPulls;
}

/** How often a server that is down is asked again. */
const RETRY_MS = 3_000;

/** How long the first message waits for an index that is not ready yet: typing it took time. */
const INDEX_PATIENCE_MS = 1_000;

/** How long `close` waits for what runs. */
const CLOSE_MS = 3_000;

export interface InteractiveOptions {
  readonly retryMs?: number;
  /** Offers sessions of other folders too. */
  readonly listsAll?: boolean;
  /** Whether the code is indexed, or an existing index is used; absent: neither. */
  readonly index?: CodeIndexOptions['purpose'];
  /** By which the rest before memories are made is measured. */
  readonly clock?: IdleClock;
}

export class InteractiveSession {
  readonly #options: InteractiveOptions;
  readonly #announcer = new Announcer();
  readonly #closed = new AbortController();
  /** What the user can do with all that is remembered. */
  readonly memories = new SessionMemories({
    plan: () => this.#plan,
    setConfig: (config) => this.#setConfig(config),
    warn: (message) => this.#warn(message),
  });
  /** As it was announced last. */
  #isIncognito = false;
  #plan: SessionPlan;
  #server: Server;
  #isStarted = false;
  #builder: Builder | undefined;
  #index: CodeIndex | undefined;
  #recall: MemoryUse | undefined;
  #agent: Agent | undefined;
  #access: Access | undefined;
  #record: SessionRecord | undefined;
  /** Announces the conversation being resumed, until it has been sent. */
  #resumed: Extract<Event, { type: 'session_resumed' }> | undefined;
  #model: ChosenModel | undefined;
  readonly #planMode = new PlanMode();
  /** Absent: this session makes no memories. */
  #memories: MemoriesWhenIdle | undefined;
  /** Operations that wait for `start` or for an agent. */
  #held: Op[] = [];
  /** Changes of the model or the conversation, one after the other. */
  #changes: Promise<void> = Promise.resolve();

  /**
   * @param plan from `planSession(flags, { interactive: true })`.
   * @throws ConfigError if the address of the server is not valid.
   */
  constructor(plan: SessionPlan, options: InteractiveOptions = {}) {
    this.#options = options;
    this.#plan = plan;
    this.#server = this.#serverOf(plan);
  }

  /** Hears every event from now on. @returns a function that ends it. */
  readonly subscribe = (listener: (event: Event) => void): (() => void) =>
    this.#announcer.subscribe(shownTo(listener, this.#plan.loaded.config));

  /**
   * Called once, when the listeners have subscribed. Resolves when there is an agent, before the server answers.
   *
   * @param plan replaces the one of the constructor, after the user's answer to the trust question.
   * @throws RulesError if rules.toml is broken, before any request.
   */
  async start(plan?: SessionPlan): Promise<void> {
    if (plan !== undefined) this.#changePlan(plan);
    this.#isStarted = true;
    this.#emit(this.#server.watch.state);
    this.#submitHeld();
    const [builder, index, memories, ready] = await Promise.all([
      import('./build-agent.ts'),
      this.#openIndex(),
      openMemories(this.#plan, () => this.#plan),
      withPatchesFinished(this.#plan),
    ]);
    if (this.#closed.signal.aborted) return;
    this.#plan = ready;
    this.#builder = builder;
    this.#index = index;
    this.#recall = memories;
    const warnings = this.#openAgent(builder);
    for (const message of [...warnings, ...(this.#plan.stored?.notes ?? [])]) this.#warn(message);
    void this.#server.watch.look();
    index?.start();
    this.#memories = this.#restful();
  }

  #restful(): MemoriesWhenIdle | undefined {
    const { client, idleTimeoutMs } = this.#server;
    return MemoriesWhenIdle.of({
      plan: () => this.#plan,
      model: () => this.#model,
      server: { client, idleTimeoutMs },
      isBusy: () => this.#agent?.isBusy ?? false,
      emit: (event) => this.#emit(event),
      clock: this.#options.clock,
    });
  }

  readonly submit = (op: Op): void => {
    this.#memories?.active();
    if (op.type === 'user_active') return;
    if (!this.#isStarted) {
      this.#held.push(op);
      return;
    }
    const { client, watch, pulls } = this.#server;
    switch (op.type) {
      case 'connect':
        if (watch.state.state !== 'ready') watch.set('connecting');
        void watch.look(true);
        return;
      case 'list_models':
        void listedModels(this.#plan, client, this.#closed.signal).then((event) => this.#emit(event));
        return;
      case 'pull_model':
        void pulls.pull(op.name).then((isThere) => {
          if (isThere && this.#model === undefined) return watch.look();
        });
        return;
      case 'cancel_pull':
        return pulls.cancel(op.name);
      case 'list_sessions':
        void storedSessions().then(({ sessionsEvent }) =>
          this.#emit(sessionsEvent(this.#plan, this.#options.listsAll ?? false)),
        );
        return;
      default:
        if (this.#agent === undefined || this.#builder === undefined) this.#held.push(op);
        else this.#withAgent(op, this.#agent, this.#builder);
    }
  };

  #withAgent(op: ConversationOp, agent: Agent, builder: Builder): void {
    switch (op.type) {
      case 'set_model':
        return this.#changeModel(op, agent);
      case 'set_permissions':
        return this.#setPermissions(op, agent, builder);
      case 'carry_out_plan':
        return this.#carryOut(op.isFresh, agent, builder);
      case 'edit_plan':
        return this.#orWarn(() => this.#announcePlan(this.#planMode.edit(op.text), op.text));
      case 'new_session':
        return this.#newSession(agent, builder);
      case 'resume_session':
      case 'fork_session':
        return this.#resume(op, agent, builder);
      case 'rename_session':
        return this.#rename(op.name.trim());
      case 'go_incognito':
        return this.#goIncognito();
      default:
        agent.submit(op);
    }
  }

  /** Resolves when everything has ended, or after three seconds; no event comes after that. */
  async close(): Promise<void> {
    this.#closed.abort(new DOMException('closed', 'AbortError'));
    this.#server.watch.settle();
    this.#server.pulls.close();
    this.#agent?.submit({ type: 'shutdown' });
    await within(Promise.all([this.#changes, this.#agent?.settled(), this.#memories?.close()]), CLOSE_MS);
    await this.#record?.close();
    releaseStored(this.#plan);
    this.#agent = undefined;
    this.#announcer.close();
    this.#recall?.close();
    await this.#index?.close();
  }

  /** Name or id by which the last open session can be resumed; undefined: nothing of it is kept. */
  get keptAs(): string | undefined {
    const recorder = this.#record?.recorder;
    return recorder?.isKept ? (recorder.name ?? recorder.id) : undefined;
  }

  /** Files that a text is about, best first, relative to the session's folder; quick, or none. */
  async filesFor(text: string): Promise<readonly string[]> {
    return (await this.#index?.filesFor(text)) ?? [];
  }

  /** What `/index` shows. @throws Error with a message for the user. */
  async indexReport(args: string): Promise<readonly string[]> {
    return (await this.#index?.report(args)) ?? ['There is no index of this folder.'];
  }

  #serverOf(plan: SessionPlan): Server {
    const connection = connect(plan);
    const { client } = connection;
    const watch = new ServerWatch({
      client,
      retryMs: this.#options.retryMs ?? RETRY_MS,
      closed: this.#closed.signal,
      wanted: () => this.#model?.name ?? this.#plan.loaded.config.model,
      hasModel: () => this.#model !== undefined,
      adopt: (model) => {
        refuseCloudOfProject(plan.loaded, model);
        this.#adopt(model);
      },
      report: (state) => {
        this.#emit(state);
        if (state.state === 'down' || state.state === 'no_model') this.#announceResumed();
      },
    });
    return { ...connection, watch, pulls: new ModelPulls(client, (event) => this.#emit(event)) };
  }

  #changePlan(plan: SessionPlan): void {
    const before = this.#plan.permissions;
    this.#plan = plan;
    this.#server = this.#serverOf(plan);
    const { mode, approval } = plan.permissions;
    if (mode === before.mode && approval === before.approval) return;
    this.#emit({ type: 'permissions_changed', mode, approval, sandbox: mode });
  }

  async #openIndex(): Promise<CodeIndex | undefined> {
    const { index: purpose } = this.#options;
    if (purpose === undefined) return undefined;
    const { openCodeIndex } = await import('./code-index.ts');
    const onStatus = (lines: readonly string[]): void => this.#emit({ type: 'index_status', lines });
    const onProgress = (done: number, total: number): void =>
      this.#emit({ type: 'index_progress', done, total });
    return openCodeIndex(this.#plan, { purpose, patienceMs: INDEX_PATIENCE_MS, onStatus, onProgress });
  }

  /** @returns warnings about the configuration. */
  #openAgent(builder: Builder): readonly string[] {
    const { client, watch } = this.#server;
    const { agent, access, record, warnings } = builder.createAgent(this.#plan, {
      client,
      model: this.#model && this.#settingsFor(this.#model, builder),
      index: this.#index,
      memories: this.#recall,
      rules: () => this.#plan,
    });
    this.#agent = agent;
    this.#access = access;
    this.#record = record;
    this.#resumed = this.#plan.stored && resumedEvent(this.#plan.stored);
    agent.subscribe((event) => {
      this.#emit(event);
      this.#recall?.hear(event);
      if (event.type === 'session_configured') this.#announceResumed();
      // Perhaps because the server is gone: then the user is informed, and its return awaited.
      if (event.type === 'turn_failed') void watch.look();
      if (event.type === 'turn_completed' && event.lastMessage !== null) this.#keepPlan(event.lastMessage);
    });
    agent.start();
    this.#announceIncognito();
    if (['down', 'no_model'].includes(watch.state.state)) this.#announceResumed();
    this.#submitHeld();
    return warnings;
  }

  #settingsFor(model: ChosenModel, builder: Builder): ReturnType<Builder['modelSettings']> {
    const { client, idleTimeoutMs } = this.#server;
    return builder.modelSettings(this.#plan, client, model, idleTimeoutMs);
  }

  /** A turn that is submitted after this waits until the model is known. */
  #changeModel(op: Extract<Op, { type: 'set_model' }>, agent: Agent): void {
    if (agent.isBusy) return this.#warn('the model can be changed between turns: interrupt this one first');
    const release = agent.hold();
    this.#changes = this.#changes.then(() => this.#setModel(op)).finally(release);
  }

  async #setModel({ model, effort }: Extract<Op, { type: 'set_model' }>): Promise<void> {
    const { client, watch } = this.#server;
    try {
      const plan = withEffort(this.#plan, effort);
      const chosen = await chooseModel(client, model, this.#closed.signal, true);
      watch.settle();
      this.#plan = plan;
      this.#adopt(chosen);
    } catch (error) {
      if (!this.#closed.signal.aborted) this.#warn(errorMessage(error));
    }
  }

  #adopt(model: ChosenModel): void {
    this.#model = model;
    this.#server.watch.set('ready');
    if (this.#builder === undefined) return;
    this.#agent?.setModel(this.#settingsFor(model, this.#builder));
  }

  #keepPlan(answer: string): void {
    const { permissions, home, threadId } = this.#plan;
    if (!permissions.isPlan) return;
    this.#orWarn(() => this.#announcePlan(this.#planMode.write(home, threadId, answer), answer));
  }

  #announcePlan(file: string, text: string): void {
    this.#emit({ type: 'plan_written', file, text });
  }

  #carryOut(isFresh: boolean, agent: Agent, builder: Builder): void {
    if (agent.isBusy)
      return this.#warn('the plan can be carried out between turns: interrupt this one first');
    this.#orWarn(() => {
      const { permissions, turn } = this.#planMode.carryOut(isFresh);
      if (permissions !== undefined) this.#setPermissions(permissions, agent, builder);
      if (isFresh) this.#newSession(agent, builder);
      this.submit(turn);
    });
  }

  #orWarn(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#warn(errorMessage(error));
    }
  }

  #setPermissions(wanted: SessionMode, agent: Agent, builder: Builder): void {
    if (agent.isBusy) return this.#warn('permissions can be changed between turns: interrupt this one first');
    this.#orWarn(() => {
      const { mode, approval, isPlan } = wanted;
      const plan = withPermissions(this.#plan, wanted);
      this.#planMode.leaving(this.#plan.permissions);
      const access = builder.createAccess(plan, (message) => this.#warn(message), {
        before: this.#access,
        recorder: this.#record?.recorder,
        index: this.#index,
        memories: this.#recall,
      });
      agent.setAccess(access);
      this.#plan = plan;
      this.#access = access;
      const sandbox = builder.sandboxLine(plan);
      this.#emit({ type: 'permissions_changed', mode, approval, isPlan, sandbox });
    });
  }

  #newSession(old: Agent, builder: Builder): void {
    this.#end(old);
    this.#changes = this.#changes.then(() => this.#replace(old, builder, () => withNewThread(this.#plan)));
  }

  /** What waits in its queue goes back to the user: it was meant for another conversation. */
  #end(old: Agent): void {
    old.submit({ type: 'interrupt' });
    old.submit({ type: 'shutdown' });
    this.#agent = undefined;
  }

  /** @param next makes the plan of the next conversation, when nothing of the old one runs or writes any more. */
  async #replace(old: Agent, builder: Builder, next: () => SessionPlan): Promise<void> {
    await within(old.settled(), CLOSE_MS);
    await this.#record?.close();
    if (this.#closed.signal.aborted) return;
    this.#plan = await withPatchesFinished(next());
    this.#openAgent(builder);
  }

  #resume(op: Extract<Op, { type: 'resume_session' | 'fork_session' }>, old: Agent, builder: Builder): void {
    if (old.isBusy)
      return this.#warn('the conversation can be changed between turns: interrupt this one first');
    const release = old.hold();
    this.#changes = this.#changes.then(async () => {
      try {
        const { choiceOf, modelOf, resumePlan } = await storedSessions();
        const choice = choiceOf(op, this.#plan, this.#record?.recorder?.isKept ?? false);
        const plan = resumePlan(withNewThread(this.#plan), choice);
        this.#end(old);
        const { client } = this.#server;
        this.#model = await modelOf(plan, this.#model, client, (message) => this.#warn(message));
        await this.#replace(old, builder, () => plan);
        for (const note of plan.stored?.notes ?? []) this.#warn(note);
      } catch (error) {
        this.#warn(errorMessage(error));
      } finally {
        release();
      }
    });
  }

  #announceResumed(): void {
    if (this.#resumed !== undefined) this.#emit(this.#resumed);
    this.#resumed = undefined;
  }

  #rename(name: string): void {
    if (!this.#record?.recorder) return this.#warn('this session is not kept, so it cannot be named');
    this.#record.recorder.rename(name);
    this.#emit({ type: 'session_renamed', name });
  }

  #goIncognito(): void {
    this.#plan = { ...this.#plan, isIncognito: true };
    this.#record?.recorder?.keepMemoriesOff('incognito');
    this.#announceIncognito();
  }

  #announceIncognito(): void {
    const isOn = isIncognito(this.#plan);
    if (isOn === this.#isIncognito) return;
    this.#isIncognito = isOn;
    this.#emit({ type: 'incognito', isOn });
  }

  /** Its settings have changed: what the user has switched off is off from now on. */
  #setConfig(config: Config): void {
    this.#plan = { ...this.#plan, loaded: { ...this.#plan.loaded, config } };
    const off = memoriesOff(this.#plan);
    if (off !== undefined) this.#record?.recorder?.keepMemoriesOff(off);
  }

  #submitHeld(): void {
    for (const op of this.#held.splice(0)) this.submit(op);
  }

  #warn(message: string): void {
    this.#emit({ type: 'warning', message });
  }

  #emit(event: Event): void {
    this.#announcer.emit(event);
  }
}

/** Loaded when first asked for: most conversations are new ones. */
const storedSessions = () => import('./stored.ts');
