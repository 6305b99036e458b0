/**
 * Prints the events that are not items, with what is known of their turn.
 *
 * Invariant: the facts of a turn are taken before its end clears them.
 */
import type { ApprovalRequest, Event } from '../../protocol.ts';
import { type NoticeFacts, noticeLines } from '../screen/notice-cells.ts';
import type { AppPort } from './app-port.ts';

type Port = Pick<AppPort, 'state' | 'context' | 'print'>;

export class Notices {
  readonly #app: Port;
  readonly #requests = new Map<string, ApprovalRequest>();
  #elapsedMs = 0;
  /** Tokens used when the turn began. */
  #usedBefore = 0;
  /** The model has called a tool in this turn. */
  #hasCalled = false;
  /** Calls that the user declined since the model spoke last: each is reported as rejected too. */
  #declined = 0;

  constructor(app: Port) {
    this.#app = app;
  }

  /** To be called before the event has changed the state. */
  before(event: Event, now: number): void {
    this.#elapsedMs = this.#app.state.turn?.timer.elapsed(now) ?? this.#elapsedMs;
    if (event.type === 'turn_started') {
      this.#usedBefore = this.#used();
      this.#hasCalled = false;
    }
    this.#hasCalled ||= isCall(event);
    if (event.type === 'approval_requested') this.#requests.set(event.request.id, event.request);
  }

  /** To be called after everything else that prints. */
  after(event: Event): void {
    const request = event.type === 'approval_resolved' ? this.#requests.get(event.id) : undefined;
    if (event.type === 'approval_resolved') this.#requests.delete(event.id);
    if (this.#isKnown(event, request)) return;
    const facts: NoticeFacts = {
      request,
      elapsedMs: this.#elapsedMs,
      tokens: this.#used() - this.#usedBefore,
      // In plan mode there is nothing to show for it.
      hasCalled: this.#hasCalled && this.#app.state.permissions.isPlan !== true,
    };
    this.#app.print(noticeLines(event, facts, this.#app.context()));
  }

  /** Whether the event only repeats that the user has declined a call. */
  #isKnown(event: Event, request: ApprovalRequest | undefined): boolean {
    if (event.type === 'model_phase' || event.type === 'turn_started') this.#declined = 0;
    if (event.type === 'approval_resolved' && request !== undefined && isOfCall(request)) {
      this.#declined += event.answer.type === 'no' || event.answer.type === 'stop' ? 1 : 0;
    }
    if (event.type !== 'call_rejected' || this.#declined === 0) return false;
    this.#declined -= 1;
    return true;
  }

  #used(): number {
    const { total } = this.#app.state;
    return total === undefined ? 0 : total.inputTokens + total.outputTokens;
  }
}

function isCall(event: Event): boolean {
  if (event.type === 'call_rejected') return true;
  if (event.type !== 'item_started') return false;
  const { item } = event;
  return (
    item.type === 'file_change' ||
    item.type === 'tool_call' ||
    item.type === 'task' ||
    (item.type === 'command_execution' && item.source === undefined && item.sessionId === undefined)
  );
}

/** A question is a call with a cell of its own, and what a project brings is no call. */
function isOfCall({ kind }: ApprovalRequest): boolean {
  return kind !== 'question' && kind !== 'extension';
}
