/**
 * What the user said to change the course: from where their message stands, whatever language it is in. A message during the work, or after
 * an interrupt, a rollback or a refusal, is one; another that follows work is one if it denies something.
 */
import type { Event, Happening, Item } from '../../protocol.ts';
import { ownWords } from './own-words.ts';

export interface Correction {
  /** The number of the user's message, from 1. */
  readonly message: number;
  /** In the user's own words. */
  readonly text: string;
}

const MOST_KEPT = 20;
const MOST_CHARACTERS = 300;

/** Words with which a message denies what was done, in the languages that have them at its beginning; `instead` anywhere. */
const DENIES = new RegExp(
  [
    String.raw`^\W*(?:(?:sorry|oh|hm+|well|please|ok(?:ay)?|bitte|nun|ach),?\s+)?(?:no|nope|not|don['’]?t|do not|stop|wait|wrong|undo|revert|never|actually|rather|nein|nicht|kein\w*|falsch|halt|doch|lieber|niemals|zurück|non|pas|arrête|faux|plutôt|mal|nunca|não|errado|niet|fout|nie|źle|нет|не|стоп)(?![\p{L}\p{N}_])`,
    String.raw`^\W*(?:不|别|別|错|錯|停|いいえ|違|ちがう|やめ|아니|하지)`,
    String.raw`(?<![\p{L}\p{N}_])(?:instead|not that|not this|rather than|i (?:meant|said|asked)|statt(?:dessen)?|sondern|plutôt|au lieu|en vez|en lugar|вместо)(?![\p{L}\p{N}_])`,
    '而不是|改用|じゃなくて|ではなく|말고|대신',
  ].join('|'),
  'iu',
);

export class Corrections {
  #messages: number;
  #hasActed = false;
  /** The work was stopped, taken back or refused since the last message. */
  #isStopped = false;
  /** The last item belongs to work that goes on: a turn ends with an answer. */
  #isAtWork = false;
  /** The message before, in the user's own words. */
  #last = '';
  readonly #kept: Correction[] = [];

  /** @param before how many messages there were before the first that is heard of. */
  constructor(before: number) {
    this.#messages = before;
  }

  get all(): readonly Correction[] {
    return this.#kept;
  }

  /** How many messages there were so far. */
  get messages(): number {
    return this.#messages;
  }

  hear(event: Event | Happening): void {
    switch (event.type) {
      case 'item_completed':
        return this.#completed(event.item);
      case 'turn_aborted':
      case 'rolled_back':
        this.#isStopped = true;
        this.#isAtWork = false;
        return;
      case 'turn_failed':
      case 'turn_completed':
        this.#isAtWork = false;
        return;
      case 'approval_resolved':
        if (event.answer.type === 'stop') this.#isStopped = true;
        if (event.answer.type !== 'no') return;
        if (event.answer.instead === undefined) this.#isStopped = true;
        else this.#keep(event.answer.instead);
        return;
      default:
        return;
    }
  }

  #completed(item: Item): void {
    switch (item.type) {
      case 'user_message':
        return this.#said(item.text);
      case 'command_execution':
        // The user's own, and the end of one in the background, come at any time.
        if (item.source === 'user' || (item.sessionId !== undefined && item.exitCode !== null)) return;
        return this.#acted();
      case 'file_change':
      case 'tool_call':
      case 'mcp_tool_call':
      case 'task':
        return this.#acted();
      case 'agent_message':
        this.#isAtWork = false;
        return;
      case 'reasoning':
      case 'plan':
        return;
      default:
        item satisfies never;
    }
  }

  #acted(): void {
    this.#hasActed = true;
    this.#isAtWork = true;
  }

  #said(text: string): void {
    this.#messages += 1;
    const { own } = ownWords(text);
    const isSteering = this.#messages > 1 && (this.#isAtWork || this.#isStopped);
    // The same again, after an interrupt, changes no course.
    if (own !== this.#last && (isSteering || (this.#hasActed && DENIES.test(own)))) this.#keep(text);
    this.#last = own;
    this.#isStopped = false;
  }

  #keep(text: string): void {
    const own = ownWords(text).own.replace(/\s+/g, ' ').trim();
    if (own === '') return;
    // No half of a word: half of a secret would not be recognised.
    const isLong = own.length > MOST_CHARACTERS;
    const short = isLong
      ? `${own
          .slice(0, MOST_CHARACTERS)
          .replace(/\S{0,200}$/, '')
          .trim()}…`
      : own;
    this.#kept.push({ message: Math.max(1, this.#messages), text: short });
    if (this.#kept.length > MOST_KEPT) this.#kept.shift();
  }
}
