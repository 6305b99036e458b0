/**
 * The session that a front end talks to: it is there before the server has answered, and outlives the agents in it.
 *
 * Owns: the connection's state, the agent of the current conversation, its model and permissions. Invariants: an
 * operation is never lost: what comes while there is no agent is done when there is one, and turns that come before the
 * model is known wait visibly in the queue; while the server is down one timer asks again, and no other timer runs;
 * after `close` no process, request or timer of the session is left.
 * Does not: show anything, read flags (open-session.ts), run turns (agent/).
 */
import type { Agent } from '../agent/agent.ts';
import { Announcer } from '../agent/announcer.ts';
import { type ChosenModel, chooseModel, NoModelError } from '../model/choose.ts';
import type { OllamaClient } from '../model/client.ts';
import { listModels } from '../model/pull.ts';
import type { Event, Op } from '../protocol.ts';
import { within } from '../tools/process-tree.ts';
import type { Access } from './build-agent.ts';
import { ModelPulls } from './model-pulls.ts';
import { connect, type SessionPlan, withEffort, withNewThread, withPermissions } from './open-session.ts';

type ServerState = Extract<Event, { type: 'server_state' }>;
/** What needs an agent. */
type ConversationOp = Exclude<Op, { type: 'connect' | 'list_models' | 'pull_model' | 'cancel_pull' }>;
type Builder = typeof import('./build-agent.ts');

/** How often a server that is down is asked again. */
const RETRY_MS = 3_000;

/** How long the end of what runs is waited for. */
const CLOSE_MS = 3_000;

export class InteractiveSession {
  readonly #client: OllamaClient;
  readonly #idleTimeoutMs: number;
  readonly #retryMs: number;
  readonly #announcer = new Announcer();
  readonly #pulls: ModelPulls;
  readonly #closed = new AbortController();
  #plan: SessionPlan;
  #builder: Builder | undefined;
  #agent: Agent | undefined;
  #access: Access | undefined;
  #model: ChosenModel | undefined;
  /** Operations that came while there was no agent. */
  #held: ConversationOp[] = [];
  #state: ServerState;
  /** Counts what decides the model, so that an older answer does not win over a newer one. */
  #attempt = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Changes of the model, one behind the other. */
  #changes: Promise<void> = Promise.resolve();

  /**
   * @param plan from `planSession(flags, { interactive: true })`.
   * @throws ConfigError for an address that is none.
   */
  constructor(plan: SessionPlan, { retryMs = RETRY_MS }: { readonly retryMs?: number } = {}) {
    const { client, idleTimeoutMs } = connect(plan.loaded);
    this.#client = client;
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#retryMs = retryMs;
    this.#plan = plan;
    this.#pulls = new ModelPulls(client, (event) => this.#emit(event));
    this.#state = { type: 'server_state', state: 'connecting', host: client.host };
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
    this.#emit(this.#state);
    this.#builder = await import('./build-agent.ts');
    if (this.#closed.signal.aborted) return;
    for (const message of this.#openAgent(this.#builder)) this.#warn(message);
    void this.#connect();
  }

  submit(op: Op): void {
    switch (op.type) {
      case 'connect':
        if (this.#state.state !== 'ready') this.#setState('connecting');
        void this.#connect(true);
        return;
      case 'list_models':
        void this.#listModels();
        return;
      case 'pull_model':
        void this.#pulls.pull(op.name).then((isThere) => {
          if (isThere && this.#model === undefined) return this.#connect();
        });
        return;
      case 'cancel_pull':
        return this.#pulls.cancel(op.name);
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
      default:
        agent.submit(op);
    }
  }

  /** Ends everything. Resolves when it has ended, or after three seconds; no event comes after that. */
  async close(): Promise<void> {
    this.#closed.abort(new DOMException('closed', 'AbortError'));
    clearTimeout(this.#timer);
    this.#pulls.close();
    this.#agent?.submit({ type: 'shutdown' });
    await within(Promise.all([this.#changes, this.#agent?.settled()]), CLOSE_MS);
    this.#agent = undefined;
    this.#announcer.close();
  }

  /** @returns what the user should know of the configuration. */
  #openAgent(builder: Builder): readonly string[] {
    const model =
      this.#model && builder.modelSettings(this.#plan.loaded.config, this.#model, this.#idleTimeoutMs);
    const { agent, access, warnings } = builder.createAgent(this.#plan, this.#client, model);
    this.#agent = agent;
    this.#access = access;
    agent.subscribe((event) => {
      this.#emit(event);
      // Perhaps because the server has gone: then that is said, and its return awaited.
      if (event.type === 'turn_failed') void this.#connect();
    });
    agent.start();
    for (const op of this.#held.splice(0)) this.submit(op);
    return warnings;
  }

  /** Looks for the server and its model. Never rejects; says how it ended if that is new or was `asked` for. */
  async #connect(asked = false): Promise<void> {
    clearTimeout(this.#timer);
    this.#attempt += 1;
    const attempt = this.#attempt;
    const wanted = this.#model?.name ?? this.#plan.loaded.config.model;
    try {
      const chosen = await chooseModel(this.#client, wanted, this.#closed.signal);
      if (attempt !== this.#attempt) return;
      if (this.#model === undefined) this.#adopt(chosen);
      else this.#setState('ready', undefined, asked);
    } catch (error) {
      if (this.#closed.signal.aborted || attempt !== this.#attempt) return;
      if (error instanceof NoModelError) return this.#setState('no_model', error.message, asked);
      this.#setState('down', messageOf(error), asked);
      this.#timer = setTimeout(() => void this.#connect(), this.#retryMs);
    }
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
      const chosen = await chooseModel(this.#client, model, this.#closed.signal);
      clearTimeout(this.#timer);
      this.#attempt += 1;
      this.#plan = plan;
      this.#adopt(chosen);
    } catch (error) {
      if (!this.#closed.signal.aborted) this.#warn(messageOf(error));
    }
  }

  #adopt(model: ChosenModel): void {
    this.#model = model;
    this.#setState('ready');
    if (this.#builder === undefined) return;
    this.#agent?.setModel(this.#builder.modelSettings(this.#plan.loaded.config, model, this.#idleTimeoutMs));
  }

  #setPermissions(
    { mode, approval }: Extract<Op, { type: 'set_permissions' }>,
    agent: Agent,
    builder: Builder,
  ): void {
    if (agent.isBusy) return this.#warn('permissions can be changed between turns: interrupt this one first');
    try {
      const plan = withPermissions(this.#plan, mode, approval);
      const access = builder.createAccess(plan, (message) => this.#warn(message), this.#access);
      agent.setAccess(access);
      this.#plan = plan;
      this.#access = access;
      const sandbox = builder.sandboxLine(plan);
      this.#emit({ type: 'permissions_changed', mode, approval, sandbox });
    } catch (error) {
      this.#warn(messageOf(error));
    }
  }

  #newSession(old: Agent, builder: Builder): void {
    // What waits is the user's, whatever conversation it was meant for.
    old.submit({ type: 'interrupt' });
    old.submit({ type: 'shutdown' });
    this.#agent = undefined;
    this.#changes = this.#changes.then(async () => {
      await within(old.settled(), CLOSE_MS);
      if (this.#closed.signal.aborted) return;
      this.#plan = withNewThread(this.#plan);
      this.#openAgent(builder);
    });
  }

  async #listModels(): Promise<void> {
    try {
      this.#emit({ type: 'models', models: await listModels(this.#client, this.#closed.signal) });
    } catch (error) {
      if (!this.#closed.signal.aborted) this.#emit({ type: 'models', models: [], error: messageOf(error) });
    }
  }

  /** Told when it is new, and `always` if that was asked for. */
  #setState(state: ServerState['state'], message?: string, always = false): void {
    const isSame = this.#state.state === state && this.#state.message === message;
    const next = { type: 'server_state', state, host: this.#client.host } as const;
    this.#state = message === undefined ? next : { ...next, message };
    if (always || !isSame) this.#emit(this.#state);
  }

  #warn(message: string): void {
    this.#emit({ type: 'warning', message });
  }

  #emit(event: Event): void {
    this.#announcer.tell(event);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
