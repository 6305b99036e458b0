/**
 * How much of a prompt is new to the server, and how long it will read, from what earlier requests took.
 *
 * Invariants: sizes are bytes of what was appended, turned into tokens by the rate that the server's last count gave;
 * nothing is counted twice; the clock is an argument. An answer is not new: the server wrote it. Images count nothing.
 * Does not: decide budgets.
 */
import type { ChatMessage, ToolSchema } from '../model/chat.ts';
import type { ModelTurn } from '../model/stream.ts';
import type { ModelPhase } from '../protocol.ts';

/** Before the server has counted once: English and code by the tokenizers of today. */
const FIRST_BYTES_PER_TOKEN = 4;

/** Reading fewer tokens than these says nothing about the speed. */
const MIN_TOKENS_FOR_SPEED = 32;

/** What a request costs the server to read. */
export interface Reading {
  /** What it does not know yet, and the whole prompt: all of that is read by a server that has just loaded the model. */
  readonly newTokens: number;
  readonly promptTokens: number;
  /** Undefined until a request has been measured. */
  readonly msPerToken: number | undefined;
}

export class PromptMeter {
  /** Bytes of each message of the last request that was answered; the answer is the one behind them. */
  #known: readonly number[] = [];
  #bytesPerToken = FIRST_BYTES_PER_TOKEN;
  #msPerToken: number | undefined;
  #current = { sizes: [] as readonly number[], promptBytes: 0, fresh: 0 };

  /** Called with each request, before it is sent. */
  begin(messages: readonly ChatMessage[], tools: readonly ToolSchema[]): Reading {
    const appended = messages.slice(this.#known.length).map(bytesOf);
    const isFirst = this.#known.length === 0;
    const isAnswered = !isFirst && messages[this.#known.length]?.role === 'assistant';
    const toolBytes = jsonBytes(tools);
    const fresh = total(isAnswered ? appended.slice(1) : appended) + (isFirst ? toolBytes : 0);
    const sizes = [...this.#known, ...appended];
    this.#current = { sizes, promptBytes: total(sizes) + toolBytes, fresh };
    const newTokens = Math.round(fresh / this.#bytesPerToken);
    return { newTokens, promptTokens: this.promptTokens, msPerToken: this.#msPerToken };
  }

  /** An estimate of the whole prompt of the request that was begun last. */
  get promptTokens(): number {
    return Math.round(this.#current.promptBytes / this.#bytesPerToken);
  }

  /** Called when the request that was begun last has been answered. */
  end(turn: ModelTurn): void {
    const { sizes, promptBytes, fresh } = this.#current;
    this.#known = sizes;
    if (turn.promptTokens > 0) this.#bytesPerToken = promptBytes / turn.promptTokens;
    const newTokens = fresh / this.#bytesPerToken;
    if (newTokens >= MIN_TOKENS_FOR_SPEED && turn.promptEvalMs > 0) {
      this.#msPerToken = turn.promptEvalMs / newTokens;
    }
  }

  /** What a prompt of these messages has, in tokens. */
  estimate(messages: readonly ChatMessage[], tools: readonly ToolSchema[]): number {
    return Math.round((total(messages.map(bytesOf)) + jsonBytes(tools)) / this.#bytesPerToken);
  }

  /** Only the first `count` messages, the system message included, are left; the server knows them still. */
  cutTo(count: number): void {
    this.#known = this.#known.slice(0, count);
  }

  /** Another model has read nothing, and reads at a speed of its own. */
  forget(): void {
    this.#known = [];
    this.#msPerToken = undefined;
  }
}

/** Says with each phase of a request what is known of its reading. Times are milliseconds of one clock. */
export class ReadingClock {
  readonly #reading: Reading;
  #since: number;
  #isLoaded = true;

  constructor(reading: Reading, now: number) {
    this.#reading = reading;
    this.#since = now;
  }

  facts(phase: ModelPhase, now: number): { newTokens?: number; remainingMs?: number } {
    if (phase === 'loading') this.#isLoaded = false;
    if (phase !== 'waiting' && phase !== 'reading') return {};
    if (phase === 'reading' && !this.#isLoaded) this.#since = now;
    const newTokens = this.#isLoaded ? this.#reading.newTokens : this.#reading.promptTokens;
    const speed = this.#reading.msPerToken;
    if (phase === 'waiting' || speed === undefined) return { newTokens };
    return { newTokens, remainingMs: Math.max(0, Math.round(newTokens * speed - (now - this.#since))) };
  }
}

function total(sizes: readonly number[]): number {
  return sizes.reduce((bytes, size) => bytes + size, 0);
}

function bytesOf(message: ChatMessage): number {
  const { images: _, ...text } = message;
  return jsonBytes(text);
}

function jsonBytes(value: object): number {
  return Buffer.byteLength(JSON.stringify(value));
}
