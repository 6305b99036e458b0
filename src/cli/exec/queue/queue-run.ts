/**
 * `exec --queue FILE`: entry after entry as turns of one session, to the end of the file.
 *
 * An entry that failed or met a limit ends the run; one that was not verified is remembered, and the run goes on. Limits
 * are those of the whole run. Does not: judge an entry, or ask one twice in one run.
 */
import { askedPrompts } from '../../../rollout/asked-prompts.ts';
import type { SessionPlan } from '../../../session/plan.ts';
import { SessionError, UsageError } from '../../../session/session-error.ts';
import { timeLimit } from '../../../system/within.ts';
import { plural } from '../../../text/digits.ts';
import { shellWord } from '../../../text/shell-word.ts';
import { type ExecFlags, laterTask, type Task, taskOf } from '../exec-input.ts';
import type { Sink } from '../exec-sink.ts';
import { FAILED, LIMIT_EXITS, NOT_VERIFIED, WRONG_USAGE } from '../exit-codes.ts';
import { clean } from '../line-writer.ts';
import type { Spent } from '../spent.ts';
import type { QueueEntry } from './queue-lines.ts';
import { openQueueInput, type QueueInput } from './queue-place.ts';
import { openSource, type QueuePlace, type QueueSource } from './queue-source.ts';

export interface FirstEntry {
  readonly place: QueuePlace;
  readonly task: Task;
}

export interface QueueWork {
  readonly spent: Spent;
  readonly signal: AbortSignal;
  /** Does one entry. @returns its exit code */
  readonly perform: (task: Task) => Promise<number>;
  /** With which the session can be resumed; undefined: it is not kept. */
  readonly threadId: string | undefined;
}

/** Of the prompt in a line about an entry. */
const SHOWN_CHARS = 60;

export class Queue {
  readonly #name: string;
  readonly #input: QueueInput;
  readonly #flags: ExecFlags;
  readonly #sink: Sink;
  readonly #failed: { readonly entry: QueueEntry; readonly code: number }[] = [];
  #source: QueueSource | undefined;
  #done = 0;

  /** @throws UsageError for a file that cannot be read or must not be obeyed */
  constructor(name: string, { permissions }: SessionPlan, flags: ExecFlags, sink: Sink) {
    if (permissions.isPlan)
      throw new UsageError('--queue: a session has one plan, so --plan takes one prompt');
    this.#name = name;
    this.#input = openQueueInput(name, permissions);
    this.#flags = flags;
    this.#sink = sink;
  }

  /**
   * @param rollout of the session that is resumed.
   * @returns the first entry that is not done; undefined: there is none, which was said.
   * @throws SessionError
   */
  async first(rollout: string | undefined): Promise<FirstEntry | undefined> {
    const asked = rollout === undefined ? [] : askedPrompts(rollout);
    // Until the session is open, a signal ends the process.
    const { signal } = new AbortController();
    this.#source = await openSource(this.#name, this.#input, asked, signal);
    const place = await this.#source.next(signal);
    if (place !== undefined) return { place, task: await taskOf(place.entry.text, this.#flags) };
    this.#conclude();
    return undefined;
  }

  /** @returns the exit code of the run. */
  async run(first: FirstEntry, work: QueueWork): Promise<number> {
    try {
      return await this.#work(first, work);
    } catch (error) {
      if (work.signal.aborted) this.#sink.interrupted();
      else if (error instanceof SessionError) this.#sink.failed(error.message);
      else throw error;
      return error instanceof UsageError ? WRONG_USAGE : FAILED;
    } finally {
      this.#conclude(work.threadId);
    }
  }

  async #work(first: FirstEntry, work: QueueWork): Promise<number> {
    for (let { place, task } = first; ; task = await laterTask(place.entry.text, task)) {
      this.#announce(place);
      const { entry } = place;
      const code = await work.perform(task).catch((error: unknown) => {
        this.#failed.push({ entry, code: FAILED });
        throw error;
      });
      if (code === 0) this.#done += 1;
      else this.#failed.push({ entry, code });
      if (code !== 0 && code !== NOT_VERIFIED) return code;
      const next = await this.#next(work);
      if (typeof next === 'number') return next;
      place = next;
    }
  }

  /** @returns the exit code if there is none, or none may be asked. */
  async #next({ spent, signal }: QueueWork): Promise<QueuePlace | number> {
    const ms = spent.left?.maxMs;
    const until = ms === undefined ? signal : timeLimit(ms, signal);
    try {
      const place = await this.#source?.next(until);
      if (place === undefined) return this.#failed.length > 0 ? NOT_VERIFIED : 0;
      return spent.reached === undefined ? place : this.#stopped(spent.reached);
    } catch (error) {
      if (signal.aborted || !until.aborted) throw error;
      return this.#stopped('max_time');
    }
  }

  #stopped(limit: keyof typeof LIMIT_EXITS): number {
    const message = `stopped at a limit of the whole run (limits.${limit})`;
    this.#sink.handle({ type: 'warning', message });
    return LIMIT_EXITS[limit];
  }

  #announce({ entry: { line, text }, at, of }: QueuePlace): void {
    const shownLine = `entry ${at}${of === undefined ? '' : ` of ${of}`} (line ${line})`;
    this.#sink.note({ type: 'queue.entry', entry: at, line, prompt: text }, shownLine);
  }

  #conclude(threadId?: string): void {
    const { entries = [], doneBefore = [] } = this.#source ?? {};
    const done = doneBefore.length + this.#done;
    // A line may be gone from the file by now.
    const all = Math.max(entries.length, done + this.#failed.length);
    const before = doneBefore.length === 0 ? '' : ` (${doneBefore.length} before)`;
    say(`${done} of ${plural(all, 'entry', 'entries')} done${before}`);
    for (const { entry, code } of this.#failed)
      say(`not done: line ${entry.line}, exit code ${code}: ${shown(entry)}`);
    if (threadId !== undefined && this.#isOpen(all - done))
      say(
        `To continue, with the same flags: oagent exec resume ${threadId} --queue ${shellWord(this.#name)}`,
      );
    const failed = this.#failed.map(({ entry: { line, text }, code }) => ({ line, prompt: text, code }));
    this.#sink.note({ type: 'queue.ended', done, entries: all, failed });
  }

  /** Resuming asks something again: without a verifying command a turn that was completed counts as done. */
  #isOpen(left: number): boolean {
    const { verify = this.#flags.until } = this.#flags;
    const judged = verify === undefined ? this.#failed.filter(({ code }) => code === NOT_VERIFIED).length : 0;
    return left > judged;
  }
}

function say(line: string): void {
  process.stderr.write(`${clean(line)}\n`);
}

function shown({ text }: QueueEntry): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > SHOWN_CHARS ? `${line.slice(0, SHOWN_CHARS).toWellFormed()}…` : line;
}
