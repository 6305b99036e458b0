/**
 * Which lines of a record may be kept: those that the user's own words or what was seen to happen carry. A memory is read in later
 * sessions, so a line that an output, a file or a web page has planted would steer all of them.
 *
 * - What a line names to the letter (address, path, command, option) must be the user's, or have happened at nobody's request.
 * - A line that tells what to do must be one of the user's wishes: it says what a sentence of theirs says, and forbids if that does.
 * - A line that is a copy of somebody else's is none of the user's.
 * - A line for the handbook is mostly about what the user said and what happened.
 *
 * Languages differ: of a line in another language than the user's too little is recognised, and it is dropped. Nothing is lost but the
 * model's wording, since wishes and corrections are kept in the user's own (see record.ts).
 */
import type { Evidence } from './evidence.ts';
import { contentWords, denies, isNorm, literals, sentences, share } from './words.ts';

const CLAUSE = /[.;!?\n,:。；！？，]+/;

/** Of the words of a line that asks for something; in one sentence. */
const WISH_SHARE = 0.6;
/** Of the words of a line for the handbook. */
const FACT_SHARE = 0.5;

export class Grounding {
  readonly #evidence: Evidence;
  readonly #said: readonly { readonly words: ReadonlySet<string>; readonly denies: boolean }[];
  readonly #known: ReadonlySet<string>;

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
    this.#said = evidence.said
      .flatMap((text) => [...sentences(text), ...text.split(CLAUSE)])
      .map((text) => ({ words: contentWords(text), denies: denies(text) }));
    this.#known = contentWords([...evidence.said, ...evidence.commands, ...evidence.changedFiles].join('\n'));
  }

  /** A line of the handbook to be. */
  holdsAsMemory(line: string): boolean {
    const words = contentWords(line);
    return words.size > 0 && this.holds(line) && share(words, this.#known) >= FACT_SHARE;
  }

  /** A sentence about what was done. */
  holds(line: string): boolean {
    const words = contentWords(line);
    if (!literals(line).every((literal) => this.#evidence.knows(literal))) return false;
    if (isNorm(line)) return this.#isWish(line, words);
    return this.#evidence.foreign.overlap(words) <= share(words, this.#known);
  }

  #isWish(line: string, words: ReadonlySet<string>): boolean {
    const isDenial = denies(line);
    return (
      words.size > 0 &&
      this.#said.some((said) => said.denies === isDenial && share(words, said.words) >= WISH_SHARE)
    );
  }
}
