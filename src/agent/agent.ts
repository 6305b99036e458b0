/**
 * The agent of one session: takes operations, gives events, runs one turn at a time.
 *
 * Invariants: turns run in the order they came; each ends in exactly one of `turn_completed`, `turn_failed`,
 * `turn_aborted`; after an interrupt the history is whole and tells the model about it;
 * what commands leave running belongs to the session and ends with it; listeners are called in
 * order and must not throw. Does not: know how a front end looks, or what is written to disk.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { type Environment, environmentContext, environmentDiff } from '../context/environment.ts';
import { History } from '../context/history.ts';
import type { ModelFacts } from '../model/capabilities.ts';
import type { ChatSettings, OllamaClient } from '../model/client.ts';
import { ModelError } from '../model/errors.ts';
import type { ApprovalAnswer, ApprovalRequest, Event, JsonObject, Op } from '../protocol.ts';
import { ApprovalDesk } from '../safety/approvals.ts';
import type { Ask, Guard } from '../safety/guard.ts';
import { uuidv7 } from '../text/uuid.ts';
import { CommandSessions } from '../tools/command-sessions.ts';
import type { Tool, ToolContext } from '../tools/tool.ts';
import { notes } from './notes.ts';
import { runTurn, type TurnDeps } from './turn.ts';
import { UsageMeter } from './usage.ts';

export interface AgentOptions {
  readonly client: Pick<OllamaClient, 'chat' | 'loadedWindow' | 'host'>;
  readonly settings: ChatSettings;
  readonly facts: ModelFacts;
  readonly tools: readonly Tool[];
  readonly guard: Guard;
  /** A UUID version 7; a new one if absent. */
  readonly threadId?: string;
  /** The static system message. */
  readonly system: string;
  readonly cwd: string;
  /** Ready to inject, or undefined where no AGENTS.md was found. */
  readonly projectDoc: string | undefined;
  readonly readEnvironment: () => Environment;
  /** Full outputs that were cut for the model go here, in a folder of their own for each session. */
  readonly outputsFolder: string;
  /** Bytes of one tool output that the model gets at most. */
  readonly outputLimit: number;
}

type UserTurn = Extract<Op, { type: 'user_turn' }>;

export class Agent {
  readonly threadId: string;
  readonly history = new History();
  readonly #options: AgentOptions;
  readonly #usage = new UsageMeter();
  readonly #desk = new ApprovalDesk();
  readonly #sessions = new CommandSessions({
    onChange: (running) => this.#emit({ type: 'background_changed', running }),
    warn: (message) => this.warn(message),
  });
  readonly #listeners = new Set<(event: Event) => void>();
  readonly #queue: UserTurn[] = [];
  #steering: string[] = [];
  #running: AbortController | undefined;
  #environment: Environment | undefined;
  #windowCheck: Promise<void> | undefined;
  #down: Promise<void> | undefined;
  #lastItem = 0;
  #lastCall = 0;
  #lastApproval = 0;

  constructor(options: AgentOptions) {
    this.#options = options;
    this.threadId = options.threadId ?? uuidv7();
  }

  /** Hears every event from now on. @returns a function that ends it. */
  subscribe(listener: (event: Event) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Announces the session to the listeners. Called once, when they have subscribed. */
  start(): void {
    const { settings, client, cwd } = this.#options;
    const { model, numCtx } = settings;
    this.#emit({
      type: 'session_configured',
      threadId: this.threadId,
      model,
      host: client.host,
      numCtx,
      cwd,
    });
  }

  /** Tells every front end something that the user should know. */
  warn(message: string): void {
    this.#emit({ type: 'warning', message });
  }

  submit(op: Op): void {
    switch (op.type) {
      case 'user_turn':
        this.#queue.push(op);
        this.#next();
        return;
      case 'steer':
        if (this.#running) this.#steering.push(op.text);
        else this.submit({ type: 'user_turn', text: op.text });
        return;
      case 'interrupt':
        this.#running?.abort(new DOMException('interrupted', 'AbortError'));
        return;
      case 'approval':
        this.#desk.answer(op.id, op.answer);
        return;
      case 'shutdown':
        this.#queue.length = 0;
        this.#running?.abort(new DOMException('shut down', 'AbortError'));
        this.#down ??= this.#close();
        return;
      case 'stop_background':
        void this.#sessions.endAll();
        return;
      default:
        op satisfies never;
    }
  }

  /** After a `shutdown`: resolves when nothing runs any more of what commands have left in the background. */
  async whenDown(): Promise<void> {
    await this.#down;
  }

  async #close(): Promise<void> {
    await this.#sessions.close();
    await this.#options.guard.close?.();
  }

  #next(): void {
    if (this.#running) return;
    const turn = this.#queue.shift();
    if (turn === undefined) return;
    this.#running = new AbortController();
    void this.#run(turn, this.#running.signal).finally(() => {
      this.#running = undefined;
      // What the user said too late for the turn that just ended starts the next one.
      const late = this.#steering.join('\n');
      this.#steering = [];
      if (late !== '') this.#queue.unshift({ type: 'user_turn', text: late });
      this.#next();
    });
  }

  async #run(turn: UserTurn, signal: AbortSignal): Promise<void> {
    const turnId = uuidv7();
    this.#emit({ type: 'turn_started', turnId });
    this.#recordInput(turn);
    try {
      const lastMessage = await runTurn(this.#turnDeps(turn.outputSchema, signal), signal);
      this.#checkWindow(signal);
      await this.#windowCheck;
      this.#emit({
        type: 'turn_completed',
        turnId,
        usage: this.#usage.total,
        lastMessage: lastMessage || null,
      });
    } catch (error) {
      if (signal.aborted) {
        this.history.record({ type: 'user', kind: 'note', content: notes.turnAborted() });
        this.#emit({ type: 'turn_aborted', turnId });
      } else {
        this.#emit({ type: 'turn_failed', turnId, message: failureText(error) });
      }
    }
  }

  #recordInput(turn: UserTurn): void {
    const frame = this.#frame();
    if (frame !== undefined) this.history.record({ type: 'user', kind: 'context', content: frame });
    const images = turn.images?.length ? { images: turn.images } : {};
    this.history.record({ type: 'user', kind: 'prompt', content: turn.text, ...images });
    const item = { type: 'user_message', id: this.#nextItemId(), text: turn.text } as const;
    this.#emit({ type: 'item_started', item });
    this.#emit({ type: 'item_completed', item });
  }

  /** The first time everything the model must know of its surroundings, later what has changed. */
  #frame(): string | undefined {
    const before = this.#environment;
    const now = this.#options.readEnvironment();
    this.#environment = now;
    if (before !== undefined) return environmentDiff(before, now);
    const doc = this.#options.projectDoc;
    return doc === undefined ? environmentContext(now) : `${doc}\n\n${environmentContext(now)}`;
  }

  #turnDeps(outputSchema: JsonObject | undefined, signal: AbortSignal): TurnDeps {
    const { client, settings, facts, system, tools } = this.#options;
    return {
      client,
      settings,
      system,
      tools,
      outputSchema,
      vision: facts.vision,
      history: this.history,
      usage: this.#usage,
      emit: (event) => this.#emit(event),
      nextItemId: () => this.#nextItemId(),
      nextCallId: () => `call_${uuidv7().replaceAll('-', '').slice(-12)}`,
      contextOf: () => this.#toolContext(),
      takeSteering: () => this.#steering.splice(0),
      onModelAtWork: () => this.#checkWindow(signal),
    };
  }

  #toolContext(): ToolContext {
    const { cwd, guard, outputLimit, outputsFolder } = this.#options;
    this.#lastCall += 1;
    const folder = path.join(outputsFolder, this.threadId);
    const file = path.join(folder, `${this.#lastCall}.txt`);
    return {
      cwd,
      guard,
      sessions: this.#sessions,
      ask: (request) => this.#ask(request),
      outputLimit,
      signal: this.#running?.signal ?? AbortSignal.abort(),
      emit: (event) => this.#emit(event),
      nextItemId: () => this.#nextItemId(),
      spillPath: () => {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        return file;
      },
    };
  }

  /** Puts a question to the front ends and waits for the one answer; `stop` ends the turn as an interrupt does. */
  async #ask(question: Parameters<Ask>[0]): Promise<ApprovalAnswer> {
    this.#lastApproval += 1;
    const request: ApprovalRequest = { id: `a${this.#lastApproval}`, ...question };
    const pending = this.#desk.ask(request, this.#running?.signal ?? AbortSignal.abort());
    this.#emit({ type: 'approval_requested', request });
    const answer = await pending;
    this.#emit({ type: 'approval_resolved', id: request.id, answer });
    if (answer.type === 'stop') this.submit({ type: 'interrupt' });
    return answer;
  }

  /**
   * Once the model is loaded: does it really have the window that we count on? Asked while it works on the second
   * request, or at the end of a turn that had only one.
   */
  #checkWindow(signal: AbortSignal): void {
    const { client, settings } = this.#options;
    this.#windowCheck ??= client.loadedWindow(settings.model, signal).then(
      (loaded) => {
        if (loaded === undefined || loaded === settings.numCtx) return;
        const message = `Ollama loaded ${settings.model} with a window of ${loaded} tokens instead of ${settings.numCtx}`;
        this.#emit({ type: 'warning', message });
      },
      // The check is a service: a server that does not answer it will fail the next request, with its own message.
      () => undefined,
    );
  }

  #nextItemId(): string {
    this.#lastItem += 1;
    return `i${this.#lastItem}`;
  }

  #emit(event: Event): void {
    for (const listener of this.#listeners) listener(event);
  }
}

function failureText(error: unknown): string {
  if (error instanceof ModelError) return error.message;
  return `oagent failed: ${error instanceof Error ? error.message : String(error)}`;
}
