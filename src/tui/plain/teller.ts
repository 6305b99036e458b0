/**
 * Says the items of a conversation, each once.
 *
 * Invariants: whatever the order of the events, an item's beginning and its end are said at most once each, and every
 * completed item once; the answer is said block by block, as its blocks are finished. What was said is never said again
 * in another form, but for an answer that was corrected afterwards.
 */
import type { Event, Item } from '../../protocol.ts';
import { brokenAnswerLines } from '../lines/notice.ts';
import type { LineContext } from '../lines/style.ts';
import { StreamingAnswer } from '../screen/streaming-answer.ts';
import { beginningWords, endingWords, thoughtWords } from './item-words.ts';
import { inWords } from './words.ts';

interface Open {
  readonly item: Item;
  readonly answer: StreamingAnswer | undefined;
  /** The thinking so far. */
  text: string;
}

export class Teller {
  readonly #context: () => LineContext;
  readonly #say: (lines: readonly string[]) => void;
  readonly #open = new Map<string, Open>();
  readonly #over = new Set<string>();
  /** The item whose words came last. */
  #lastId: string | undefined;
  /** The message that the user has just typed: it stands there already. */
  #typed: string | undefined;
  #isReplay = false;

  constructor(context: () => LineContext, say: (lines: readonly string[]) => void) {
    this.#context = context;
    this.#say = say;
  }

  /** The user's next message is this text, and the terminal has shown it. */
  typed(text: string): void {
    this.#typed = text;
  }

  /** Says what is no item. */
  say(lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.#lastId = undefined;
    this.#say(lines);
  }

  handle(event: Event): void {
    switch (event.type) {
      case 'item_started':
        this.#started(event.item);
        return;
      case 'item_delta':
        this.#delta(event.itemId, event.text);
        return;
      case 'item_completed':
        this.#completed(event.item);
        return;
      default:
        return;
    }
  }

  /** Says a conversation of earlier, which the user has not seen being led. */
  replay(work: () => void): void {
    this.settle();
    this.#isReplay = true;
    work();
    this.#isReplay = false;
  }

  /** Another conversation is shown: its items are new, whatever their ids. */
  settle(): void {
    this.#over.clear();
    this.#open.clear();
    this.#lastId = undefined;
  }

  /** Nothing follows: says what there is of an answer. */
  finish(): void {
    for (const [id, { answer }] of this.#open) {
      if (answer !== undefined) this.#sayAnswer(id, answer, (open, ctx) => open.finish(undefined, ctx).lines);
    }
    this.settle();
  }

  #started(item: Item): void {
    if (this.#over.has(item.id) || this.#open.has(item.id)) return;
    if (item.type !== 'reasoning') this.#endThinking();
    const answer = item.type === 'agent_message' ? new StreamingAnswer() : undefined;
    this.#open.set(item.id, { item, answer, text: '' });
    this.#sayItem(item.id, beginningWords(item));
    // The user has typed it.
    if (item.type === 'command_execution' && item.source === 'user') this.#lastId = item.id;
  }

  #delta(id: string, text: string): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    if (open.item.type === 'reasoning') open.text += text;
    if (open.answer === undefined) return;
    open.answer.add(text);
    this.#sayAnswer(id, open.answer, (answer, ctx) => answer.take(ctx).lines);
  }

  #completed(item: Item): void {
    if (this.#over.has(item.id)) return;
    this.#over.add(item.id);
    const open = this.#open.get(item.id);
    this.#open.delete(item.id);
    if (item.type === 'agent_message') {
      const answer = open?.answer ?? new StreamingAnswer();
      this.#sayAnswer(item.id, answer, (last, ctx) => last.finish(item.text, ctx).lines);
      if (item.status === 'failed') this.say(inWords(brokenAnswerLines(this.#context())));
      return;
    }
    if (item.type === 'user_message' && item.text.trim() === this.#typed) {
      this.#typed = undefined;
      return;
    }
    // The questions and the answers were said when they were asked.
    if (item.type === 'tool_call' && item.tool === 'ask_user' && !this.#isReplay) return;
    this.#sayItem(item.id, endingWords(item, { isNamed: this.#lastId !== item.id }, this.#context()));
  }

  /** For the agent the thinking ends with the answer, for the reader when something else begins. */
  #endThinking(): void {
    for (const [id, { item, text }] of this.#open) {
      if (item.type !== 'reasoning' || text === '') continue;
      this.#open.delete(id);
      this.#over.add(id);
      this.#sayItem(id, thoughtWords(text));
    }
  }

  #sayAnswer(
    id: string,
    answer: StreamingAnswer,
    take: (answer: StreamingAnswer, ctx: LineContext) => readonly string[],
  ): void {
    const continues = answer.hasPrinted && this.#lastId === id;
    const lines = take(answer, this.#context());
    const first = lines.findIndex((line) => line.trim() !== '');
    if (first < 0) return;
    const said = continues ? lines : [`oagent: ${lines[first]?.slice(2)}`, ...lines.slice(first + 1)];
    this.#sayItem(id, said);
  }

  #sayItem(id: string, lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.#say(lines);
    this.#lastId = id;
  }
}
