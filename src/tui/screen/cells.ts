/**
 * Events as cells: finished ones for the history, live ones below it.
 *
 * Invariants: a cell is printed once, when nothing of it can change any more, and never taken back; explorations of the
 * repository are gathered in one cell until something else happens; one blank line separates cells.
 */
import type { Event, Item } from '../../protocol.ts';
import { withStep } from '../../text/task-steps.ts';
import { explorationOf } from '../lines/exploration.ts';
import { exploredLines } from '../lines/explored.ts';
import { brokenAnswerLines } from '../lines/notice.ts';
import { planLines } from '../lines/plan.ts';
import { asRows } from '../lines/prose.ts';
import { liveReasoningLines, reasoningLines } from '../lines/reasoning.ts';
import type { LineContext } from '../lines/style.ts';
import type { Taken } from '../lines/taken.ts';
import { truncateEnd } from '../lines/width.ts';
import type { Flow, PrintedCell } from './frame.ts';
import { itemLines, liveItemLines } from './item-cells.ts';
import { StreamingAnswer } from './streaming-answer.ts';

type PlanItem = Extract<Item, { type: 'plan' }>;

/** An item that has begun. */
interface Open {
  item: Item;
  readonly startedAt: number;
  /** When something of it came last. */
  heardAt: number;
  /** The output of the command, or the thinking, so far; its end. */
  text: string;
  readonly answer: StreamingAnswer | undefined;
  /** Set when it has ended but one that began before it has not. */
  done?: Item;
}

/** Reads and searches in a row. */
interface Exploring {
  readonly items: Item[];
  running: number;
  /** Thinking between them, shown in one line after them. */
  thoughtMs: number;
  thoughts: string;
}

/** After so long without text the last word of an answer is shown, although it may go on. */
const STILL_MS = 500;
/** A live command shows its last lines; no more of its output is kept here. */
const LIVE_TEXT_LIMIT = 16_384;

export class Cells {
  readonly #context: () => LineContext;
  readonly #open = new Map<string, Open>();
  #exploring: Exploring | undefined;
  /** Items of a group that was printed before they ended: there is nothing left to print. */
  readonly #explored = new Set<string>();
  /** The newest plan, while nothing has followed it: another one replaces it. */
  #plan: PlanItem | undefined;
  /** The steps that were printed last: the next plan says what has changed. */
  #steps: PlanItem['steps'] = [];
  readonly #cells: PrintedCell[] = [];
  #printed: readonly PrintedCell[] = [];
  #lastCell = 0;
  /** Whose the last cell is. */
  #last: StreamingAnswer | undefined;

  constructor(context: () => LineContext) {
    this.#context = context;
  }

  /** All finished cells; a new array whenever one was added. */
  get printed(): readonly PrintedCell[] {
    // Copied when read, which is once a frame, not for every cell.
    if (this.#printed.length < this.#cells.length) this.#printed = [...this.#cells];
    return this.#printed;
  }

  /** @param now milliseconds of a monotonic clock. */
  handle(event: Event, now: number): void {
    switch (event.type) {
      case 'item_started':
        this.#started(event.item, now);
        return;
      case 'item_delta':
        this.#delta(event.itemId, event.text, now);
        return;
      case 'item_completed':
        this.#completed(event.item, now);
        return;
      case 'task_step':
        this.#step(event, now);
        return;
      case 'turn_completed':
      case 'turn_failed':
      case 'turn_aborted':
        this.settle();
        return;
      default:
        return;
    }
  }

  /** Prints lines after everything else, as a cell of their own. */
  print(lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.#endGathered();
    this.#add(this.#lastCell === 0 ? lines : ['', ...lines]);
  }

  /** Prints what is gathered. A command of the user's own may continue. */
  settle(): void {
    this.#printDone(true);
    this.#endPlan();
    this.#endExploring();
  }

  /** Nothing follows: also prints what there is of an answer. */
  finish(): void {
    this.settle();
    for (const { answer } of this.#open.values()) {
      if (answer !== undefined) this.#printAnswer(answer, (open, ctx) => open.finish(undefined, ctx));
    }
    this.#open.clear();
  }

  /** Prints of answers that are being written what can no longer change. */
  flow(now: number): void {
    for (const { answer, heardAt } of this.#open.values()) {
      const isStill = now - heardAt >= STILL_MS;
      if (answer !== undefined) this.#printAnswer(answer, (open, ctx) => open.flow(ctx, isStill));
    }
  }

  /** The live cells, at most `maxRows` lines. */
  liveLines(maxRows: number, now: number): string[] {
    const ctx = asRows(this.#context());
    const lines: string[] = [];
    if (this.#plan !== undefined) lines.push('', ...planLines(this.#plan, ctx, this.#steps));
    if (this.#exploring !== undefined) lines.push('', ...this.#exploringLines(this.#exploring, ctx));
    for (const open of this.#open.values()) {
      const cell = this.#liveCell(open, ctx, maxRows, now);
      const gap = cell.length === 0 ? [] : [''];
      lines.push(...gap, ...cell);
    }
    return lines.length <= maxRows ? lines : lines.slice(lines.length - maxRows);
  }

  #started(item: Item, now: number): void {
    if (item.type !== 'plan') this.#endPlan();
    if (explorationOf(item) !== undefined) {
      this.#exploring ??= { items: [], running: 0, thoughtMs: 0, thoughts: '' };
      this.#exploring.items.push(item);
      this.#exploring.running += 1;
      return;
    }
    if (item.type !== 'reasoning') {
      this.#endThinking(now);
      this.#endExploring();
    }
    const answer = item.type === 'agent_message' ? new StreamingAnswer() : undefined;
    this.#open.set(item.id, { item, startedAt: now, heardAt: now, text: '', answer });
  }

  #delta(id: string, text: string, now: number): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    open.heardAt = now;
    if (open.answer !== undefined) {
      open.answer.add(text);
      this.#printAnswer(open.answer, (answer, ctx) => answer.take(ctx));
      return;
    }
    open.text =
      open.item.type === 'reasoning' ? open.text + text : (open.text + text).slice(-LIVE_TEXT_LIMIT);
  }

  #step(event: Extract<Event, { type: 'task_step' }>, now: number): void {
    const open = this.#open.get(event.itemId);
    if (open?.item.type !== 'task') return;
    open.item = withStep(open.item, event);
    open.heardAt = now;
  }

  #completed(item: Item, now: number): void {
    if (this.#exploring !== undefined) {
      const at = this.#exploring.items.findIndex(({ id }) => id === item.id);
      if (at >= 0) {
        this.#exploring.items[at] = item;
        this.#exploring.running -= 1;
        return;
      }
    }
    if (this.#explored.delete(item.id)) return;
    const open = this.#open.get(item.id);
    const ctx = this.#context();
    switch (item.type) {
      case 'agent_message':
        this.#open.delete(item.id);
        this.#printAnswer(open?.answer ?? new StreamingAnswer(), (answer) => answer.finish(item.text, ctx));
        if (item.status === 'failed') this.print(brokenAnswerLines(ctx));
        return;
      case 'reasoning':
        this.#open.delete(item.id);
        // If it is not open, it was printed when the answer began.
        if (open !== undefined) this.#thought(item.text, now - open.startedAt);
        return;
      case 'plan':
        this.#open.delete(item.id);
        this.#endExploring();
        this.#plan = item;
        return;
      default:
        if (open === undefined) this.#printItem(item);
        else open.done = item;
        this.#printDone(false);
    }
  }

  /** What runs in parallel is printed in the order in which it began. `isEnd`: what has not ended is skipped. */
  #printDone(isEnd: boolean): void {
    for (const [id, open] of this.#open) {
      if (open.done === undefined) {
        if (isEnd || isOvertaken(open)) continue;
        return;
      }
      this.#open.delete(id);
      this.#printItem(open.done);
    }
  }

  #printItem(item: Item): void {
    this.#endExploring();
    this.print(itemLines(item, this.#context()));
  }

  /** For the agent an answer's thinking completes with the answer; for the reader, when something else begins. */
  #endThinking(now: number): void {
    for (const [id, { item, text, startedAt }] of this.#open) {
      if (item.type !== 'reasoning') continue;
      this.#open.delete(id);
      this.#thought(text, now - startedAt);
    }
  }

  #thought(text: string, ms: number): void {
    if (this.#exploring !== undefined) {
      this.#exploring.thoughtMs += ms;
      this.#exploring.thoughts += text;
      return;
    }
    this.print(reasoningLines({ text, durationMs: ms }, this.#context()));
  }

  /** What has been gathered comes before what is printed now; a group in which something still runs stays open. */
  #endGathered(): void {
    this.#endPlan();
    if (this.#exploring?.running === 0) this.#endExploring();
  }

  #endPlan(): void {
    const plan = this.#plan;
    this.#plan = undefined;
    if (plan === undefined) return;
    this.print(planLines(plan, this.#context(), this.#steps));
    this.#steps = plan.steps;
  }

  #endExploring(): void {
    const exploring = this.#exploring;
    if (exploring === undefined) return;
    this.#exploring = undefined;
    for (const item of exploring.items) {
      if ('status' in item && item.status === 'in_progress') this.#explored.add(item.id);
    }
    this.print(this.#exploringLines({ ...exploring, running: 0 }, this.#context()));
  }

  #exploringLines({ items, running, thoughts, thoughtMs }: Exploring, ctx: LineContext): string[] {
    const lines = exploredLines(items, { isLive: running > 0 }, ctx);
    return thoughts === ''
      ? lines
      : [...lines, ...reasoningLines({ text: thoughts, durationMs: thoughtMs }, ctx)];
  }

  #liveCell(open: Open, ctx: LineContext, maxRows: number, now: number): string[] {
    // It goes to the history word by word: what a terminal scrolls away of the live region would be there twice.
    if (open.answer !== undefined) return [];
    if (open.item.type === 'reasoning') return liveReasoningLines(open.text, ctx, Math.min(3, maxRows));
    if (open.done !== undefined) {
      const lines = itemLines(open.done, ctx).map((line) => truncateEnd(line, ctx.width - 1));
      return lines.slice(0, maxRows);
    }
    return liveItemLines(open.item, { text: open.text, elapsedMs: now - open.startedAt }, ctx, maxRows);
  }

  /** The pieces of one answer follow each other without a gap. */
  #printAnswer(answer: StreamingAnswer, take: (answer: StreamingAnswer, ctx: LineContext) => Taken): void {
    const continues = answer.hasPrinted;
    const ctx = this.#context();
    const { lines, joined, isOpen } = take(answer, ctx);
    if (lines.length === 0) return;
    if (!continues) this.#endGathered();
    const flow = { columns: ctx.width, joined: this.#last === answer ? joined : undefined, isOpen };
    this.#add(continues || this.#lastCell === 0 ? lines : ['', ...lines], flow);
    this.#last = answer;
  }

  #add(lines: readonly string[], flow?: Flow): void {
    this.#lastCell += 1;
    this.#last = undefined;
    this.#cells.push(
      flow === undefined ? { id: this.#lastCell, lines } : { id: this.#lastCell, lines, flow },
    );
  }
}

/** What is printed by itself, or is the user's own and may take long, does not hold up what comes after it. */
function isOvertaken({ item }: Open): boolean {
  if (item.type === 'command_execution') return item.source === 'user';
  return item.type === 'agent_message' || item.type === 'reasoning' || item.type === 'plan';
}
