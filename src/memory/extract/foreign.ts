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
  readonly #sentences = new Set<string>();
  /** The sentences with a word. */
  readonly #places = new Map<string, Sentence[]>();
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
    this.#sentences.add(text);
    const sentence: Sentence = { isOrder: isNorm(text) };
    for (const word of contentWords(text)) {
      const places = this.#places.get(word);
      if (places === undefined) this.#places.set(word, [sentence]);
      else places.push(sentence);
      if (sentence.isOrder) this.#ordered.add(word);
    }
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
    const least = words.size < LEAST_WORDS ? 1 : COPIED;
    for (const count of this.#counts(words).values()) {
      const copied = count / words.size;
      if (words.size > 1 && copied >= least && copied > own) return true;
    }
    const news = new Set([...words].filter((word) => !known.has(word)));
    for (const [{ isOrder }, count] of this.#counts(news)) {
      if (isOrder && count >= 2 && count >= news.size / 2) return true;
    }
    return false;
  }

  /** How many of these words each sentence has. */
  #counts(words: ReadonlySet<string>): ReadonlyMap<Sentence, number> {
    const counts = new Map<Sentence, number>();
    for (const word of words) {
      for (const place of this.#places.get(word) ?? []) counts.set(place, (counts.get(place) ?? 0) + 1);
    }
    return counts;
  }
}

interface Sentence {
  readonly isOrder: boolean;
}
