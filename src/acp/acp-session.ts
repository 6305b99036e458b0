/**
 * One session of a client: prompts in, updates and questions out.
 *
 * Invariants: one prompt is worked on at a time, in the order they came; each is answered once, and after a cancel with
 * `cancelled`; nothing is said before the client knows the session, nor after `close`.
 */
import type {
  ContentBlock,
  PromptResponse,
  RequestPermissionRequest,
  RequestPermissionResponse,
  SessionConfigOption,
  SessionModeState,
  SessionUpdate,
  StopReason,
} from '@agentclientprotocol/sdk';
import { projectTrust } from '../config/trust.ts';
import { sameModel } from '../model/capabilities.ts';
import type { CustomCommand } from '../protocol/extensions.ts';
import { type Event, type Op, PLAN_MODE, type SessionMode } from '../protocol.ts';
import { allShown } from '../rollout/shown.ts';
import { InteractiveSession } from '../session/interactive-session.ts';
import type { SessionPlan } from '../session/plan.ts';
import { groupDigits } from '../text/digits.ts';
import { thinkingStoppedText } from '../text/thinking-stopped.ts';
import { availableCommands, type CommandTexts, prompted } from './commands.ts';
import { refused } from './errors.ts';
import { MODEL, Models } from './models.ts';
import { Modes, modeId } from './modes.ts';
import { answerOf, permissionOptions } from './permission.ts';
import { type PromptMessage, readPrompt } from './prompt-blocks.ts';
import { TurnWait } from './turn-wait.ts';
import { Updates } from './updates.ts';

export interface SessionClient {
  /** Never rejects. */
  readonly update: (sessionId: string, update: SessionUpdate) => void;
  readonly ask: (request: RequestPermissionRequest) => Promise<RequestPermissionResponse>;
  readonly hasTerminals: boolean;
  readonly hasNotices: boolean;
  readonly texts: CommandTexts;
}

type Asked = Extract<Event, { type: 'approval_requested' }>['request'];

export class AcpSession {
  readonly id: string;
  readonly #plan: SessionPlan;
  readonly #client: SessionClient;
  readonly #session: InteractiveSession;
  readonly #updates: Updates;
  readonly #modes: Modes;
  readonly #models = new Models();
  #permissions: SessionMode;
  /** Chosen while a turn ran. */
  #wantedMode: string | undefined;
  #wantedModel: string | undefined;
  #custom: readonly CustomCommand[] = [];
  /** For the user, until a prompt is there to which they can be said. */
  readonly #notes: string[] = [];
  /** Questions for which no prompt was there. */
  readonly #questions: Asked[] = [];
  #isOpen = false;
  #isClosed = false;
  #turn: TurnWait | undefined;
  #prompts: Promise<unknown> = Promise.resolve();
  /** Prompts that have not been answered. */
  #waiting = 0;
  #cancels = 0;
  #server: Extract<Event, { type: 'server_state' }>['state'] = 'connecting';
  #facts: { readonly model: string; readonly numCtx: number } | undefined;
  #used: number | undefined;
  #planText: string | undefined;

  /** @param plan from `planSession(flags, { interactive: true })`, or what resumes a session. */
  constructor(plan: SessionPlan, client: SessionClient) {
    this.id = plan.threadId;
    this.#plan = plan;
    this.#client = client;
    this.#permissions = sessionMode(plan);
    const trust = projectTrust(plan.loaded.config, plan.cwd).level;
    this.#modes = new Modes(this.#permissions, trust === 'trusted' || plan.permissions.mode !== 'read-only');
    this.#session = new InteractiveSession(plan, { index: plan.isEphemeral ? 'use' : 'make' });
    this.#updates = new Updates({
      send: (update) => this.#send(update),
      cwd: plan.cwd,
      hasTerminals: client.hasTerminals,
    });
    if (trust !== 'trusted' && plan.permissions.mode === 'read-only') this.#notes.push(untrusted(plan.cwd));
  }

  get modes(): SessionModeState {
    return this.#modes.state(this.#permissions);
  }

  /** Empty until the models of the server are known; an update brings them. */
  get configOptions(): SessionConfigOption[] {
    return this.#models.options(this.#wantedModel);
  }

  /** Resolves when prompts can come. @throws Error for the user, if the session cannot begin. */
  async start(): Promise<void> {
    this.#session.subscribe((event) => this.#hear(event));
    await this.#session.start();
  }

  /** Sends what happened earlier. */
  replay(): void {
    const { stored } = this.#plan;
    if (stored !== undefined) this.#updates.replay(allShown(stored.session.path));
  }

  /** The client knows the session by now. */
  open(): void {
    this.#isOpen = true;
    this.#sendCommands();
    this.#sendOptions();
    if (this.#client.hasNotices) this.#sayNotes();
  }

  /** @throws RequestError */
  prompt(blocks: readonly ContentBlock[]): Promise<PromptResponse> {
    const cancels = this.#cancels;
    this.#waiting += 1;
    const answer = this.#prompts.then(async (): Promise<PromptResponse> => {
      if (this.#cancels !== cancels || this.#isClosed) return { stopReason: 'cancelled' };
      return { stopReason: await this.#work(readPrompt(blocks, this.#plan.cwd)) };
    });
    this.#prompts = answer
      .catch(() => undefined)
      .finally(() => {
        this.#waiting -= 1;
        if (this.#waiting > 0) return;
        this.#applyMode();
        void this.#applyModel();
      });
    return answer;
  }

  /** Everything that runs for a prompt ends; the prompts that wait are not begun. */
  cancel(): void {
    this.#cancels += 1;
    this.#turn?.cancel();
  }

  /** While a turn runs, the mode changes behind it. @throws RequestError if it is not offered, or not possible. */
  setMode(id: string): void {
    if (this.#modes.permissionsOf(id) === undefined) throw refused('params', this.#modes.whyNot(id));
    this.#wantedMode = id;
    if (this.#waiting > 0) return;
    const problem = this.#applyMode();
    if (problem !== undefined) throw refused('params', problem);
  }

  /** While a turn runs, the model changes behind it. @throws RequestError if there is no such option, or it is not possible. */
  async setOption(id: string, value: unknown): Promise<SessionConfigOption[]> {
    if (id !== MODEL) throw refused('params', `there is no option ${id}. Choose one of: ${MODEL}`);
    if (typeof value !== 'string' || !this.#models.has(value))
      throw refused(
        'params',
        `the server has no model ${value}. Choose one of: ${this.#models.names.join(', ')}`,
      );
    this.#wantedModel = value;
    const problem = this.#waiting > 0 ? undefined : await this.#applyModel();
    if (problem !== undefined) throw refused('params', problem);
    return this.configOptions;
  }

  /** Resolves when nothing of it runs any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.cancel();
    await this.#session.close();
  }

  /** @returns why it could not be changed. */
  #applyMode(): string | undefined {
    const wanted = this.#wantedMode;
    const permissions = wanted === undefined ? undefined : this.#modes.permissionsOf(wanted);
    this.#wantedMode = undefined;
    if (permissions === undefined || wanted === modeId(this.#permissions)) return undefined;
    let problem: string | undefined;
    const stop = this.#session.subscribe((event) => {
      if (event.type === 'warning') problem ??= event.message;
    });
    this.#session.submit({ type: 'set_permissions', ...permissions });
    stop();
    if (modeId(this.#permissions) === wanted) return undefined;
    // It shows the wanted one by now.
    this.#sendMode();
    return problem ?? 'the mode cannot be changed now';
  }

  /** @returns why it could not be changed. */
  async #applyModel(): Promise<string | undefined> {
    const wanted = this.#wantedModel;
    if (wanted === undefined || wanted === this.#facts?.model) {
      this.#wantedModel = undefined;
      return undefined;
    }
    const problem = await new Promise<string | undefined>((resolve) => {
      const stop = this.#session.subscribe((event) => {
        const isRefused = event.type === 'warning' && event.refused === 'set_model';
        const isChanged = event.type === 'session_configured' && sameModel(event.model, wanted);
        if (!isRefused && !isChanged) return;
        stop();
        resolve(isRefused ? event.message : undefined);
      });
      this.#session.submit({ type: 'set_model', model: wanted });
    });
    this.#wantedModel = undefined;
    // A client shows the wanted one by now.
    if (problem !== undefined) this.#sendOptions();
    return problem;
  }

  async #work(message: PromptMessage): Promise<StopReason> {
    this.#sayNotes();
    for (const request of this.#questions.splice(0)) void this.#ask(request);
    const cancels = this.#cancels;
    const asked = await prompted(message, this.#custom, {
      texts: this.#client.texts,
      index: (args) => this.#session.indexReport(args),
      remember: (text) => this.#session.memories.remember(text),
      status: () => this.#status(),
    });
    if (this.#cancels !== cancels) return 'cancelled';
    if (asked.type !== 'turn') {
      if (asked.type === 'done') this.#session.submit(asked.op);
      this.#updates.say(asked.type === 'done' ? asked.said : asked.lines.join('\n\n'));
      return 'end_turn';
    }
    if (asked.mode === 'plan' && !this.#permissions.isPlan)
      this.#session.submit({ type: 'set_permissions', ...PLAN_MODE });
    if (asked.op.type === 'compact' && this.#facts === undefined) {
      this.#updates.say('There is nothing to summarise yet.');
      return 'end_turn';
    }
    const reason = await this.#runTurn(asked.op);
    return reason === 'end_turn' && this.#planText !== undefined ? this.#afterPlan() : reason;
  }

  /** @throws RequestError if it fails. */
  async #runTurn(op: Op): Promise<StopReason> {
    this.#planText = undefined;
    const interrupt = (): void => this.#session.submit({ type: 'interrupt' });
    const turn = new TurnWait({ command: op.type === 'custom_command' ? op.name : undefined, interrupt });
    this.#turn = turn;
    try {
      if (this.#server === 'down' || this.#server === 'no_model') this.#session.submit({ type: 'connect' });
      this.#session.submit(op);
      return await turn.ended;
    } finally {
      this.#turn = undefined;
    }
  }

  /** What becomes of it is a question, as it is in the terminal. */
  async #afterPlan(): Promise<StopReason> {
    const cancels = this.#cancels;
    const { outcome } = await this.#client
      .ask({
        sessionId: this.id,
        toolCall: {
          toolCallId: `plan-${cancels}-${Date.now()}`,
          title: 'Work on this plan?',
          kind: 'switch_mode',
          status: 'pending',
        },
        options: [
          { optionId: 'here', name: 'Yes, work on it', kind: 'allow_once' },
          { optionId: 'revise', name: 'No, go on planning', kind: 'reject_once' },
        ],
      })
      .catch(() => ({ outcome: { outcome: 'cancelled' as const } }));
    if (this.#cancels !== cancels) return 'cancelled';
    if (outcome.outcome !== 'selected' || outcome.optionId !== 'here') return 'end_turn';
    return this.#runTurn({ type: 'carry_out_plan', isFresh: false });
  }

  #hear(event: Event): void {
    this.#updates.handle(event);
    switch (event.type) {
      case 'custom_commands':
        this.#custom = event.commands;
        if (this.#isOpen) this.#sendCommands();
        break;
      case 'permissions_changed': {
        const { mode, approval, isPlan } = event;
        this.#permissions = { mode, approval, isPlan: isPlan ?? false };
        this.#sendMode();
        break;
      }
      case 'approval_requested':
        if (this.#waiting > 0) void this.#ask(event.request);
        else this.#questions.push(event.request);
        break;
      case 'server_state':
        this.#server = event.state;
        break;
      case 'session_configured':
        this.#facts = event;
        this.#models.use(event.model);
        if (!this.#models.has(event.model)) this.#session.submit({ type: 'list_models' });
        else this.#sendOptions();
        break;
      case 'models':
        this.#models.list(event.models);
        this.#sendOptions();
        break;
      case 'token_count':
        this.#used = event.last.inputTokens + event.last.outputTokens;
        break;
      case 'plan_written':
        this.#planText = event.text;
        break;
      case 'warning':
        this.#note(event.message);
        break;
      case 'retry':
        this.#note(`asking again (${event.attempt} of ${event.max}): ${event.reason}`);
        break;
      case 'thinking_stopped':
        this.#note(thinkingStoppedText(event));
        break;
      case 'compacted':
        this.#note(
          `the conversation was summarised: ${groupDigits(event.before)} tokens are now ${groupDigits(event.after)}`,
        );
        break;
      default:
        break;
    }
    this.#turn?.handle(event);
  }

  async #ask(request: Asked): Promise<void> {
    const toolCall = this.#updates.ask(request);
    const answer = await this.#client
      .ask({ sessionId: this.id, toolCall, options: permissionOptions(request) })
      .then(
        ({ outcome }) => answerOf(outcome, request) ?? { type: 'stop' as const },
        // Who cannot be asked has not agreed.
        () => ({ type: request.kind === 'extension' ? ('stop' as const) : ('no' as const) }),
      );
    this.#session.submit({ type: 'approval', id: request.id, answer });
  }

  #status(): string[] {
    const { model, numCtx } = this.#facts ?? {};
    const used = this.#used === undefined || numCtx === undefined ? '' : `, ${groupDigits(this.#used)} used`;
    return [
      model === undefined ? 'Model: not known yet' : `Model: ${model}`,
      ...(numCtx === undefined ? [] : [`Window: ${groupDigits(numCtx)} tokens${used}`]),
      `Folder: ${this.#plan.cwd}`,
      `Mode: ${modeId(this.#permissions)}`,
      `Session: ${this.id}`,
    ];
  }

  #note(message: string): void {
    this.#notes.push(message);
    if (this.#waiting > 0 || (this.#isOpen && this.#client.hasNotices)) this.#sayNotes();
  }

  #sayNotes(): void {
    for (const note of this.#notes.splice(0)) {
      if (this.#client.hasNotices) this.#send({ sessionUpdate: 'notice', severity: 'warning', title: note });
      else this.#updates.say(`> ${note.replaceAll('\n', '\n> ')}\n\n`);
    }
  }

  #sendCommands(): void {
    this.#send({
      sessionUpdate: 'available_commands_update',
      availableCommands: availableCommands(this.#custom),
    });
  }

  #sendMode(): void {
    if (this.#isOpen)
      this.#send({ sessionUpdate: 'current_mode_update', currentModeId: modeId(this.#permissions) });
  }

  #sendOptions(): void {
    const { configOptions } = this;
    if (this.#isOpen && configOptions.length > 0)
      this.#send({ sessionUpdate: 'config_option_update', configOptions });
  }

  #send(update: SessionUpdate): void {
    if (!this.#isClosed) this.#client.update(this.id, update);
  }
}

function sessionMode({ permissions: { mode, approval, isPlan } }: SessionPlan): SessionMode {
  return isPlan ? { mode, approval, isPlan } : { mode, approval };
}

function untrusted(cwd: string): string {
  return `${cwd} is not trusted, so oagent only reads in it and does not follow its configuration. To trust it, run oagent in it once in a terminal and say yes.`;
}
