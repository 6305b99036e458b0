/**
 * What others wrote and the model read: outputs, files, web pages, pastes. It can be full of orders, hidden ones too, and
 * is kept only to recognise them.
 */
import { plainText } from '../../text/plain-text.ts';
import { contentWords, hasLiteral, isNorm, sentences, share } from './words.ts';

/** A sentence of more words that has most of another's is a copy; of fewer, it has to have all. */
const LEAST_WORDS = 4;
const COPIED = 0.8;
/** Encoded text of fewer letters holds no sentence. */
const ENCODED = /[A-Za-z0-9+/_-]{24,4000}={0,2}/g;
const LONGEST = 2_000;

export class Foreign {
  /** In lower case. */
  readonly #lines = new Set<string>();
  /** Of each sentence. */
  readonly #sentences = new Map<string, Sentence>();
  readonly #ordered = new Set<string>();

  add(text: string): void {
    this.#addPlain(text);
    for (const [encoded] of text.matchAll(ENCODED)) {
      for (const encoding of ['base64', 'hex'] as const) {
        const decoded = Buffer.from(encoded, encoding).toString('utf8');
        if (!decoded.includes('\ufffd') && /\s/.test(decoded.trim())) this.#addPlain(decoded);
      }
    }
  }

  #addPlain(text: string): void {
    for (const line of plainText(text).toLowerCase().split('\n')) {
      const short = line.trim().slice(0, LONGEST);
      if (short === '' || this.#lines.has(short)) continue;
      this.#lines.add(short);
      for (const sentence of sentences(short)) this.#addSentence(sentence);
    }
  }

  #addSentence(text: string): void {
    if (this.#sentences.has(text)) return;
    const sentence = { words: contentWords(text), isOrder: isNorm(text) };
    this.#sentences.set(text, sentence);
    if (sentence.isOrder) for (const word of sentence.words) this.#ordered.add(word);
  }

  has(literal: string): boolean {
    return this.#linesWith(literal).length > 0;
  }

  /** Whether something is ordered in a line with this in it. */
  orders(literal: string): boolean {
    return this.#linesWith(literal).some(isNorm);
  }

  #linesWith(literal: string): readonly string[] {
    const wanted = literal.toLowerCase();
    return [...this.#lines].filter((line) => line.includes(wanted) && hasLiteral(line, wanted));
  }

  /** Whether a line of it holds the command, or orders something with all of its words. */
  asksFor(command: string): boolean {
    const wanted = command.toLowerCase().replace(/\s+/g, ' ');
    const words = wanted.split(' ').filter((word) => /[\p{L}\p{N}]/u.test(word));
    if (words.length < 2) return false;
    for (const line of this.#lines) {
      if (!words.every((word) => line.includes(word))) continue;
      if (line.replace(/\s+/g, ' ').includes(wanted) || isNorm(line)) return true;
    }
    return false;
  }

  /** A word of something that is ordered. */
  hasOrdered(word: string): boolean {
    return this.#ordered.has(word);
  }

  /**
   * Whether these words are those of a sentence of it: a copy, or half of what is new in them is in one order.
   *
   * @param known words that came from elsewhere.
   */
  hasSaid(words: ReadonlySet<string>, known: ReadonlySet<string>): boolean {
    const own = share(words, known);
    const news = new Set([...words].filter((word) => !known.has(word)));
    for (const sentence of this.#sentences.values()) {
      const copied = share(words, sentence.words);
      const least = words.size < LEAST_WORDS ? 1 : COPIED;
      if (words.size > 1 && copied >= least && copied > own) return true;
      if (!sentence.isOrder || news.size < 2) continue;
      const ordered = share(news, sentence.words) * news.size;
      if (ordered >= 2 && ordered >= news.size / 2) return true;
    }
    return false;
  }
}

interface Sentence {
  readonly words: ReadonlySet<string>;
  readonly isOrder: boolean;
}
