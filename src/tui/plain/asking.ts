/**
 * Questions as numbered lists: which one is asked, and what answers it.
 *
 * Invariants: questions queue, and one is asked at a time; only a number answers, on a line of its own that was begun
 * after the prompt for it was written, which comes when nobody types: what was waiting or half typed until then never
 * does. No text is lost: a line that is no answer is a message, or is refused aloud.
 */
import type { Clock } from '../control/frame-clock.ts';
import { oneLine } from '../lines/clean.ts';
import { QUIET_MS, SEEN_MS } from '../overlay/key-guard.ts';

interface Choice {
  /** Foreign text is sanitised by whoever says it. */
  readonly label: string;
  /** Undefined: it is shown and cannot be chosen. */
  readonly choose: (() => void) | undefined;
}

export interface Question {
  /** Of an approval. */
  readonly id?: string;
  readonly lines: readonly string[];
  readonly choices: readonly Choice[];
  /** Text is a message, and the question stays; or it ends the question; or it is neither. An empty line leaves a list. */
  readonly text: 'message' | 'ends' | 'refused' | 'list';
  /** Ctrl+C. */
  readonly leave: () => void;
}

export interface AskingPort {
  readonly clock: Clock;
  readonly takeUnfinished: () => Promise<string>;
  readonly say: (lines: readonly string[]) => void;
  /** The cursor is behind something that the user has typed. */
  readonly breakTyped: () => void;
  readonly promptSoon: () => void;
  readonly promptNow: () => void;
}

type Taken = 'taken' | 'message';

export class Asking {
  readonly #port: AskingPort;
  #waiting: Question[] = [];
  #current: Question | undefined;
  /** When the prompt for the answer was written. */
  #promptedAt: number | undefined;
  /** What the user had begun to type when the question came. */
  #unfinished = '';
  /** A line came before the prompt. */
  #isTyping = false;
  /** The user writes this instead of choosing. */
  #writing: { readonly prompt: string; readonly done: (text: string) => void } | undefined;

  constructor(port: AskingPort) {
    this.#port = port;
  }

  get isOpen(): boolean {
    return this.#current !== undefined || this.#writing !== undefined;
  }

  /** The next text is what was asked for, whatever it looks like. */
  get isWriting(): boolean {
    return this.#writing !== undefined;
  }

  /** Undefined: an answer is not taken yet. */
  get prompt(): string | undefined {
    if (this.#writing !== undefined) return `${this.#writing.prompt}: `;
    if (this.#current === undefined || this.#promptedAt === undefined) return undefined;
    return `Number, 1 to ${this.#current.choices.length}: `;
  }

  ask(question: Question): void {
    this.#waiting.push(question);
    this.#next();
  }

  /** Asks for a text; only from a choice. */
  write(prompt: string, done: (text: string) => void): void {
    this.#writing = { prompt, done };
  }

  /** It was answered elsewhere, or is no longer asked. */
  withdraw(id: string): void {
    this.#waiting = this.#waiting.filter((question) => question.id !== id);
    if (this.#current?.id === id) this.#end();
  }

  /** A line with what was taken of its beginning. */
  completed(line: string): string {
    const whole = this.#unfinished + line;
    this.#unfinished = '';
    return whole;
  }

  /** What the user has sent. @returns `message`: they are none of ours. */
  take(said: string, cameAt: number): Taken {
    const text = said.trim();
    if (this.#writing !== undefined) {
      const { done } = this.#writing;
      this.#writing = undefined;
      done(text);
      this.#next();
      return 'taken';
    }
    const question = this.#current;
    if (question === undefined) return 'message';
    if (this.#promptedAt === undefined || cameAt < this.#promptedAt) return this.#early(text);
    return this.#answer(text, question);
  }

  /** Ctrl+C. @returns false if nothing was asked that can be left. */
  leave(): boolean {
    const isWriting = this.#writing !== undefined;
    this.#writing = undefined;
    const question = this.#current;
    if (question === undefined) return isWriting;
    this.#end();
    question.leave();
    return true;
  }

  #answer(text: string, question: Question): Taken {
    const choice = /^\d{1,3}$/.test(text) ? question.choices[Number(text) - 1] : undefined;
    if (choice?.choose !== undefined) {
      this.#current = undefined;
      choice.choose();
      // What a choice asks for comes before the next question.
      if (this.#writing === undefined) this.#next();
      return 'taken';
    }
    if (text === '' && question.text === 'list') this.leave();
    else if (isAnswerLike(text) || question.text === 'refused' || question.text === 'list') {
      this.#port.say([`Type a number from 1 to ${question.choices.length}.`]);
    } else {
      if (question.text === 'ends') this.#end();
      return 'message';
    }
    return 'taken';
  }

  /** It came before the prompt. */
  #early(text: string): Taken {
    this.#isTyping = true;
    if (!isAnswerLike(text)) return 'message';
    if (text !== '')
      this.#port.say([`Not taken as an answer, since it came before the question: ${oneLine(text)}`]);
    return 'taken';
  }

  #end(): void {
    this.#current = undefined;
    this.#sayUnsent();
    this.#next();
  }

  #next(): void {
    if (this.isOpen) return;
    this.#promptedAt = undefined;
    this.#current = this.#waiting.shift();
    if (this.#current !== undefined) void this.#put(this.#current);
    this.#port.promptSoon();
  }

  async #put(question: Question): Promise<void> {
    const isTyping = await this.#takeUnfinished();
    if (this.#current !== question) return;
    const choices = question.choices.map(({ label }, at) => `${at + 1}. ${label}`);
    this.#port.say([...question.lines, ...choices]);
    this.#openIn(isTyping ? QUIET_MS : SEEN_MS, question);
  }

  #openIn(ms: number, question: Question): void {
    this.#isTyping = false;
    this.#port.clock.schedule(() => void this.#open(question), ms);
  }

  /** Takes answers from now on, unless the user is typing. */
  async #open(question: Question): Promise<void> {
    const isTyping = (await this.#takeUnfinished()) || this.#isTyping;
    if (this.#current !== question) return;
    if (isTyping) return this.#openIn(QUIET_MS, question);
    this.#sayUnsent();
    this.#promptedAt = this.#port.clock.now();
    this.#port.promptNow();
  }

  /** @returns whether there was something. */
  async #takeUnfinished(): Promise<boolean> {
    const text = await this.#port.takeUnfinished();
    if (text === '') return false;
    this.#unfinished += text;
    this.#port.breakTyped();
    return true;
  }

  #sayUnsent(): void {
    if (this.#unfinished !== '')
      this.#port.say([`Your unfinished line was not sent: ${oneLine(this.#unfinished)}`]);
    this.#unfinished = '';
  }
}

/** Nobody means a message by it. */
function isAnswerLike(text: string): boolean {
  return text.split('\n').every((line) => /^(?:|\d{1,3}[.)]?|y|n|yes|no|ok)$/i.test(line.trim()));
}
