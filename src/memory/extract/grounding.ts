/**
 * Which lines of a record may be kept: those that the user's own words or what was seen to happen carry. A memory is read in later
 * sessions, so a line that an output, a file or a web page has planted would steer all of them.
 *
 * - What a line names to the letter (address, path, command, option) must be the user's, or have happened at nobody's request.
 * - A line that tells what to do must be one of the user's wishes: it says what a sentence of theirs says, and forbids if that does.
 * - A line that says what somebody else has said, or brings in what somebody else orders, is none of the user's.
 * - A line for the handbook is about what the user said, what happened, and what the model found out.
 *
 * Languages differ: of a line in another language than the user's too little is recognised, and it is dropped. Nothing is lost but the
 * model's wording, since wishes and corrections are kept in the user's own (see record.ts).
 */
import type { Evidence } from './evidence.ts';
import {
  contentWords,
  denies,
  isNorm,
  isQuestion,
  isRule,
  literals,
  sentences,
  share,
  speaksOfAll,
  withoutNames,
} from './words.ts';

/** A message of a commit, a text to print: anybody's words. */
const QUOTED = /"[^"]*"|'[^']*'/g;
const CLAUSE = /[.;!?\n,:。；！？，]+/;

/** Of the words of a line that asks for something; in one sentence. */
const WISH_SHARE = 0.6;
/** Of the words of a line that tells how something is run; in one command. */
const COMMAND_SHARE = 0.75;
/** Of the words of a line for the handbook: this much the user or what happened, the rest at least the model at work. */
const ANCHOR_SHARE = 0.25;
const FACT_SHARE = 0.5;
/** `It ended well.` */
const LEAST_ANCHORED = 3;

interface Said {
  readonly words: ReadonlySet<string>;
  readonly denies: boolean;
  readonly isForAll: boolean;
}

export class Grounding {
  readonly #evidence: Evidence;
  readonly #said: readonly Said[];
  readonly #worked: readonly ReadonlySet<string>[];
  /** Words of the user and of what happened. */
  readonly #known: ReadonlySet<string>;
  /** These, and what the model said of itself. */
  readonly #told: ReadonlySet<string>;

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
    this.#said = evidence.said
      .flatMap((text) => sentences(text).filter((sentence) => !isQuestion(sentence)))
      .map(withoutNames)
      .flatMap((sentence) => [sentence, ...sentence.split(CLAUSE)])
      .map((text) => ({ words: contentWords(text), denies: denies(text), isForAll: speaksOfAll(text) }));
    this.#worked = evidence.worked.map((command) => contentWords(command));
    const ran = evidence.commands.map((command) => command.replace(QUOTED, ' '));
    const happened = this.#unordered([...ran, ...evidence.changedFiles].join('\n'));
    this.#known = new Set([...contentWords(evidence.said.join('\n')), ...happened]);
    const answers = evidence.pieces.flatMap(({ from, text }) => (from === 'assistant' ? [text] : []));
    this.#told = new Set([...this.#known, ...this.#unordered(answers.join('\n'))]);
  }

  /** Without words of what others order: the model may have obeyed. */
  #unordered(text: string): readonly string[] {
    return [...contentWords(text)].filter((word) => !this.#evidence.foreign.hasOrdered(word));
  }

  /** A line of the handbook to be. @param isWish it says so of itself. */
  holdsAsMemory(line: string, isWish = false): boolean {
    const words = contentWords(line);
    if (words.size === 0 || !this.holds(line, isWish)) return false;
    return share(words, this.#known) >= ANCHOR_SHARE && share(words, this.#told) >= FACT_SHARE;
  }

  /** A sentence about what was done. */
  holds(line: string, isWish = false): boolean {
    const words = contentWords(line);
    if (!literals(line).every((literal) => this.#evidence.knows(literal))) return false;
    if (isWish || isNorm(line) || speaksOfAll(line)) return this.#isWish(line, words);
    return !this.#isDenied(line, words) && !this.#evidence.foreign.hasSaid(words, this.#known);
  }

  /** At least something in it was said or happened: the rest may be the model's. */
  isOfSession(line: string): boolean {
    const words = contentWords(line);
    return words.size < LEAST_ANCHORED || share(words, this.#told) >= ANCHOR_SHARE;
  }

  #isWish(line: string, words: ReadonlySet<string>): boolean {
    if (words.size === 0) return false;
    const isDenial = denies(line);
    const isForAll = speaksOfAll(line);
    const isSaid = this.#said.some(
      (said) =>
        said.denies === isDenial &&
        // The words for it are too common to be compared.
        (said.isForAll || !isForAll) &&
        share(words, said.words) >= WISH_SHARE &&
        this.#hasNoOther(words, said.words),
    );
    // How something is run, as it ran; not that it always must, nor everywhere.
    return (
      isSaid ||
      (!isRule(line) &&
        !isForAll &&
        this.#worked.some(
          (command) => share(words, command) >= COMMAND_SHARE && this.#hasNoOther(words, command),
        ))
    );
  }

  /** The user says the opposite. */
  #isDenied(line: string, words: ReadonlySet<string>): boolean {
    const isDenial = denies(line);
    const about = this.#said.filter((said) => words.size > 1 && share(words, said.words) >= COMMAND_SHARE);
    return about.length > 0 && about.every((said) => said.denies !== isDenial);
  }

  /** None of the words that are not in `known` is one of somebody else's order. */
  #hasNoOther(words: ReadonlySet<string>, known: ReadonlySet<string>): boolean {
    return [...words].every((word) => known.has(word) || !this.#evidence.foreign.hasOrdered(word));
  }
}
