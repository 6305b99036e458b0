/**
 * The commands of one agent that keep running between calls, and what commands have left in the background.
 *
 * At most `max` sessions are kept, and the newest `keepRecent` are never ended to make room. After `endAll` none of them is
 * running; after `close` nothing is kept running again.
 */
import type { RunningSession } from '../../protocol.ts';
import type { CommandProcess } from './pty.ts';
import type { CommandEnd, RunningCommand } from './running-command.ts';

const END_GRACE_MS = 2_000;

/** A command with an id, from its first yield until its end has been reported. */
export interface CommandSession {
  /** From 1 up: small models copy small numbers better. */
  readonly id: number;
  readonly command: string;
  readonly running: RunningCommand;
  /** Milliseconds of the epoch. */
  readonly startedAt: number;
}

/** A command whose end no call has reported. */
export interface EndedSession {
  readonly sessionId: number;
  readonly exitCode: number;
}

export interface SessionsOptions {
  /** Called with the running commands whenever they change. */
  readonly onChange?: (running: readonly RunningSession[]) => void;
  /** Called with what the user should know about a command whose end nobody has asked for. */
  readonly warn?: (message: string) => void;
  readonly max?: number;
  readonly keepRecent?: number;
  /** The model is warned from this many sessions on. */
  readonly warnAt?: number;
}

export class CommandSessions {
  readonly #options: SessionsOptions;
  /** The least recently used first. */
  readonly #sessions = new Map<number, CommandSession>();
  readonly #ends = new Map<number, CommandEnd>();
  /** Ends that neither a call has reported nor the model has been told of. */
  readonly #untold = new Map<number, EndedSession>();
  /** Ends that are being shown. */
  readonly #showing = new Set<Promise<void>>();
  readonly #leftBehind = new Set<CommandProcess>();
  #lastId = 0;
  #isClosed = false;

  constructor(options: SessionsOptions = {}) {
    this.#options = options;
  }

  /**
   * Keeps a running command.
   * @param showEnd called once when it has ended, however it ended
   * @returns its session, and what the model must know about the others
   */
  add(
    command: string,
    running: RunningCommand,
    showEnd: (sessionId: number, exitCode: number) => Promise<void> = async () => undefined,
  ): { session: CommandSession; warning?: string } {
    const { max = 64, warnAt = 60 } = this.#options;
    while (this.#sessions.size >= max && this.#endOne());
    this.#lastId += 1;
    const session = { id: this.#lastId, command, running, startedAt: Date.now() };
    this.#sessions.set(session.id, session);
    this.#changed();
    const showing = running.ended.then(async (end) => {
      this.#ended(session, end);
      await showEnd(session.id, end.exitCode);
      this.#showing.delete(showing);
    });
    this.#showing.add(showing);
    if (this.#isClosed) void running.stop(END_GRACE_MS);
    const count = this.#sessions.size;
    if (count < warnAt) return { session };
    const warning = `${count} of at most ${max} sessions are open: the oldest will be ended to make room`;
    return { session, warning };
  }

  /** The session with this id; it counts as used now. */
  use(id: number): CommandSession | undefined {
    const session = this.#sessions.get(id);
    if (session === undefined) return undefined;
    this.#sessions.delete(id);
    this.#sessions.set(id, session);
    return session;
  }

  /** Forgets a session whose end has been reported. */
  forget(id: number): void {
    this.#sessions.delete(id);
    this.#ends.delete(id);
    this.#untold.delete(id);
  }

  /** What has ended since the last call without being reported, oldest first. */
  takeEnded(): readonly EndedSession[] {
    const ended = [...this.#untold.values()];
    this.#untold.clear();
    return ended;
  }

  /** The running ones, oldest first. */
  get running(): readonly RunningSession[] {
    return [...this.#sessions.values()]
      .filter(({ id }) => !this.#ends.has(id))
      .map(({ id, command, startedAt }) => ({ sessionId: id, command, startedAt }))
      .sort((a, b) => a.sessionId - b.sessionId);
  }

  /** Takes note of a command that has ended and may have left processes behind. */
  leave(process: CommandProcess): void {
    for (const one of this.#leftBehind) if (!one.isAlive()) this.#leftBehind.delete(one);
    if (process.isAlive()) this.#leftBehind.add(process);
    if (this.#isClosed) void process.terminate(END_GRACE_MS);
  }

  /** Ends all that runs: TERM, and KILL where that does not help. What a session has printed can still be read. */
  async endAll(): Promise<void> {
    const left = [...this.#leftBehind].map((process) => process.terminate(END_GRACE_MS));
    const sessions = [...this.#sessions.values()].filter(({ id }) => !this.#ends.has(id));
    await Promise.all([...left, ...sessions.map(({ running }) => running.stop(END_GRACE_MS))]);
  }

  /** Ends all that runs, and from now on whatever would start to run in the background. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.endAll();
    await Promise.all(this.#showing);
    for (const end of this.#ends.values()) this.#warnOf(end);
    this.#sessions.clear();
    this.#ends.clear();
  }

  #ended(session: CommandSession, end: CommandEnd): void {
    this.leave(session.running.process);
    if (!this.#sessions.has(session.id)) return this.#warnOf(end);
    this.#ends.set(session.id, end);
    this.#untold.set(session.id, { sessionId: session.id, exitCode: end.exitCode });
    this.#changed();
  }

  /** False if all are too new to be ended. */
  #endOne(): boolean {
    const { keepRecent = 8 } = this.#options;
    const old = [...this.#sessions.values()].slice(0, Math.max(0, this.#sessions.size - keepRecent));
    const victim = old.find(({ id }) => this.#ends.has(id)) ?? old[0];
    if (victim === undefined) return false;
    const end = this.#ends.get(victim.id);
    this.forget(victim.id);
    if (end === undefined) void victim.running.stop(END_GRACE_MS);
    else this.#warnOf(end);
    return true;
  }

  #warnOf(end: CommandEnd): void {
    for (const note of end.notes) this.#options.warn?.(note);
  }

  #changed(): void {
    this.#options.onChange?.(this.running);
  }
}
