/**
 * Where in a rollout the lines of each type are. Only their positions are kept, so that memory grows with the number of
 * lines and not with their contents.
 */
import type { EventMessage } from './lines.ts';
import type { LineRef, RolloutReader } from './scan.ts';

export class SessionIndex {
  readonly history: LineRef[] = [];
  readonly shown: LineRef[] = [];
  readonly approvals: LineRef[] = [];
  readonly turns: LineRef[] = [];
  /** The index in `history` of the newest compaction; -1: none. */
  base = -1;
  badLines = 0;
  /** The highest number of an item. */
  lastItem = 0;
  /** Those that keep memories off. */
  readonly memoriesOff: LineRef[] = [];
  /** The beginnings of items that have no end, by their number. */
  readonly open = new Map<number, LineRef>();
  /** The newest line of each type. */
  readonly #last = new Map<string, LineRef>();

  constructor(reader: RolloutReader) {
    reader.scan((line) => this.#add(line));
  }

  /** The process died in the middle of a turn. */
  get isTurnOpen(): boolean {
    const begun = this.last('turn_context');
    return begun !== undefined && (this.last('turn_end')?.start ?? -1) < begun.start;
  }

  last(what: string): LineRef | undefined {
    return this.#last.get(what);
  }

  #add(line: LineRef): void {
    switch (line.type) {
      case 'session_meta':
        if (this.last('session_meta') === undefined) this.#last.set('session_meta', line);
        return;
      case 'compacted':
        this.base = this.history.length;
        this.history.push(line);
        return;
      case 'response_item':
      case 'turn_context':
        this.history.push(line);
        this.#last.set(line.type, line);
        if (line.type === 'turn_context') this.turns.push(line);
        return;
      case 'event_msg':
        this.#addEvent(line);
        return;
      case '':
        this.badLines += 1;
        return;
      default:
        return;
    }
  }

  #addEvent(line: LineRef): void {
    this.#last.set(line.of, line);
    switch (line.of as EventMessage['type']) {
      case 'item_started':
        this.open.set(line.number, line);
        this.lastItem = Math.max(this.lastItem, line.number);
        return;
      case 'item_completed':
        this.shown.push(line);
        this.open.delete(line.number);
        this.lastItem = Math.max(this.lastItem, line.number);
        if (line.kind === 'plan') this.#last.set('plan', line);
        return;
      case 'happened':
      case 'context_compacted':
        this.shown.push(line);
        return;
      case 'thread_rolled_back':
        this.history.push(line);
        this.shown.push(line);
        return;
      case 'session_approval':
        this.approvals.push(line);
        return;
      case 'session_approvals_reset':
        this.approvals.length = 0;
        return;
      case 'memories_off':
        this.memoriesOff.push(line);
        return;
      case 'turn_failed':
      case 'turn_aborted':
        this.shown.push(line);
        this.#last.set('turn_end', line);
        return;
      case 'turn_completed':
        this.#last.set('turn_end', line);
        return;
      default:
        return;
    }
  }
}
