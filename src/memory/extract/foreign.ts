/**
 * What others wrote and the model read: outputs, files, web pages, pastes. It can be full of orders, hidden ones too, and is kept only to
 * recognise them.
 */
import { plainText } from '../../text/plain-text.ts';
import { contentWords, hasLiteral, isNorm, share } from './words.ts';

/** Words that two texts have in common by chance. */
const LEAST_WORDS = 4;
const COPIED = 0.8;
/** Encoded text of fewer letters holds no sentence. */
const ENCODED = /[A-Za-z0-9+/_-]{24,4000}={0,2}/g;
const LONGEST_LINE = 2_000;

export class Foreign {
  /** In lower case. */
  readonly #lines = new Set<string>();
  readonly #words = new Map<string, ReadonlySet<string>>();

  add(text: string): void {
    for (const line of plainText(text).toLowerCase().split('\n')) this.#addLine(line);
    for (const [encoded] of text.matchAll(ENCODED)) {
      const decoded = Buffer.from(encoded, 'base64').toString('utf8');
      if (!decoded.includes('\ufffd') && /\s/.test(decoded.trim()))
        for (const line of plainText(decoded).toLowerCase().split('\n')) this.#addLine(line);
    }
  }

  #addLine(line: string): void {
    const short = line.trim().slice(0, LONGEST_LINE);
    if (short !== '') this.#lines.add(short);
  }

  has(literal: string): boolean {
    const wanted = literal.toLowerCase();
    for (const line of this.#lines) if (line.includes(wanted) && hasLiteral(line, wanted)) return true;
    return false;
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

  /** The largest share of these words that a single line of it has; 0: too few to tell. */
  overlap(words: ReadonlySet<string>): number {
    if (words.size < LEAST_WORDS) return 0;
    let most = 0;
    for (const line of this.#lines) {
      if (most < 1) most = Math.max(most, share(words, this.#wordsOf(line)));
    }
    return most >= COPIED ? most : 0;
  }

  #wordsOf(line: string): ReadonlySet<string> {
    const known = this.#words.get(line);
    if (known !== undefined) return known;
    const words = contentWords(line);
    this.#words.set(line, words);
    return words;
  }
}
