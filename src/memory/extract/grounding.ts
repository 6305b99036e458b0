/**
 * Which lines of a record may be kept: those that the user's own words or what was seen to happen carry. A memory is read in later
 * sessions, so a line that an output, a file or a web page has planted would steer all of them.
 *
 * - What a line names to the letter (address, path, command, option) must be the user's, or have happened at nobody's request.
 * - A line that tells what to do must be one of the user's wishes: it says what a sentence of theirs says, and forbids if that does.
 * - A line that says what somebody else has said, or brings in what somebody else orders, is none of the user's.
 * - A line for the handbook is mostly about what the user said and what happened.
 *
 * Languages differ: of a line in another language than the user's too little is recognised, and it is dropped. Nothing is lost but the
 * model's wording, since wishes and corrections are kept in the user's own (see record.ts).
 */
import type { Evidence } from './evidence.ts';
import { contentWords, denies, isNorm, literals, sentences, share, speaksOfAll } from './words.ts';

/** A message of a commit, a text to print: anybody's words. */
const QUOTED = /"[^"]*"|'[^']*'/g;
const CLAUSE = /[.;!?\n,:。；！？，]+/;

/** Of the words of a line that asks for something; in one sentence. */
const WISH_SHARE = 0.6;
/** Of the words of a line for the handbook. */
const FACT_SHARE = 0.5;

interface Said {
  readonly words: ReadonlySet<string>;
  readonly denies: boolean;
  readonly isForAll: boolean;
}

export class Grounding {
  readonly #evidence: Evidence;
  readonly #said: readonly Said[];
  readonly #known: ReadonlySet<string>;

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
    this.#said = evidence.said
      .flatMap((text) => [...sentences(text), ...text.split(CLAUSE)])
      .map((text) => ({ words: contentWords(text), denies: denies(text), isForAll: speaksOfAll(text) }));
    const ran = evidence.commands.map((command) => command.replace(QUOTED, ' '));
    const happened = contentWords([...ran, ...evidence.changedFiles].join('\n'));
    const own = [...happened].filter((word) => !evidence.foreign.hasOrdered(word));
    this.#known = new Set([...contentWords(evidence.said.join('\n')), ...own]);
  }

  /** A line of the handbook to be. @param isWish it says so of itself. */
  holdsAsMemory(line: string, isWish = false): boolean {
    const words = contentWords(line);
    return words.size > 0 && this.holds(line, isWish) && share(words, this.#known) >= FACT_SHARE;
  }

  /** A sentence about what was done. */
  holds(line: string, isWish = false): boolean {
    const words = contentWords(line);
    if (!literals(line).every((literal) => this.#evidence.knows(literal))) return false;
    if (isWish || isNorm(line)) return this.#isWish(line, words);
    return !this.#evidence.foreign.hasSaid(words, this.#known);
  }

  #isWish(line: string, words: ReadonlySet<string>): boolean {
    const isDenial = denies(line);
    const isForAll = speaksOfAll(line);
    return (
      words.size > 0 &&
      this.#said.some(
        (said) =>
          said.denies === isDenial &&
          // The words for it are too common to be compared.
          (said.isForAll || !isForAll) &&
          share(words, said.words) >= WISH_SHARE &&
          [...words].every((word) => said.words.has(word) || !this.#evidence.foreign.hasOrdered(word)),
      )
    );
  }
}
