/**
 * How much of a prompt is new to the server, and how long it will read, from what earlier requests took.
 *
 * Invariants: sizes are bytes of what was appended, turned into tokens by the rate that the server's last count gave;
 * nothing is counted twice; the clock is an argument. An answer is not new: the server wrote it. Images count nothing.
 * Does not: decide budgets.
 */
import type { ChatMessage, ToolSchema } from '../model/chat.ts';
import type { ModelTurn } from '../model/stream.ts';

/** Before the server has counted once: English and code by the tokenizers of today. */
const FIRST_BYTES_PER_TOKEN = 4;

/** Reading fewer tokens than these says nothing about the speed. */
const MIN_TOKENS_FOR_SPEED = 32;

export interface Reading {
  readonly newTokens: number;
  /** Milliseconds from the start of the request to its first token; undefined until a request has been measured. */
  readonly totalMs: number | undefined;
}

export class PromptMeter {
  /** Messages of the last request that was answered; the answer is the one behind them. */
  #known = 0;
  /** Bytes of those messages and of the tools. */
  #knownBytes = 0;
  #bytesPerToken = FIRST_BYTES_PER_TOKEN;
  #msPerToken: number | undefined;
  #current = { bytes: 0, messages: 0, newTokens: 0 };

  /** Called with each request, before it is sent. */
  begin(messages: readonly ChatMessage[], tools: readonly ToolSchema[]): Reading {
    const appended = messages.slice(this.#known);
    const [answer, ...behind] = appended;
    const isAnswered = this.#known > 0 && answer?.role === 'assistant';
    const fresh = sum(isAnswered ? behind : appended) + (this.#known === 0 ? jsonBytes(tools) : 0);
    const bytes = this.#knownBytes + fresh + (isAnswered ? bytesOf(answer) : 0);
    const newTokens = Math.round(fresh / this.#bytesPerToken);
    this.#current = { bytes, messages: messages.length, newTokens };
    const speed = this.#msPerToken;
    return { newTokens, totalMs: speed === undefined ? undefined : Math.round(newTokens * speed) };
  }

  /** Called when the request that was begun last has been answered. */
  end(turn: ModelTurn): void {
    const { bytes, messages, newTokens } = this.#current;
    this.#known = messages;
    this.#knownBytes = bytes;
    if (turn.promptTokens > 0) this.#bytesPerToken = Math.max(1, bytes / turn.promptTokens);
    if (newTokens >= MIN_TOKENS_FOR_SPEED && turn.promptEvalMs > 0) {
      this.#msPerToken = turn.promptEvalMs / newTokens;
    }
  }

  /** What a prompt of these messages has, in tokens. */
  estimate(messages: readonly ChatMessage[], tools: readonly ToolSchema[]): number {
    return Math.round((sum(messages) + jsonBytes(tools)) / this.#bytesPerToken);
  }

  /** The history has lost its end: `messages` are left, of which the server knows all. */
  cutTo(messages: readonly ChatMessage[], tools: readonly ToolSchema[]): void {
    if (messages.length >= this.#known) return;
    this.#known = messages.length;
    this.#knownBytes = sum(messages) + jsonBytes(tools);
  }

  /** Another model has read nothing, at a speed of its own. */
  forget(): void {
    this.#known = 0;
    this.#knownBytes = 0;
    this.#msPerToken = undefined;
  }
}

function sum(messages: readonly ChatMessage[]): number {
  return messages.reduce((bytes, message) => bytes + bytesOf(message), 0);
}

function bytesOf(message: ChatMessage): number {
  const { images: _, ...text } = message;
  return jsonBytes(text);
}

function jsonBytes(value: object): number {
  return Buffer.byteLength(JSON.stringify(value));
}
