/**
 * The session that a front end talks to: it is there before the server has answered, and outlives the agents in it.
 *
 * Owns: the agent of the current conversation, its record, its model and permissions. Invariants: an operation is never
 * lost: what comes while there is no agent is done when there is one, and turns that come before the model is known wait
 * visibly in the queue; after `close` no process, request or timer of the session is left, and all of it is on the disk.
 * Does not: show anything, read flags (open-session.ts), run turns (agent/).
 */
import type { Agent } from '../agent/agent.ts';
import { Announcer } from '../agent/announcer.ts';
import { type ChosenModel, chooseModel } from '../model/choose.ts';
import type { OllamaClient } from '../model/client.ts';
import type { Event, Op } from '../protocol.ts';
import { within } from '../system/within.ts';
import { errorMessage } from '../text/error-message.ts';
import type { Access } from './build-agent.ts';
import { listedModels, ModelPulls } from './model-pulls.ts';
import { connect, type SessionPlan, withEffort, withNewThread, withPermissions } from './open-session.ts';
import { resumedEvent, type SessionRecord } from './record.ts';
import { ServerWatch } from './server-watch.ts';

type FreeOp = { type: 'connect' | 'list_models' | 'list_sessions' | 'pull_model' | 'cancel_pull' };
/** What needs an agent. */
type ConversationOp = Exclude<Op, FreeOp>;
type Builder = typeof import('./build-agent.ts');

/** How often a server that is down is asked again. */
const RETRY_MS = 3_000;

/** How long the end of what runs is waited for. */
const CLOSE_MS = 3_000;

interface SessionOptions {
  readonly retryMs?: number;
  /** Sessions of other folders are offered too. */
  readonly listsAll?: boolean;
}

export class InteractiveSession {
  readonly #client: OllamaClient;
  readonly #idleTimeoutMs: number;
  readonly #server: ServerWatch;
  readonly #listsAll: boolean;
  readonly #announcer = new Announcer();
  readonly #pulls: ModelPulls;
  readonly #closed = new AbortController();
  #plan: SessionPlan;
  #builder: Builder | undefined;
  #agent: Agent | undefined;
  #access: Access | undefined;
  #record: SessionRecord | undefined;
  /** What is still to be told of the conversation that is gone on with. */
  #resumed: Extract<Event, { type: 'session_resumed' }> | undefined;
  #model: ChosenModel | undefined;
  /** Operations that came while there was no agent. */
  #held: ConversationOp[] = [];
  /** Changes of the model, one behind the other. */
  #changes: Promise<void> = Promise.resolve();

  /**
   * @param plan from `planSession(flags, { interactive: true })`.
   * @throws ConfigError for an address that is none.
   */
  constructor(plan: SessionPlan, { retryMs = RETRY_MS, listsAll = false }: SessionOptions = {}) {
    this.#listsAll = listsAll;
    const { client, idleTimeoutMs } = connect(plan.loaded);
    this.#client = client;
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#plan = plan;
    this.#pulls = new ModelPulls(client, (event) => this.#emit(event));
    this.#server = new ServerWatch({
      client,
      retryMs,
      closed: this.#closed.signal,
      wanted: () => this.#model?.name ?? this.#plan.loaded.config.model,
      hasModel: () => this.#model !== undefined,
      adopt: (model) => this.#adopt(model),
      tell: (state) => {
        this.#emit(state);
        if (state.state === 'down' || state.state === 'no_model') this.#tellResumed();
      },
    });
  }

  /** Hears every event from now on. @returns a function that ends it. */
  subscribe(listener: (event: Event) => void): () => void {
    return this.#announcer.subscribe(listener);
  }

  /**
   * Begins. Called once, when the listeners have subscribed. Resolves when there is an agent, before the server answers.
   *
   * @throws RulesError when rules.toml is broken, before anything has been asked.
   */
  async start(): Promise<void> {
    this.#emit(this.#server.state);
    this.#builder = await import('./build-agent.ts');
    if (this.#closed.signal.aborted) return;
    for (const message of this.#openAgent(this.#builder)) this.#warn(message);
    void this.#server.look();
  }

  submit(op: Op): void {
    switch (op.type) {
      case 'connect':
        if (this.#server.state.state !== 'ready') this.#server.set('connecting');
        void this.#server.look(true);
        return;
      case 'list_models':
        void listedModels(this.#plan, this.#client, this.#closed.signal).then((event) => this.#emit(event));
        return;
      case 'pull_model':
        void this.#pulls.pull(op.name).then((isThere) => {
          if (isThere && this.#model === undefined) return this.#server.look();
        });
        return;
      case 'cancel_pull':
        return this.#pulls.cancel(op.name);
      case 'list_sessions':
        void sessionRoom().then((room) => this.#emit(room.sessionsEvent(this.#plan, this.#listsAll)));
        return;
      default:
        if (this.#agent === undefined || this.#builder === undefined) this.#held.push(op);
        else this.#withAgent(op, this.#agent, this.#builder);
    }
  }

  #withAgent(op: ConversationOp, agent: Agent, builder: Builder): void {
    switch (op.type) {
      case 'set_model':
        return this.#changeModel(op, agent);
      case 'set_permissions':
        return this.#setPermissions(op, agent, builder);
      case 'new_session':
        return this.#newSession(agent, builder);
      case 'resume_session':
      case 'fork_session':
        return this.#goOn(op, agent, builder);
      case 'rename_session':
        return this.#rename(op.name.trim());
      default:
        agent.submit(op);
    }
  }

  /** Resolves when everything has ended, or after three seconds; no event comes after that. */
  async close(): Promise<void> {
    this.#closed.abort(new DOMException('closed', 'AbortError'));
    this.#server.settle();
    this.#pulls.close();
    this.#agent?.submit({ type: 'shutdown' });
    await within(Promise.all([this.#changes, this.#agent?.settled()]), CLOSE_MS);
    await this.#record?.close();
    this.#agent = undefined;
    this.#announcer.close();
  }

  /** How the session is called that was open last; undefined: nothing of it is kept. */
  get keptAs(): string | undefined {
    const recorder = this.#record?.recorder;
    return recorder?.isKept ? (recorder.name ?? recorder.id) : undefined;
  }

  /** @returns what the user should know of the configuration. */
  #openAgent(builder: Builder): readonly string[] {
    const model =
      this.#model && builder.modelSettings(this.#plan, this.#client, this.#model, this.#idleTimeoutMs);
    const created = builder.createAgent(this.#plan, this.#client, model, () => this.#plan);
    const { agent, warnings } = created;
    this.#agent = agent;
    this.#access = created.access;
    this.#record = created.record;
    this.#resumed = this.#plan.stored && resumedEvent(this.#plan.stored);
    agent.subscribe((event) => {
      this.#emit(event);
      if (event.type === 'session_configured') this.#tellResumed();
      // Perhaps because the server has gone: then that is said, and its return awaited.
      if (event.type === 'turn_failed') void this.#server.look();
    });
    agent.start();
    if (['down', 'no_model'].includes(this.#server.state.state)) this.#tellResumed();
    for (const op of this.#held.splice(0)) this.submit(op);
    return warnings;
  }

  /** A turn that is submitted behind this waits until the model is known. */
  #changeModel(op: Extract<Op, { type: 'set_model' }>, agent: Agent): void {
    if (agent.isBusy) return this.#warn('the model can be changed between turns: interrupt this one first');
    const release = agent.hold();
    this.#changes = this.#changes.then(() => this.#setModel(op)).finally(release);
  }

  async #setModel({ model, effort }: Extract<Op, { type: 'set_model' }>): Promise<void> {
    try {
      const plan = withEffort(this.#plan, effort);
      const chosen = await chooseModel(this.#client, model, this.#closed.signal, true);
      this.#server.settle();
      this.#plan = plan;
      this.#adopt(chosen);
    } catch (error) {
      if (!this.#closed.signal.aborted) this.#warn(errorMessage(error));
    }
  }

  #adopt(model: ChosenModel): void {
    this.#model = model;
    this.#server.set('ready');
    if (this.#builder === undefined) return;
    this.#agent?.setModel(this.#builder.modelSettings(this.#plan, this.#client, model, this.#idleTimeoutMs));
  }

  #setPermissions(
    { mode, approval }: Extract<Op, { type: 'set_permissions' }>,
    agent: Agent,
    builder: Builder,
  ): void {
    if (agent.isBusy) return this.#warn('permissions can be changed between turns: interrupt this one first');
    try {
      const plan = withPermissions(this.#plan, mode, approval);
      const access = builder.createAccess(plan, (message) => this.#warn(message), {
        ...(this.#access && { before: this.#access }),
        recorder: this.#record?.recorder,
      });
      agent.setAccess(access);
      this.#plan = plan;
      this.#access = access;
      const sandbox = builder.sandboxLine(plan);
      this.#emit({ type: 'permissions_changed', mode, approval, sandbox });
    } catch (error) {
      this.#warn(errorMessage(error));
    }
  }

  #newSession(old: Agent, builder: Builder): void {
    this.#end(old);
    this.#changes = this.#changes.then(() => this.#replace(old, builder, () => withNewThread(this.#plan)));
  }

  /** What waits is the user's, whatever conversation it was meant for. */
  #end(old: Agent): void {
    old.submit({ type: 'interrupt' });
    old.submit({ type: 'shutdown' });
    this.#agent = undefined;
  }

  /** @param next gives the plan of the next conversation, when nothing of the old one runs or writes any more. */
  async #replace(old: Agent, builder: Builder, next: () => SessionPlan): Promise<void> {
    await within(old.settled(), CLOSE_MS);
    await this.#record?.close();
    if (this.#closed.signal.aborted) return;
    this.#plan = next();
    this.#openAgent(builder);
  }

  #goOn(op: Extract<Op, { type: 'resume_session' | 'fork_session' }>, old: Agent, builder: Builder): void {
    if (old.isBusy) return this.#warn('this turn must end first: interrupt it, then change the conversation');
    const release = old.hold();
    this.#changes = this.#changes.then(async () => {
      try {
        const { choiceOf, modelOf, resumePlan } = await sessionRoom();
        const choice = choiceOf(op, this.#plan, this.#record?.recorder?.isKept ?? false);
        const { plan, notes } = resumePlan(withNewThread(this.#plan), choice);
        this.#end(old);
        this.#model = await modelOf(plan, this.#model, this.#client, (message) => this.#warn(message));
        await this.#replace(old, builder, () => plan);
        for (const note of notes) this.#warn(note);
      } catch (error) {
        this.#warn(errorMessage(error));
      } finally {
        release();
      }
    });
  }

  #tellResumed(): void {
    if (this.#resumed !== undefined) this.#emit(this.#resumed);
    this.#resumed = undefined;
  }

  #rename(name: string): void {
    if (!this.#record?.recorder) return this.#warn('this session is not kept: a name would be lost');
    this.#record.recorder.rename(name);
    this.#emit({ type: 'session_renamed', name });
  }

  #warn(message: string): void {
    this.#emit({ type: 'warning', message });
  }

  #emit(event: Event): void {
    this.#announcer.tell(event);
  }
}

/** Loaded when it is first asked for: most conversations are new ones. */
const sessionRoom = () => import('./stored.ts');
