/**
 * The session as a library: operations in, events out (protocol.ts), as in the terminal.
 *
 * Prints nothing, installs no signal handlers, and never ends the process.
 */
import { Announcer } from './agent/announcer.ts';
import { mergeTables } from './config/table.ts';
import type { ApprovalPolicy, Event, Op, SandboxMode } from './protocol.ts';
import { InteractiveSession } from './session/interactive-session.ts';
import { planSession } from './session/plan.ts';

export type * from './protocol/evidence.ts';
export type * from './protocol/extensions.ts';
export type * from './protocol/models.ts';
export type * from './protocol/requests.ts';
export type * from './protocol/sessions.ts';
export type * from './protocol.ts';

export interface SessionOptions {
  /** The folder to work in; by default that of the process. */
  readonly cwd?: string;
  /** As `ollama list` names it; by default the configured model, or else one that is installed. */
  readonly model?: string;
  /** What the agent may touch; by default what the user's configuration says about the folder. */
  readonly sandbox?: SandboxMode;
  /** When `approval_requested` is sent, which must be answered by an `approval`; with `never` it is not sent. */
  readonly approval?: ApprovalPolicy;
  /** Keeps nothing of the session on disk. */
  readonly ephemeral?: boolean;
  /**
   * Where each turn ends, whether it is done or not: answers of the model, a time (seconds, or `10m`), tokens read and written. The turn
   * then fails with `limit`, which has the best answer so far.
   */
  readonly limits?: {
    readonly maxSteps?: number;
    readonly maxTime?: number | string;
    readonly maxTokens?: number;
  };
  /** Settings in the form of config.toml, which win over the user's files. */
  readonly config?: { readonly [key: string]: unknown };
  /** A `[profiles.NAME]` of the user's configuration. */
  readonly profile?: string;
  /** The address of the Ollama server, in any form that OLLAMA_HOST may have. */
  readonly host?: string;
  /** oagent's folder with configuration, sessions and index; by default OAGENT_HOME or `~/.oagent`. */
  readonly home?: string;
  /** Replaces `process.env`, for oagent and for the commands that it runs. */
  readonly env?: { readonly [name: string]: string | undefined };
}

/** Iterating gives all events from then on, until the session is closed. */
export interface Session extends AsyncIterable<Event> {
  submit(op: Op): void;
  /**
   * Calls `listener` with every event from now on; the first listener, or iteration, also gets those that came before
   * it. @returns a function that ends it.
   */
  subscribe(listener: (event: Event) => void): () => void;
  /** Resolves when nothing of the session runs any more and all of it is on disk. */
  close(): Promise<void>;
}

/**
 * Opens a session. Resolves before the server has answered: what is submitted until then waits.
 *
 * @throws Error, with a message for the user, if the options, the configuration or rules.toml cannot be used.
 * @example
 * const session = await createSession({ cwd: '/src/shop', sandbox: 'read-only' });
 * session.submit({ type: 'user_turn', text: 'What does this project do?' });
 * for await (const event of session) if (event.type === 'turn_completed') console.log(event.lastMessage);
 */
export async function createSession(options: SessionOptions = {}): Promise<Session> {
  const { cwd, model, profile, sandbox, approval, home, host, limits, ephemeral = false } = options;
  const env = { ...(options.env ?? process.env), ...(host !== undefined && { OLLAMA_HOST: host }) };
  const settings = {
    ...{ model, sandbox_mode: sandbox, approval_policy: approval },
    limits: {
      max_steps: limits?.maxSteps,
      max_time: limits?.maxTime,
      max_tokens: limits?.maxTokens,
    },
  };
  const plan = planSession(
    { cd: cwd, profile },
    { interactive: true, ephemeral, env, home, settings: mergeTables(options.config ?? {}, settings) },
  );
  const session = new InteractiveSession(plan, { index: plan.isEphemeral ? 'use' : 'make' });
  const opened = new SessionHandle(session);
  try {
    await session.start();
  } catch (error) {
    await session.close();
    throw error;
  }
  return opened;
}

class SessionHandle implements Session {
  readonly #session: InteractiveSession;
  readonly #announcer = new Announcer();
  /** Events without a listener; undefined since there was one. */
  #early: Event[] | undefined = [];
  /** What ends the iterations. */
  readonly #ends = new Set<() => void>();

  constructor(session: InteractiveSession) {
    this.#session = session;
    session.subscribe((event) => {
      if (this.#early === undefined) this.#announcer.emit(event);
      else this.#early.push(event);
    });
  }

  submit(op: Op): void {
    this.#session.submit(op);
  }

  subscribe(listener: (event: Event) => void): () => void {
    const stop = this.#announcer.subscribe((event) => {
      try {
        listener(event);
      } catch (error) {
        // The host's error must not end a turn; as in an EventTarget, it is the process that hears of it.
        queueMicrotask(() => {
          throw error;
        });
      }
    });
    const early = this.#early ?? [];
    // The listener may submit something: events that this causes come after the early ones.
    for (let next = early.shift(); next !== undefined; next = early.shift()) this.#announcer.emit(next);
    this.#early = undefined;
    return stop;
  }

  [Symbol.asyncIterator](): AsyncIterator<Event> {
    let stop = (): void => undefined;
    let end = (): void => undefined;
    const events = new ReadableStream<Event>({
      start: (controller) => {
        stop = this.subscribe((event) => controller.enqueue(event));
        end = () => controller.close();
        this.#ends.add(end);
      },
      cancel: () => {
        stop();
        this.#ends.delete(end);
      },
    });
    return events.values();
  }

  async close(): Promise<void> {
    await this.#session.close();
    for (const end of this.#ends) end();
    this.#ends.clear();
  }
}
