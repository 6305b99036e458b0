/**
 * The conversation of a session: the agent that holds it, and how the model, the permissions and the conversation itself
 * are changed between turns, one change after the other.
 */

import type { Agent } from '../agent/agent.ts';
import type { Config } from '../config/schema.ts';
import type { CommandModel } from '../extensions/commands/custom-commands.ts';
import type { MemoryUse } from '../memory/use/memory-use.ts';
import { type ChosenModel, chooseLoaded } from '../model/choose.ts';
import type { WindowUse } from '../protocol/requests.ts';
import type { RewindOp } from '../protocol/sessions.ts';
import type { Event, Op, SessionMode } from '../protocol.ts';
import { describeSandbox } from '../safety/permissions.ts';
import { within } from '../system/within.ts';
import { groupDigits } from '../text/digits.ts';
import { errorMessage } from '../text/error-message.ts';
import { isTurnEnd } from '../text/turn-end.ts';
import type { Access } from './access.ts';
import { refuseCloudOfProject } from './cloud-model.ts';
import type { CodeIndex } from './code-index.ts';
import { narrowed, withCommandModel } from './command-mode.ts';
import type { Connection } from './connect.ts';
import type { Extensions } from './extensions.ts';
import { isIncognito, memoriesOff } from './memories.ts';
import { releaseStored, type SessionPlan, withEffort, withNewThread, withPermissions } from './plan.ts';
import { PlanMode, whyNoPlan } from './plan-mode.ts';
import type { PlannedModel } from './planned-model.ts';
import { resumedEvent, type SessionRecord } from './record.ts';
import type { ServerWatch } from './server-watch.ts';
import { withWorkFinished } from './unfinished-work.ts';

type FreeOp = {
  type:
    | 'connect'
    | 'list_models'
    | 'list_sessions'
    | 'pull_model'
    | 'cancel_pull'
    | 'user_active'
    | 'list_mcp'
    | 'start_mcp';
};
/** What needs an agent. */
type ConversationOp = Exclude<Op, FreeOp>;
type Builder = Awaited<ReturnType<typeof loadBuilder>>;

/** Loaded while the view is shown. */
export const loadBuilder = async () => {
  const [{ createAgent }, { createAccess }, { planModel }] = await Promise.all([
    import('./build-agent.ts'),
    import('./access.ts'),
    import('./planned-model.ts'),
  ]);
  return { createAgent, createAccess, planModel };
};

/** The session around it. */
interface Host {
  readonly closed: AbortSignal;
  readonly server: () => Connection & { readonly watch: ServerWatch };
  readonly index: () => CodeIndex | undefined;
  readonly memories: () => MemoryUse | undefined;
  readonly extensions: () => Extensions | undefined;
  readonly emit: (event: Event) => void;
  /** An event of the agent, after it was emitted. */
  readonly heard: (event: Event) => void;
  readonly submit: (op: Op) => void;
  /** What has to be done before a turn begins; undefined: nothing. */
  readonly beforeTurn: () => Promise<void> | undefined;
  /** There is an agent: operations that waited for one can be done. */
  readonly opened: () => void;
}

type CommandTurn = Extract<Op, { type: 'user_turn' }> & { readonly shownAs: string };

interface CommandLimits {
  readonly model: CommandModel | undefined;
  readonly mode: SessionMode | undefined;
}

interface Before {
  readonly model: ChosenModel | undefined;
  /** Undefined: it stays as the command has made it. */
  readonly mode: SessionMode | undefined;
  readonly shownAs: string;
}

/** The turn has ended, or the user has got it back before it began. */
function isOver(event: Event, { shownAs }: Before): boolean {
  if (event.type === 'unqueued') return event.text === shownAs;
  return isTurnEnd(event);
}

const ON_TRIAL = 'another conversation can begin when you have decided about the trial: /try';

/** How long the end of an agent is waited for. */
const CLOSE_MS = 3_000;

export class Conversation {
  /** As the conversation is now; settled anew with each change. */
  plan: SessionPlan;
  readonly #host: Host;
  #builder: Builder | undefined;
  #agent: Agent | undefined;
  #access: Access | undefined;
  #record: SessionRecord | undefined;
  /** Announces the conversation being resumed, until it has been sent. */
  #resumed: Extract<Event, { type: 'session_resumed' }> | undefined;
  #model: ChosenModel | undefined;
  /** Where the model runs, and how. */
  #place:
    | {
        readonly host: string;
        readonly model: string;
        readonly numCtx: number;
        readonly digest: string | undefined;
      }
    | undefined;
  readonly #planMode = new PlanMode();
  /** What the turn of a command has changed, as it was before. */
  #afterCommand: Before | undefined;
  readonly #whenModel: (() => void)[] = [];
  /** As it was announced last. */
  #isIncognito = false;
  /** Changes of the model or the conversation, one after the other. */
  #changes: Promise<void> = Promise.resolve();

  constructor(plan: SessionPlan, host: Host) {
    this.plan = plan;
    this.#host = host;
  }

  /** Undefined: not known yet. */
  get model(): ChosenModel | undefined {
    return this.#model;
  }

  get isBusy(): boolean {
    return this.#agent?.isBusy ?? false;
  }

  /** What fills the window; undefined: there is no model yet. */
  async windowUse(): Promise<WindowUse | undefined> {
    return this.#agent?.windowUse();
  }

  /** Name or id by which it can be resumed; undefined: nothing of it is kept. */
  get keptAs(): string | undefined {
    const recorder = this.#record?.recorder;
    return recorder?.isKept ? (recorder.name ?? recorder.id) : undefined;
  }

  /** Resolves when everything of it has ended, and `other` too, or after three seconds. */
  async close(other: Promise<void> | undefined): Promise<void> {
    this.#agent?.submit({ type: 'shutdown' });
    await within(Promise.all([this.#changes, this.#agent?.settled(), other]), CLOSE_MS);
    await this.#record?.close();
    releaseStored(this.plan);
    this.#agent = undefined;
  }

  /** @returns false if there is no agent yet, or none between two: the operation has to wait until `opened`. */
  submit(op: ConversationOp): boolean {
    const [agent, builder] = [this.#agent, this.#builder];
    if (agent === undefined || builder === undefined) return false;
    this.#perform(op, agent, builder);
    return true;
  }

  #perform(op: ConversationOp, agent: Agent, builder: Builder): void {
    switch (op.type) {
      case 'set_model':
        return this.#changeModel(op, agent);
      case 'set_permissions':
        return this.#setPermissions(op, agent, builder);
      case 'carry_out_plan':
        return this.#carryOut(op.isFresh, agent, builder);
      case 'edit_plan':
        return this.#orWarn(() =>
          this.#announcePlan(this.#planMode.edit(op.text), op.text, { isEdited: true }),
        );
      case 'new_session':
        return this.#newSession(agent, builder);
      case 'resume_session':
      case 'fork_session':
        return this.#resume(op, agent, builder);
      case 'rename_session':
        return this.#rename(op.name.trim());
      case 'list_rewinds':
      case 'rewind':
      case 'undo_rewind':
        return this.#rewind(op, agent);
      case 'go_incognito':
        return this.#goIncognito();
      case 'custom_command':
        return this.#runCommand(op);
      case 'user_turn':
        return this.#submitTurn(op, agent);
      default:
        agent.submit(op);
    }
  }

  #submitTurn(op: Extract<Op, { type: 'user_turn' }>, agent: Agent): void {
    const ready = agent.isBusy ? undefined : this.#host.beforeTurn();
    if (ready === undefined) return agent.submit(op);
    const release = agent.hold();
    agent.submit(op);
    this.#changes = this.#changes.then(() => ready).finally(release);
  }

  /** @returns warnings about the configuration. */
  open(builder: Builder): readonly string[] {
    this.#builder = builder;
    const { client, watch } = this.#host.server();
    const model = this.#model && this.#settingsFor(this.#model, builder);
    if (model !== undefined) this.#tellPlanned(model);
    const { agent, access, record, warnings } = builder.createAgent(this.plan, {
      client,
      model,
      index: this.#host.index(),
      memories: this.#host.memories(),
      extensions: this.#host.extensions(),
      rules: () => this.plan,
    });
    this.#agent = agent;
    this.#access = access;
    this.#record = record;
    this.#resumed = this.plan.stored && resumedEvent(this.plan.stored);
    agent.subscribe((event) => {
      this.#host.emit(event);
      this.#host.heard(event);
      if (event.type === 'session_configured') this.announceResumed();
      // Perhaps because the server is gone: then the user is informed, and its return awaited.
      if (event.type === 'turn_failed') void watch.look();
      if (event.type === 'turn_completed' && event.lastMessage !== null) this.#keepPlan(event.lastMessage);
      if (this.#afterCommand !== undefined && isOver(event, this.#afterCommand))
        this.#restore(agent, builder);
    });
    agent.start();
    this.#announceIncognito();
    if (['down', 'no_model'].includes(watch.state.state)) this.announceResumed();
    this.#host.opened();
    return warnings;
  }

  #settingsFor(model: ChosenModel, builder: Builder): PlannedModel {
    const { client, idleTimeoutMs } = this.#host.server();
    return builder.planModel(this.plan, client, model, idleTimeoutMs);
  }

  /** A turn that is submitted after this waits until the model is known. */
  #changeModel(op: Extract<Op, { type: 'set_model' }>, agent: Agent): void {
    if (agent.isBusy)
      return this.#refuseModel('the model can be changed between turns: interrupt this one first');
    const release = agent.hold();
    this.#changes = this.#changes.then(() => this.#setModel(op)).finally(release);
  }

  async #setModel(
    { model, effort }: Extract<Op, { type: 'set_model' }>,
    check = (_chosen: ChosenModel): void => {},
  ): Promise<void> {
    const { client, watch } = this.#host.server();
    try {
      withEffort(this.plan, effort);
      const chosen = await chooseLoaded(client, model, this.#host.closed, true);
      check(chosen);
      watch.settle();
      // As it is by now: the session may have become incognito.
      this.plan = withEffort(this.plan, effort);
      this.adopt(chosen);
    } catch (error) {
      if (!this.#host.closed.aborted) this.#refuseModel(errorMessage(error));
    }
  }

  #refuseModel(message: string): void {
    this.#host.emit({ type: 'warning', message, refused: 'set_model' });
  }

  adopt(model: ChosenModel): void {
    this.#model = model;
    this.#host.server().watch.set('ready');
    if (this.#builder !== undefined) {
      const settings = this.#settingsFor(model, this.#builder);
      this.#agent?.setModel(settings);
      this.#tellPlanned(settings);
    }
    for (const wait of this.#whenModel.splice(0)) wait();
  }

  #tellPlanned(model: PlannedModel): void {
    this.#tellHost(model);
    if (model.notice !== undefined) this.#warn(model.notice);
  }

  /** Says that another host is used from now on. */
  #tellHost({ settings: { model, numCtx }, digest }: PlannedModel): void {
    const { host } = this.#host.server().client;
    const before = this.#place;
    this.#place = { host, model, numCtx, digest };
    if (before === undefined || before.host === host) return;
    const isOther = before.digest !== undefined && digest !== undefined && before.digest !== digest;
    const window = `${groupDigits(numCtx)} tokens${before.numCtx === numCtx ? '' : ` (before: ${groupDigits(before.numCtx)})`}`;
    const weights = isOther && before.model === model ? ', whose weights are not the same there' : '';
    this.#warn(
      `${before.host} is gone: ${host} is used from now on, with ${model}${weights}, ${window}. It reads the conversation again`,
    );
  }

  #keepPlan(answer: string): void {
    const { permissions, home, threadId } = this.plan;
    if (!permissions.isPlan) return;
    const reason = whyNoPlan(answer);
    if (reason !== undefined) return this.#warn(reason);
    this.#orWarn(() => this.#announcePlan(this.#planMode.write(home, threadId, answer), answer));
  }

  #announcePlan(file: string, text: string, how?: { readonly isEdited: true }): void {
    this.#host.emit({ type: 'plan_written', file, text, ...how });
  }

  #carryOut(isFresh: boolean, agent: Agent, builder: Builder): void {
    if (agent.isBusy)
      return this.#warn('the plan can be carried out between turns: interrupt this one first');
    if (isFresh && this.plan.isOnTrial) return this.#warn(ON_TRIAL);
    this.#orWarn(() => {
      const { permissions, turn } = this.#planMode.carryOut(isFresh);
      if (permissions !== undefined) this.#setPermissions(permissions, agent, builder);
      if (isFresh) this.#newSession(agent, builder);
      this.#host.submit(turn);
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
      const plan = withPermissions(this.plan, wanted);
      this.#planMode.leaving(this.plan.permissions);
      const access = builder.createAccess(plan, (message) => this.#warn(message), {
        before: this.#access,
        recorder: this.#record?.recorder,
        index: this.#host.index(),
        memories: this.#host.memories(),
        extensions: this.#host.extensions(),
      });
      agent.setAccess(access);
      this.#access = access;
      this.#adoptPlan(plan);
    });
  }

  #adoptPlan(plan: SessionPlan): void {
    const { mode, approval, isPlan } = plan.permissions;
    this.plan = plan;
    this.#host.emit({
      type: 'permissions_changed',
      mode,
      approval,
      isPlan: isPlan || undefined,
      sandbox: describeSandbox(plan.permissions),
    });
  }

  #newSession(old: Agent, builder: Builder): void {
    if (this.plan.isOnTrial) return this.#warn(ON_TRIAL);
    this.#end(old);
    this.#changes = this.#changes.then(() => this.#replace(old, builder, () => withNewThread(this.plan)));
  }

  /** What waits in its queue goes back to the user: it was meant for another conversation. */
  #end(old: Agent): void {
    const { mode, model = this.#model } = this.#afterCommand ?? {};
    this.#afterCommand = undefined;
    this.#model = model;
    if (mode !== undefined) this.#adoptPlan(withPermissions(this.plan, mode));
    old.submit({ type: 'interrupt' });
    old.submit({ type: 'shutdown' });
    this.#agent = undefined;
  }

  /** @param next makes the plan of the next conversation, when nothing of the old one runs or writes any more. */
  async #replace(old: Agent, builder: Builder, next: () => SessionPlan): Promise<void> {
    await within(old.settled(), CLOSE_MS);
    await this.#record?.close();
    if (this.#host.closed.aborted) return;
    this.plan = await withWorkFinished(next());
    this.open(builder);
  }

  #resume(op: Extract<Op, { type: 'resume_session' | 'fork_session' }>, old: Agent, builder: Builder): void {
    if (this.plan.isOnTrial) return this.#warn(ON_TRIAL);
    if (old.isBusy)
      return this.#warn('the conversation can be changed between turns: interrupt this one first');
    const release = old.hold();
    this.#changes = this.#changes.then(async () => {
      try {
        const { choiceOf, modelOf, resumePlan } = await storedSessions();
        const choice = choiceOf(op, this.plan, this.#record?.recorder?.isKept ?? false);
        const plan = resumePlan(withNewThread(this.plan), choice);
        this.#end(old);
        const { client } = this.#host.server();
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

  /** Turns wait until the files are as they are to be. */
  #rewind(op: RewindOp, agent: Agent): void {
    if (agent.isBusy && op.type !== 'list_rewinds')
      return this.#warn('going back is not available while a turn is running: interrupt it first');
    const release = agent.hold();
    this.#changes = this.#changes.then(async () => {
      try {
        const { performRewind } = await import('./rewind-ops.ts');
        const recorder = this.#record?.recorder;
        const file = recorder?.isKept ? recorder.path : undefined;
        const { plan } = this;
        const emit = (event: Event): void => {
          // What is shown was written before.
          recorder?.happened(event);
          this.#host.emit(event);
        };
        await performRewind(op, { plan, agent, file, emit });
      } catch (error) {
        this.#warn(errorMessage(error));
      } finally {
        release();
      }
    });
  }

  /** The turns behind it wait until the text is there. */
  #runCommand(op: Extract<Op, { type: 'custom_command' }>): void {
    const { name, args, images } = op;
    const shownAs = `/${name} ${args}`.trim();
    const { closed, extensions, submit } = this.#host;
    this.#changes = this.#changes.then(async () => {
      try {
        const expanded = await extensions()?.commands?.expand(name, args, closed);
        if (expanded === undefined) throw new Error(`there is no command /${name}`);
        const { text, model, mode } = expanded;
        const turn = { type: 'user_turn', text, images, shownAs } as const;
        const limits = { model, mode: narrowed(this.plan.permissions, mode) };
        if (limits.model === undefined && limits.mode === undefined) submit(turn);
        // Otherwise nobody would know which model to go back to.
        else if (limits.model !== undefined && this.#model === undefined)
          this.#whenModel.push(() => this.#runCommand(op));
        else await this.#submitLimited(turn, limits);
      } catch (error) {
        if (!closed.aborted) this.#warn(`/${name}: ${errorMessage(error)}`);
      }
    });
  }

  /** With another model or narrower permissions, until the turn has ended. Nothing that is sent meanwhile comes before it. */
  async #submitLimited(turn: CommandTurn, { model, mode }: CommandLimits): Promise<void> {
    const [agent, builder] = [this.#agent, this.#builder];
    if (agent === undefined || builder === undefined || agent.isBusy)
      throw new Error('it sets the model or the permissions, so it can be used between turns');
    const before = { model: this.#model, mode: this.plan.permissions, shownAs: turn.shownAs };
    const release = agent.hold();
    try {
      if (mode !== undefined) this.#setPermissions(mode, agent, builder);
      if (mode !== undefined && this.plan.permissions.mode !== mode.mode) return;
      agent.submit(turn);
      this.#afterCommand = { ...before, mode: mode?.isPlan ? undefined : before.mode };
      if (model === undefined) return;
      const loaded = withCommandModel(this.plan.loaded, model);
      const op = { type: 'set_model', model: model.name } as const;
      await this.#setModel(op, (chosen) => refuseCloudOfProject(loaded, chosen));
    } finally {
      release();
    }
  }

  /** What a command has changed for its turn is as it was before. */
  #restore(agent: Agent, builder: Builder): void {
    const { model, mode } = this.#afterCommand ?? {};
    this.#afterCommand = undefined;
    if (mode !== undefined && mode.mode !== this.plan.permissions.mode)
      this.#setPermissions(mode, agent, builder);
    if (model !== undefined && model !== this.#model) this.adopt(model);
  }

  #goIncognito(): void {
    this.plan = { ...this.plan, isIncognito: true };
    this.#record?.recorder?.keepMemoriesOff('incognito');
    this.#announceIncognito();
  }

  #announceIncognito(): void {
    const isOn = isIncognito(this.plan);
    if (isOn === this.#isIncognito) return;
    this.#isIncognito = isOn;
    this.#host.emit({ type: 'incognito', isOn });
  }

  /** Resolves when it holds: what the user has switched off is off in this session too. */
  changeConfig(change: (config: Config) => Config): Promise<void> {
    this.#changes = this.#changes.then(() => {
      const { loaded } = this.plan;
      this.plan = { ...this.plan, loaded: { ...loaded, config: change(loaded.config) } };
      const off = memoriesOff(this.plan);
      if (off !== undefined) this.#record?.recorder?.keepMemoriesOff(off);
    });
    return this.#changes;
  }

  announceResumed(): void {
    if (this.#resumed !== undefined) this.#host.emit(this.#resumed);
    this.#resumed = undefined;
  }

  #rename(name: string): void {
    if (!this.#record?.recorder) return this.#warn('this session is not kept, so it cannot be named');
    this.#record.recorder.rename(name);
    this.#host.emit({ type: 'session_renamed', name });
  }

  #warn(message: string): void {
    this.#host.emit({ type: 'warning', message });
  }
}

/** Loaded when first asked for: most conversations are new ones. */
const storedSessions = () => import('./stored.ts');
