/**
 * Adds up one session, line by line. Only short lines are parsed; of the others their first bytes say when they were written, so memory
 * does not grow with a session. A line that is not as it should be is counted and skipped.
 */
import { happeningOf } from '../happenings.ts';
import type { EventMessage, RolloutLine, SessionMeta, TurnContext } from '../lines.ts';
import type { LineRef, RolloutReader } from '../scan.ts';
import { LOAD_MS, SessionReading } from './reading.ts';
import type { Tally } from './tally.ts';

/** A line that is needed is never longer, unless it is damaged. */
const MAX_LINE_BYTES = 4 * 2 ** 20;

const TIME = /^\{"timestamp":"([^"]{1,40})"/;

const NEEDED: ReadonlySet<string> = new Set([
  'token_count',
  'happened',
  'turn_completed',
  'turn_failed',
  'turn_aborted',
]);

/** Of happenings. */
const FAULTS: ReadonlySet<string> = new Set(['repaired', 'retry', 'thinking_stopped', 'call_rejected', '']);

type Count = Extract<EventMessage, { readonly type: 'token_count' }>;

export class SessionTally {
  readonly #reader: RolloutReader;
  readonly #tally: Tally;
  readonly #reading = new SessionReading();
  /** Milliseconds of the epoch: what was written before is not counted, but what follows depends on it. */
  #since: number;
  #model = '';
  #turn: string | undefined;
  /** When the last line was written that a request can have followed. */
  #askedAt: number | undefined;
  #at = 0;
  #hasCounted = false;
  readonly #answered = new Set<string>();
  #total: { readonly sent: number; readonly written: number } | undefined;

  constructor(reader: RolloutReader, tally: Tally, since: number) {
    this.#reader = reader;
    this.#tally = tally;
    this.#since = since;
  }

  /** @returns whether any of it is counted. */
  get hasCounted(): boolean {
    return this.#hasCounted;
  }

  readonly add = (line: LineRef, head: string): void => {
    if (line.type === '') return this.#bad();
    const parsed = this.#isNeeded(line) ? this.#parse(line) : undefined;
    if (parsed === 'damaged') return this.#bad();
    const time = Date.parse(TIME.exec(head)?.[1] ?? textOf(parsed?.timestamp));
    if (!Number.isNaN(time)) this.#at = time;
    else if (parsed !== undefined) return this.#bad();
    if (parsed === undefined) this.#pass(line);
    else if (!this.#take(parsed)) this.#bad();
    if (!isOfAnswer(line)) this.#askedAt = this.#at;
  };

  /** Called after the last line. @param isOpen a process is still writing to it. */
  end(isOpen: boolean): void {
    if (this.#turn !== undefined && !isOpen) this.#endTurn('interrupted');
  }

  #isNeeded({ type, of }: LineRef): boolean {
    return type === 'session_meta' || type === 'turn_context' || (type === 'event_msg' && NEEDED.has(of));
  }

  #parse(line: LineRef): (RolloutLine & { readonly timestamp?: unknown }) | 'damaged' {
    if (line.end - line.start > MAX_LINE_BYTES) return 'damaged';
    return this.#reader.parse(line) ?? 'damaged';
  }

  /** A line that need not be parsed. */
  #pass({ type, of }: LineRef): void {
    if (type === 'compacted') {
      this.#reading.breakOff('compacted');
      this.#addWork(this.#gap());
      this.#count((tally) => {
        tally.model(this.#model).compactions += 1;
      });
    }
    if (of === 'thread_rolled_back') this.#reading.breakOff('cut');
  }

  /** @returns false if it is not as it should be. */
  #take(line: RolloutLine): boolean {
    switch (line.type) {
      case 'session_meta':
        return this.#begin(line.payload);
      case 'turn_context':
        return this.#beginTurn(line.payload);
      case 'event_msg':
        return this.#happened(line.payload);
      default:
        return true;
    }
  }

  #begin({ timestamp, forked_from_id: source, model }: SessionMeta): boolean {
    // What a fork was copied with is counted where it happened.
    if (source !== undefined) this.#since = Math.max(this.#since, Date.parse(timestamp) || 0);
    this.#model ||= textOf(model);
    return true;
  }

  #beginTurn({ turn_id: id, model }: TurnContext): boolean {
    if (typeof id !== 'string' || typeof model !== 'string') return false;
    if (this.#turn !== undefined) this.#endTurn('interrupted');
    if (this.#model !== '' && model !== this.#model) this.#reading.breakOff('model');
    this.#model = model;
    this.#turn = id;
    return true;
  }

  #happened(payload: EventMessage): boolean {
    switch (payload.type) {
      case 'token_count':
        return this.#answer(payload);
      case 'turn_completed':
        if (payload.is_verified === undefined) this.#endTurn('done');
        else this.#endTurn(payload.is_verified === true ? 'verified' : 'refuted');
        return true;
      case 'turn_failed':
        this.#endTurn('failed');
        return true;
      case 'turn_aborted':
        this.#endTurn('interrupted');
        return true;
      case 'happened':
        return this.#fault(payload);
      default:
        return true;
    }
  }

  #fault(payload: EventMessage): boolean {
    const happening = happeningOf(payload);
    this.#count((tally) => {
      const stats = tally.model(this.#model);
      if (happening?.type === 'repaired' && !happening.isNotice) stats.repaired += 1;
      if (happening?.type === 'retry' && happening.isModelFault) stats.askedAgain += 1;
      if (happening?.type === 'thinking_stopped') stats.askedAgain += 1;
      if (happening?.type === 'call_rejected') stats.refused += 1;
    });
    // What is not known here may be of a newer oagent.
    return happening !== undefined || !FAULTS.has(textOf(eventType(payload)));
  }

  #answer(count: Count): boolean {
    const { last, total, timing } = count;
    const numbers = [last?.inputTokens, last?.outputTokens, total?.inputTokens, total?.outputTokens];
    const times = timing === undefined ? [] : [timing?.loadMs, timing?.readMs, timing?.writeMs];
    if (![...numbers, ...times].every(isAmount)) return false;
    const [prompt, answer] = [last.inputTokens, last.outputTokens];
    const { read, again, isSure } = this.#reading.request(
      { prompt, answer, timing },
      this.#tally.speed(this.#model),
    );
    // What was asked besides the conversation, such as for a summary, is only in the total.
    const asides = this.#asides(count);
    this.#total = { sent: total.inputTokens, written: total.outputTokens };
    this.#addWork(
      timing === undefined ? this.#gap() : { ms: timing.loadMs + timing.readMs + timing.writeMs },
    );
    this.#count((tally) => {
      const stats = tally.model(this.#model);
      const day = tally.day(this.#at);
      if (!this.#answered.has(this.#model)) stats.sessions += 1;
      this.#answered.add(this.#model);
      stats.requests += 1;
      stats.tokens.sent += prompt + asides.sent;
      stats.tokens.read += read;
      stats.tokens.readAgain += again;
      stats.tokens.written += answer + asides.written;
      day.read += read;
      day.written += answer + asides.written;
      if (timing === undefined) return;
      stats.time.load += timing.loadMs;
      stats.time.read += timing.readMs;
      stats.time.write += timing.writeMs;
      stats.timed.written += answer;
      stats.timed.writeMs += timing.writeMs;
      if (isSure) stats.timed.read += read;
      if (isSure) stats.timed.readMs += timing.readMs;
      if (timing.loadMs >= LOAD_MS) stats.loads += 1;
    });
    return true;
  }

  #asides({ total, last }: Count): { readonly sent: number; readonly written: number } {
    const before = this.#total ?? { sent: 0, written: 0 };
    return {
      sent: Math.max(0, total.inputTokens - before.sent - last.inputTokens),
      written: Math.max(0, total.outputTokens - before.written - last.outputTokens),
    };
  }

  /** The time since the request, if the server did not report it. */
  #gap(): { readonly ms: number; readonly isEstimated: true } {
    const isKnown = this.#turn !== undefined && this.#askedAt !== undefined;
    return { ms: isKnown ? Math.max(0, this.#at - (this.#askedAt ?? 0)) : 0, isEstimated: true };
  }

  #addWork({ ms, isEstimated }: { readonly ms: number; readonly isEstimated?: true }): void {
    this.#count((tally) => {
      const { time } = tally.model(this.#model);
      time.work += ms;
      if (isEstimated) time.estimated += ms;
      tally.day(this.#at).work += ms;
    });
  }

  #endTurn(how: 'done' | 'verified' | 'refuted' | 'failed' | 'interrupted'): void {
    // A compaction that the user asked for ends like a turn, but is none.
    if (this.#turn === undefined) return;
    this.#turn = undefined;
    this.#count((tally) => {
      const { turns } = tally.model(this.#model);
      turns.total += 1;
      turns[how] += 1;
      if (how === 'verified' || how === 'refuted') turns.done += 1;
      tally.day(this.#at).turns += 1;
    });
  }

  #count(add: (tally: Tally) => void): void {
    if (this.#at < this.#since || this.#model === '') return;
    this.#hasCounted = true;
    add(this.#tally);
  }

  #bad(): void {
    this.#tally.badLines += 1;
  }
}

/** Written when an answer has come, between the request and its count. */
function isOfAnswer({ of, kind }: LineRef): boolean {
  return of === 'item_completed' && (kind === 'agent_message' || kind === 'reasoning');
}

function eventType(payload: EventMessage): unknown {
  return payload.type === 'happened'
    ? (payload.event as { readonly type?: unknown } | null)?.type
    : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Larger ones are no counts, and would spoil every sum. */
function isAmount(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= 1e12;
}
