/**
 * The agent's questions in the app: which is open, who gets the keys, and the answers on their way back.
 *
 * Invariants: at most one timer, for the moment at which a waiting question may open; a question that the agent has
 * withdrawn disappears from the screen. What a key answers is decided in overlay/approval.ts.
 */
import type { Event } from '../../protocol.ts';
import type { LineContext } from '../lines/style.ts';
import {
  type ApprovalState,
  type ApprovalStep,
  addApproval,
  answerInstead,
  approvalCovered,
  approvalDrawn,
  approvalPasted,
  approvalWakeAt,
  handleApprovalKey,
  removeApproval,
  wakeApproval,
  withoutTurn,
} from '../overlay/approval.ts';
import { approvalFullLines, approvalLines, approvalSummary, waitingLine } from '../overlay/approval-lines.ts';
import type { Body } from '../screen/region.ts';
import type { Key } from '../term/keys.ts';
import type { AppPort } from './app-port.ts';
import { hintOf, hints } from './key-hints.ts';

type Port = Pick<
  AppPort,
  | 'terminal'
  | 'clock'
  | 'composer'
  | 'hasFocus'
  | 'overlay'
  | 'hasPager'
  | 'keymap'
  | 'submit'
  | 'changed'
  | 'openPager'
>;

export class ApprovalControl {
  readonly #app: Port;
  #state: ApprovalState | undefined;
  #lastKey: number | undefined;
  #cancelWake: (() => void) | undefined;

  constructor(app: Port) {
    this.#app = app;
  }

  /** Something else covers the question, or did until now: it has to be seen again before it takes a key. */
  covered(now: number): void {
    if (this.#state !== undefined) this.#state = approvalCovered(this.#state, now);
  }

  /** The dialog has the place of the composer. */
  get isOpen(): boolean {
    return this.#state?.phase === 'open';
  }

  /** What is written in the composer is the answer: what stands there until then; undefined: it is a message. */
  get placeholder(): string | undefined {
    if (this.#state?.phase !== 'instead') return undefined;
    return this.#state.requests[0]?.kind === 'question' ? 'Your answer' : 'What to do instead';
  }

  /** What the keys do while an answer is written. */
  hint(): string | undefined {
    const { keymap } = this.#app;
    if (this.placeholder === undefined) return undefined;
    return hints(hintOf(keymap, 'submit', 'answers'), 'esc goes back');
  }

  /** A key came, whatever it was for. */
  keyCame(now: number): void {
    this.#lastKey = now;
    this.#wake();
  }

  pasted(now: number): void {
    this.#lastKey = now;
    if (this.#state !== undefined) this.#state = approvalPasted(this.#state, now);
  }

  handle(event: Event): void {
    if (event.type === 'approval_requested') {
      this.#state = addApproval(this.#state, event.request, this.#lastKey);
      const what = approvalSummary(event.request);
      this.#app.terminal.notify('approvals', `oagent needs approval: ${what}`);
      this.#wake();
    }
    if (event.type === 'approval_resolved') this.#state = removeApproval(this.#state, event.id);
    if (event.type === 'turn_aborted' || event.type === 'turn_failed') this.#state = withoutTurn(this.#state);
  }

  /** @returns false if the key is for somebody else. */
  onKey(key: Key, now: number): boolean {
    if (this.#state === undefined) return false;
    const { isEmpty: isComposerEmpty, draft, takesEscape: hasPopup } = this.#app.composer;
    const step = handleApprovalKey(this.#state, key, { now, isComposerEmpty, draft, hasPopup });
    return this.#take(step);
  }

  /** The user's text answers the question; false if none was asked for. */
  answerInstead(text: string): boolean {
    if (this.#state?.phase !== 'instead') return false;
    this.#take(answerInstead(this.#state, text));
    return true;
  }

  drawn(now: number): void {
    if (this.#state !== undefined) this.#state = approvalDrawn(this.#state, now);
  }

  /** The dialog in place of the composer, or a line above it. */
  body(ctx: LineContext, maxRows: number, composer: (maxRows: number) => Body): Body {
    const state = this.#state;
    if (state === undefined) return composer(maxRows);
    if (state.phase === 'open') return { lines: approvalLines(state, ctx, maxRows) };
    const line = waitingLine(state, ctx);
    const below = composer(Math.max(1, maxRows - 1));
    if (maxRows < 2) return below;
    return {
      lines: [line, ...below.lines],
      cursor: below.cursor === undefined ? undefined : { x: below.cursor.x, y: below.cursor.y + 1 },
    };
  }

  stop(): void {
    this.#cancelWake?.();
  }

  #take(step: ApprovalStep): boolean {
    switch (step.type) {
      case 'kept':
        // What was being written before is not part of the answer.
        if (step.takesDraft === true || (step.state.phase === 'instead' && this.#state?.phase !== 'instead'))
          this.#app.composer.clear();
        this.#state = step.state;
        return true;
      case 'passed':
        this.#state = step.state;
        return false;
      case 'show_all':
        this.#state = step.state;
        this.#app.openPager({
          kind: 'lines',
          title: 'Approval',
          lines: (ctx) => approvalFullLines(step.request, ctx),
        });
        return true;
      case 'answered':
        if (step.takesDraft === true) this.#app.composer.clear();
        this.#state = step.state;
        this.#app.submit({ type: 'approval', id: step.id, answer: step.answer });
        return true;
      default:
        return step satisfies never;
    }
  }

  /** Opens the question if nobody types, or schedules another look. */
  #wake(): void {
    this.#cancelWake?.();
    this.#cancelWake = undefined;
    if (this.#state === undefined || this.#app.overlay !== undefined || this.#app.hasPager) return;
    const { clock, composer } = this.#app;
    const { isEmpty } = composer;
    const now = clock.now();
    this.#state = wakeApproval(this.#state, { now, isComposerEmpty: isEmpty });
    const at = approvalWakeAt(this.#state, isEmpty);
    if (at === undefined) return;
    this.#cancelWake = clock.schedule(
      () => {
        this.#wake();
        this.#app.changed();
      },
      Math.max(0, at - now),
    );
  }
}
