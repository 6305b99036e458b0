/**
 * How large a prompt is, how much of it is new to the server, and how long that takes to read, judging by earlier
 * requests.
 *
 * Invariants: what the server has counted is used as it is; only what was appended since is estimated, from its bytes
 * and the rate of the last count; nothing is counted twice; the clock is an argument. An answer is not new: the server
 * wrote it.
 */
import type { ChatMessage, ToolSchema } from '../model/chat.ts';
import type { PromptProgress } from '../model/server.ts';
import type { ModelTurn } from '../model/stream.ts';
import type { ModelPhase } from '../protocol/requests.ts';

/** Until the server has counted: English and code with current tokenizers. */
const FIRST_BYTES_PER_TOKEN = 4;

/** What Ollama assumes for an image; models differ, and the server's next count corrects it. */
const IMAGE_TOKENS = 768;

/** Text does not have rates outside this range. */
const BYTES_PER_TOKEN_RANGE = [1, 12] as const;

/** Fewer tokens say nothing about the reading speed. */
const MIN_TOKENS_FOR_SPEED = 32;

/** So many tokens at the most are words and code of so many bytes. */
const FEW_BYTES_PER_TOKEN = 2;

/** What templates put around the thinking of an answer, even if there is none. Tokens. */
const THINKING_MARKS = 16;

/** A model that was in memory takes less. */
const LOAD_MS = 1_000;

/** What the server has to read for a request. */
export interface Reading {
  /** The part that it does not know yet, and the whole: a server that has just loaded the model reads all of it. */
  readonly newTokens: number;
  readonly promptTokens: number;
  /** Undefined until a request has been measured. */
  readonly msPerToken: number | undefined;
}

/** In bytes. */
interface RequestSizes {
  /** Of each message. */
  readonly sizes: readonly number[];
  readonly promptBytes: number;
  readonly toolBytes: number;
  /** What the server does not know yet. */
  readonly fresh: number;
  /** Thinking, which templates leave out before the last message of the user. */
  readonly thinking: number;
  /** How many messages of the user there are. */
  readonly asked: number;
  readonly answers: number;
  readonly hasImages: boolean;
  readonly isFirst: boolean;
}

/** A prompt of which the server has read only a part: something between oagent and the model has cut it. Tokens. */
export interface PromptLoss {
  readonly read: number;
  /** What it has at the least. */
  readonly least: number;
  /** The server is known to count also what was in its cache. */
  readonly isCertain: boolean;
}

export class PromptMeter {
  /** Bytes of each message of the last request that was answered; the answer comes after them. */
  #known: readonly number[] = [];
  #bytesPerToken = FIRST_BYTES_PER_TOKEN;
  #msPerToken: number | undefined;
  #surelyRead: number | undefined;
  #current: RequestSizes = {
    sizes: [],
    promptBytes: 0,
    toolBytes: 0,
    fresh: 0,
    thinking: 0,
    asked: 0,
    answers: 0,
    hasImages: false,
    isFirst: true,
  };
  /** The server's count for the last request, whose messages are `#known`. */
  #counted:
    | { readonly prompt: number; readonly answer: number; readonly toolBytes: number; readonly asked: number }
    | undefined;

  /** A prompt that grew was counted as larger: what is in the server's cache is counted, too. */
  #countsAll = false;

  /** The server's count of so many messages that it has not read yet. */
  #weighed: { readonly messages: number; readonly tokens: number } | undefined;

  /** Both are of this model in earlier sessions. */
  constructor(bytesPerToken?: number, msPerToken?: number) {
    this.#setRate(bytesPerToken ?? FIRST_BYTES_PER_TOKEN);
    this.#msPerToken = msPerToken;
  }

  /** For later sessions: undefined until it is certain that what was counted was read, and not in the server's cache. */
  get msPerToken(): number | undefined {
    return this.#surelyRead;
  }

  get bytesPerToken(): number {
    return this.#bytesPerToken;
  }

  /** Called before each request that is sent and ends in the history. */
  begin(messages: readonly ChatMessage[], tools: readonly ToolSchema[]): Reading {
    this.#current = this.#sizesOf(messages, tools);
    return this.#readingOf(this.#current);
  }

  /** Of a request that leaves nothing behind. */
  readingOf(messages: readonly ChatMessage[], tools: readonly ToolSchema[]): Reading {
    return this.#readingOf(this.#sizesOf(messages, tools));
  }

  #sizesOf(messages: readonly ChatMessage[], tools: readonly ToolSchema[]): RequestSizes {
    const appended = messages.slice(this.#known.length).map(bytesOf);
    const isFirst = this.#known.length === 0;
    const isAnswered = !isFirst && messages[this.#known.length]?.role === 'assistant';
    const toolBytes = jsonBytes(tools);
    const fresh = total(isAnswered ? appended.slice(1) : appended) + (isFirst ? toolBytes : 0);
    const sizes = [...this.#known, ...appended];
    const hasImages = messages.some(({ images }) => images !== undefined);
    const thinking = total(messages.map((message) => Buffer.byteLength(message.thinking ?? '')));
    const asked = messages.filter(({ role }) => role === 'user').length;
    const answers = messages.filter(({ role }) => role === 'assistant').length;
    const promptBytes = total(sizes) + toolBytes;
    return { sizes, promptBytes, toolBytes, fresh, thinking, asked, answers, hasImages, isFirst };
  }

  #readingOf({ fresh, promptBytes }: RequestSizes): Reading {
    const tokens = (bytes: number): number => Math.round(bytes / this.#bytesPerToken);
    return { newTokens: tokens(fresh), promptTokens: tokens(promptBytes), msPerToken: this.#msPerToken };
  }

  /** An estimate of the whole prompt of the current request. */
  get promptTokens(): number {
    return Math.round(this.#current.promptBytes / this.#bytesPerToken);
  }

  /** Called when the current request has been answered. @returns what the server has lost of the prompt. */
  end(turn: ModelTurn): PromptLoss | undefined {
    const { sizes, promptBytes, toolBytes, asked, hasImages } = this.#current;
    const lost = this.#lossOf(turn.promptTokens);
    const prompt = lost?.least ?? turn.promptTokens;
    this.#weighed = undefined;
    this.#known = sizes;
    this.#counted = prompt > 0 ? { prompt, answer: turn.evalTokens, toolBytes, asked } : undefined;
    // Models differ too much in what an image costs to separate it from the text.
    if (prompt > 0 && !hasImages && lost === undefined) this.#setRate(promptBytes / prompt);
    this.#setSpeed(turn);
    return lost;
  }

  #lossOf(read: number): PromptLoss | undefined {
    const { promptBytes, fresh, isFirst } = this.#current;
    if (read <= 0 || isFirst) return undefined;
    const [, most] = BYTES_PER_TOKEN_RANGE;
    const before = this.#stillThere();
    const least = Math.floor(Math.max(before + fresh / most, this.#countsAll ? promptBytes / most : 0));
    if (read < least) return { read, least, isCertain: this.#countsAll };
    this.#countsAll ||= before > 0;
    return undefined;
  }

  /** Of the last count, at the least: schemas may be gone, and behind a new message of the user older thinking with its marks. */
  #stillThere(): number {
    if (this.#counted === undefined) return 0;
    const { thinking, asked, answers, toolBytes } = this.#current;
    const { prompt, toolBytes: before, asked: askedBefore } = this.#counted;
    const schemas = Math.max(0, before - toolBytes) / FEW_BYTES_PER_TOKEN;
    const thoughts = thinking / FEW_BYTES_PER_TOKEN + answers * THINKING_MARKS;
    return Math.max(0, prompt - schemas - (asked === askedBefore ? 0 : thoughts));
  }

  /** The cache can hold a first request, which only makes it faster: a slower one was read. */
  #setSpeed({ promptEvalMs, loadMs }: ModelTurn): void {
    const { promptBytes, fresh, isFirst } = this.#current;
    const wasLoaded = loadMs >= LOAD_MS;
    const readTokens = (wasLoaded ? promptBytes : fresh) / this.#bytesPerToken;
    if (readTokens < MIN_TOKENS_FOR_SPEED || promptEvalMs <= 0) return;
    const speed = promptEvalMs / readTokens;
    const known = this.#msPerToken;
    const isCertain = wasLoaded || !isFirst || (known !== undefined && speed > known);
    if (isCertain || known === undefined) this.#msPerToken = speed;
    if (isCertain) this.#surelyRead = speed;
  }

  /** The tokens of a prompt with these messages, estimated. */
  estimate(messages: readonly ChatMessage[], tools: readonly ToolSchema[]): number {
    return this.#tokensOf(messages, jsonBytes(tools));
  }

  /** The server has counted a prompt with these messages and the tools of the next request, without reading it. */
  weighed(messages: readonly ChatMessage[], tokens: number): void {
    this.#weighed = { messages: messages.length, tokens };
  }

  /** The same, with the server's count where there is one; `messages` continue the last request. */
  used(messages: readonly ChatMessage[], tools: readonly ToolSchema[]): number {
    const weighed = this.#weighed;
    if (weighed !== undefined && messages.length >= weighed.messages)
      return weighed.tokens + this.#tokensOf(messages.slice(weighed.messages), 0);
    if (this.#counted === undefined) return this.estimate(messages, tools);
    const { prompt, answer, toolBytes } = this.#counted;
    const appended = messages.slice(this.#known.length);
    const isAnswered = appended[0]?.role === 'assistant';
    const otherTools = jsonBytes(tools) - toolBytes;
    const since = this.#tokensOf(isAnswered ? appended.slice(1) : appended, otherTools);
    return prompt + (isAnswered ? answer : 0) + since;
  }

  /** Tokens of the last prompt and its answer, as the server counted them. */
  get counted(): number | undefined {
    return this.#counted && this.#counted.prompt + this.#counted.answer;
  }

  /** What an image counts as among bytes of text. */
  get imageBytes(): number {
    return IMAGE_TOKENS * this.#bytesPerToken;
  }

  /** Only the first `count` messages, including the system message, are left; the server still knows them. */
  cutTo(count: number): void {
    this.#weighed = undefined;
    this.#known = this.#known.slice(0, count);
    this.#counted = undefined;
  }

  /** The same model gets another conversation. */
  reread(): void {
    this.#weighed = undefined;
    this.#known = [];
    this.#counted = undefined;
  }

  /** For another model, which has read nothing, and has a speed and a rate of its own. */
  forget(bytesPerToken?: number, msPerToken?: number): void {
    this.reread();
    this.#msPerToken = msPerToken;
    this.#surelyRead = undefined;
    if (bytesPerToken !== undefined) this.#setRate(bytesPerToken);
  }

  #tokensOf(messages: readonly ChatMessage[], otherBytes: number): number {
    const images = messages.reduce((count, message) => count + (message.images?.length ?? 0), 0);
    const bytes = total(messages.map(bytesOf)) + otherBytes;
    return Math.round(bytes / this.#bytesPerToken) + images * IMAGE_TOKENS;
  }

  #setRate(bytesPerToken: number): void {
    const [least, most] = BYTES_PER_TOKEN_RANGE;
    this.#bytesPerToken = Math.min(most, Math.max(least, bytesPerToken));
  }
}

export interface ReadingFacts {
  readonly newTokens?: number;
  /** Of these, if the server says so. */
  readonly readTokens?: number;
  readonly remainingMs?: number;
}

/** Adds to each phase of a request what is known about its reading. All times are milliseconds of one clock. */
export class ReadingClock {
  readonly #reading: Reading;
  #since: number;
  #isLoaded = true;
  #hasWaited = false;

  constructor(reading: Reading, now: number) {
    this.#reading = reading;
    this.#since = now;
  }

  /** The longest that reading should take: all of the prompt; undefined: nothing was measured yet. */
  get mostMs(): number | undefined {
    const { promptTokens, msPerToken } = this.#reading;
    return msPerToken === undefined ? undefined : promptTokens * msPerToken;
  }

  /** @param told what the server itself says. */
  facts(phase: ModelPhase, now: number, told?: PromptProgress): ReadingFacts {
    if (phase === 'loading') this.#isLoaded = false;
    if (phase === 'queued') this.#hasWaited = true;
    if (phase !== 'waiting' && phase !== 'reading') return {};
    if (phase === 'reading' && told !== undefined) return toldFacts(told, this.#reading.msPerToken);
    if (phase === 'reading' && (this.#hasWaited || !this.#isLoaded)) this.#since = now;
    const newTokens = this.#isLoaded ? this.#reading.newTokens : this.#reading.promptTokens;
    const speed = this.#reading.msPerToken;
    if (phase === 'waiting' || speed === undefined) return { newTokens };
    return { newTokens, remainingMs: Math.max(0, Math.round(newTokens * speed - (now - this.#since))) };
  }
}

/** At the speed of what it has read, or else of earlier requests. */
function toldFacts(
  { newTokens, readTokens, ms }: PromptProgress,
  msPerToken: number | undefined,
): ReadingFacts {
  const speed = readTokens > 0 && ms > 0 ? ms / readTokens : msPerToken;
  const known = { newTokens, readTokens };
  return speed === undefined
    ? known
    : { ...known, remainingMs: Math.round((newTokens - readTokens) * speed) };
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
