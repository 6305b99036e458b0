/**
 * The session that a front end talks to: it exists before the server has answered, and outlives its agents.
 *
 * No operation is lost: what comes before `start`, or while one agent replaces another, is done afterwards, and turns
 * that come before the model is known wait visibly in the queue. After `close` no process, request or timer of the
 * session is left, and all of it is on disk.
 */
import { Announcer } from '../agent/announcer.ts';
import type { IdleClock } from '../memory/run/idle-run.ts';
import type { MemoryUse } from '../memory/use/memory-use.ts';
import type { WindowUse } from '../protocol/requests.ts';
import type { Event, Op } from '../protocol.ts';
import { typedCommand } from '../text/typed-command.ts';
import { refuseCloudOfProject } from './cloud-model.ts';
import type { CodeIndex, CodeIndexOptions } from './code-index.ts';
import { type Connection, connect } from './connect.ts';
import { Conversation, loadBuilder } from './conversation.ts';
import { type Extensions, openExtensions } from './extensions.ts';
import { shownTo } from './hidden-thinking.ts';
import { MemoriesWhenIdle } from './memories-when-idle.ts';
import type { MemoryMeaning } from './memory-meaning.ts';
import { listedModels, ModelPulls } from './model-pulls.ts';
import { Offers } from './offers.ts';
import type { SessionPlan } from './plan.ts';
import { openMemories } from './recall.ts';
import { ServerWatch } from './server-watch.ts';
import { SessionHosts } from './session-hosts.ts';
import { SessionMemories } from './session-memories.ts';
import type { SessionChoice } from './stored.ts';
import { withWorkFinished } from './unfinished-work.ts';

interface Server extends Connection {
  readonly hosts: SessionHosts;
  readonly watch: ServerWatch;
  readonly pulls: ModelPulls;
}

/** How often a server that is down is asked again. */
const RETRY_MS = 3_000;

/** How long the first message waits for an index that is not ready yet: typing it took time. */
const INDEX_PATIENCE_MS = 1_000;

export interface InteractiveOptions {
  readonly retryMs?: number;
  /** Which sessions it offers. */
  readonly lists?: Pick<SessionChoice, 'isAll' | 'hasExec'> | undefined;
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
    plan: () => this.#conversation.plan,
    changeConfig: (change) => this.#conversation.changeConfig(change),
    warn: (message) => this.#emit({ type: 'warning', message }),
  });
  readonly #conversation: Conversation;
  #server: Server;
  #isStarted = false;
  #index: CodeIndex | undefined;
  #recall: MemoryUse | undefined;
  #extensions: Extensions | undefined;
  readonly #offers = new Offers(
    (event) => this.#emit(event),
    () => this.#conversation.plan.cwd,
  );
  #meaning: MemoryMeaning | undefined;
  /** Absent: the user wants none to be made. */
  #idle: MemoriesWhenIdle | undefined;
  /** Operations that wait for `start` or for an agent. */
  #held: Op[] = [];

  /**
   * @param plan from `planSession(flags, { interactive: true })`.
   * @throws ConfigError if the address of the server is not valid.
   */
  constructor(plan: SessionPlan, options: InteractiveOptions = {}) {
    this.#options = options;
    this.#conversation = new Conversation(plan, {
      closed: this.#closed.signal,
      server: () => this.#server,
      index: () => this.#index,
      memories: () => this.#recall,
      extensions: () => this.#extensions,
      emit: (event) => this.#emit(event),
      heard: (event) => {
        this.#idle?.hear(event);
        this.#meaning?.hear(event);
      },
      submit: this.submit,
      beforeTurn: () => (this.#server.hosts.areSeveral ? this.#confirmHost() : undefined),
      opened: () => this.#submitHeld(),
    });
    this.#server = this.#serverOf(plan);
  }

  /** Hears every event from now on. @returns a function that ends it. */
  readonly subscribe = (listener: (event: Event) => void): (() => void) =>
    this.#announcer.subscribe(shownTo(listener, this.#conversation.plan.loaded.config));

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
    // The index and the memories use the host that is chosen.
    if (this.#server.hosts.areSeveral) await this.#server.watch.look();
    const [builder, index, recall, ready, extensions] = await Promise.all([
      loadBuilder(),
      this.#openIndex(),
      openMemories(this.#conversation.plan, () => this.#conversation.plan),
      withWorkFinished(this.#conversation.plan),
      openExtensions(this.#conversation.plan, {
        now: () => this.#conversation.plan,
        emit: (event) => this.#emit(event),
        offer: this.#offers.offer,
      }),
    ]);
    this.#extensions = extensions;
    extensions.mcp?.onChange(() => this.#tellServers());
    if (this.#closed.signal.aborted) return;
    this.#conversation.plan = ready;
    this.#index = index;
    this.#recall = recall;
    const warnings = this.#conversation.open(builder);
    for (const message of [...warnings, ...(ready.stored?.notes ?? [])])
      this.#emit({ type: 'warning', message });
    if (extensions.mcp !== undefined) this.#tellServers();
    if (!this.#server.hosts.areSeveral) void this.#server.watch.look();
    index?.start();
    this.#idle = this.#restful();
    if (index !== undefined && recall !== undefined) await this.#learnMeaning(recall, index);
  }

  #tellServers(): void {
    this.#emit({ type: 'mcp_servers', servers: this.#extensions?.mcp?.servers ?? [] });
  }

  async #learnMeaning(recall: MemoryUse, index: CodeIndex): Promise<void> {
    const { MemoryMeaning } = await import('./memory-meaning.ts');
    if (this.#closed.signal.aborted) return;
    this.#meaning = new MemoryMeaning(this.#conversation.plan.home, recall, index);
    this.#meaning.refresh();
  }

  #restful(): MemoriesWhenIdle | undefined {
    const { client, idleTimeoutMs } = this.#server;
    return MemoriesWhenIdle.of({
      plan: () => this.#conversation.plan,
      model: () => this.#conversation.model,
      server: { client, idleTimeoutMs },
      isBusy: () => this.#conversation.isBusy,
      emit: (event) => {
        this.#emit(event);
        this.#meaning?.hear(event);
      },
      clock: this.#options.clock,
    });
  }

  readonly submit = (op: Op): void => {
    this.#idle?.active();
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
        void listedModels(this.#conversation.plan, client, this.#closed.signal).then((event) =>
          this.#emit(event),
        );
        return;
      case 'pull_model':
        void pulls.pull(op.name).then((isThere) => {
          if (isThere && this.#conversation.model === undefined) return watch.look();
        });
        return;
      case 'cancel_pull':
        return pulls.cancel(op.name);
      case 'list_mcp':
        return this.#tellServers();
      case 'start_mcp':
        return this.#extensions?.mcp?.start(op.server);
      case 'approval':
        if (this.#offers.answer(op.id, op.answer)) return;
        break;
      case 'list_sessions':
        void storedSessions().then(({ sessionsEvent }) =>
          this.#emit(sessionsEvent(this.#conversation.plan, this.#options.lists ?? {})),
        );
        return;
      default:
        break;
    }
    if (!this.#conversation.submit(op)) this.#held.push(op);
  };

  /** A message that was not typed, but means what it would: a command of the user's own runs. After `start`. */
  submitTyped(turn: Extract<Op, { type: 'user_turn' }>): void {
    const typed = turn.isTask === true ? undefined : typedCommand(turn.text);
    const name = typed?.name.toLowerCase() ?? '';
    if (typed === undefined || this.#extensions?.commands?.has(name) !== true) return this.submit(turn);
    this.submit({ type: 'custom_command', name, args: typed.args, images: turn.images });
  }

  /** Resolves when everything has ended, or after three seconds; no event comes after that. */
  async close(): Promise<void> {
    this.#closed.abort(new DOMException('closed', 'AbortError'));
    this.#server.watch.settle();
    this.#server.pulls.close();
    this.#offers.close();
    await this.#conversation.close(this.#idle?.close());
    this.#announcer.close();
    this.#recall?.close();
    await this.#index?.close();
    await this.#extensions?.close();
    await this.#meaning?.settled();
  }

  /** Of the conversation as it is now. */
  get plan(): SessionPlan {
    return this.#conversation.plan;
  }

  /** Name or id by which the last open session can be resumed; undefined: nothing of it is kept. */
  get keptAs(): string | undefined {
    return this.#conversation.keptAs;
  }

  /** Files that a text is about, best first, relative to the session's folder; quick, or none. */
  async filesFor(text: string): Promise<readonly string[]> {
    return (await this.#index?.filesFor(text)) ?? [];
  }

  /** What `/context` shows; undefined: there is no model yet. */
  async windowUse(): Promise<WindowUse | undefined> {
    return this.#conversation.windowUse();
  }

  /** What `/index` shows. @throws Error with a message for the user. */
  async indexReport(args: string): Promise<readonly string[]> {
    return (await this.#index?.report(args)) ?? ['There is no index of this folder.'];
  }

  #serverOf(plan: SessionPlan): Server {
    const connection = connect(plan);
    const { client } = connection;
    const hosts = new SessionHosts({
      client,
      plan: () => this.#conversation.plan,
      closed: this.#closed.signal,
      model: () => this.#conversation.model,
      onChosen: (server) => {
        this.#conversation.plan = { ...this.#conversation.plan, server };
      },
    });
    const watch = new ServerWatch({
      client,
      retryMs: this.#options.retryMs ?? RETRY_MS,
      closed: this.#closed.signal,
      choose: () => hosts.choose(),
      hosts: () => hosts.answers,
      hasModel: () => this.#conversation.model !== undefined,
      adopt: (model) => {
        refuseCloudOfProject(plan.loaded, model);
        this.#conversation.adopt(model);
      },
      report: (state) => {
        this.#emit(state);
        if (state.state === 'down' || state.state === 'no_model') this.#conversation.announceResumed();
      },
    });
    return { ...connection, hosts, watch, pulls: new ModelPulls(client, (event) => this.#emit(event)) };
  }

  /** The next turn would wait for a host that is gone. */
  async #confirmHost(): Promise<void> {
    const { hosts, watch } = this.#server;
    if (this.#conversation.model !== undefined && !(await hosts.isThere())) await watch.look();
  }

  #changePlan(plan: SessionPlan): void {
    const before = this.#conversation.plan.permissions;
    this.#conversation.plan = plan;
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
    return openCodeIndex(this.#conversation.plan, {
      purpose,
      patienceMs: INDEX_PATIENCE_MS,
      onStatus,
      onProgress,
    });
  }

  #submitHeld(): void {
    for (const op of this.#held.splice(0)) this.submit(op);
  }

  #emit(event: Event): void {
    this.#announcer.emit(event);
  }
}

/** Loaded when first asked for: most conversations are new ones. */
const storedSessions = () => import('./stored.ts');
