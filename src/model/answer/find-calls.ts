/**
 * Finds calls that a model wrote as text because the server's parser did not see them.
 *
 * Text counts as calls if all of it is calls; if it is prose followed, to its end, by calls that begin with the mark of
 * their form outside of any code quote; or if it begins with calls in such marks and prose follows on a new line. Their
 * names must be tools. Anything else stays prose: JSON in a sentence, an example in a fence with text after it, a tag
 * that is being discussed. Linear in the text; never throws.
 */
import { Scanner } from '../repair/scanner.ts';
import type { LeakedCall } from './call-shapes.ts';
import { isAfterProse, isFunctionCall, isMentioned } from './code-place.ts';
import { FORMS } from './forms.ts';
import { skipLeftovers, skipSeparators } from './leftovers.ts';
import { LINE_DATA, OPENS } from './opens.ts';

export interface Leak {
  /** The text without the calls. */
  readonly rest: string;
  readonly calls: readonly LeakedCall[];
}

/** What is known of the tools. */
export interface KnownTools {
  /** Whether a name, as written, means a tool. */
  readonly isTool: (name: string) => boolean;
  /** Whether the arguments are what the tool wants. */
  readonly fits: (call: LeakedCall) => boolean;
  /** Whether the name is a tool's own as well, and it has all of these arguments. */
  readonly isExact: (call: LeakedCall) => boolean;
  /** Whether a name is a tool's own. */
  readonly isOwn: (name: string) => boolean;
  /** Whether the user asks about what has this name, so that code that calls it is the answer. */
  readonly isDiscussed: (name: string) => boolean;
}

/** Adjacent calls. */
export interface Run {
  readonly calls: readonly LeakedCall[];
  /** After the last call. */
  readonly end: number;
  /** After what may stand between calls. */
  readonly next: number;
  /** All begin with a mark that means nothing else. */
  readonly isSure: boolean;
  /** Some look like other text. */
  readonly isWeak: boolean;
  /** Some are data in most places. */
  readonly isData: boolean;
}

/** How a call ends, if anything closes it. */
export const CALL_END = /(?:[>}\])]|```)\s*$/;
const NAME = /^[\w.:-]{1,100}$/;
/** The end of a fence that was never opened. */
const LOOSE_FENCE = /^\s*```\s*$/;
/** What the model made up for the result of its call. */
const MADE_UP = /^<(?:tool_response|tool_result|function_results?|observation)>/;
const GOES_ON = /^[^\S\n]*[\p{Ll},;.]/u;

/** The calls in `text`, or null if it is prose. */
export function findCalls(text: string, known: KnownTools): Leak | null {
  const s = new Scanner(text);
  const whole = readRun(s, skipLeftovers(s, 0));
  const isWhole = whole.next === text.length || LOOSE_FENCE.test(text.slice(whole.end));
  if (isWhole && isMeant(whole, known, true)) return { rest: '', calls: whole.calls };
  return (
    findAfterProse(s, OPENS, known) ??
    findWithoutOpening(s, known) ??
    findData(s, known) ??
    callsFirst(s, whole, known)
  );
}

/** @param isAll nothing else is there, so that a name that is no tool's can only be an error. */
export function isMeant({ calls, isSure, isWeak, isData }: Run, known: KnownTools, isAll = false): boolean {
  const { isTool, fits, isExact } = known;
  if (calls.length === 0) return false;
  if (!calls.every(({ name }) => isTool(name) || (isAll && isSure && NAME.test(name)))) return false;
  if (!isSure && calls.some((call) => call.positional !== undefined && known.isDiscussed(call.name)))
    return false;
  if (!calls.every((call) => !call.positional?.length || isExact(call))) return false;
  return (!isWeak || calls.every(fits)) && (!isData || calls.every(isExact));
}

/** Where a form may begin, at or after `from`, outside of code; -1 if nowhere. */
export class Openings {
  readonly #s: Scanner;
  readonly #expression: RegExp;
  readonly #quotes: FenceCounter;

  constructor(s: Scanner, expression: RegExp) {
    this.#s = s;
    this.#expression = expression;
    this.#quotes = new FenceCounter(s);
  }

  /** Positions must be asked in rising order. */
  next(from: number): number {
    const { text } = this.#s;
    for (let start = from; !this.#s.atLimit; ) {
      this.#expression.lastIndex = start;
      const at = this.#expression.exec(text)?.index ?? -1;
      this.#s.spend((at === -1 ? text.length : at) - start + 1);
      if (at === -1) return -1;
      if (text[at - 1] !== '`' && !this.#quotes.isOpenAt(at)) return at;
      start = at + 1;
    }
    return -1;
  }
}

/**
 * Prose, then calls to the end of the text. Earlier calls between prose are taken too: running only the last ones would
 * skip steps.
 */
export function findAfterProse(s: Scanner, expression: RegExp, known: KnownTools): Leak | null {
  const openings = new Openings(s, expression);
  const calls: LeakedCall[] = [];
  let rest = '';
  let restEnd = 0;
  for (let at = openings.next(0); at !== -1; ) {
    const run = readRun(s, at);
    if (isMeant(run, known) && isPlaceOfCall(s.text, at)) {
      calls.push(...run.calls);
      rest += s.text.slice(restEnd, at);
      restEnd = run.next;
      if (restEnd === s.text.length) return { rest: rest.trimEnd(), calls };
    }
    // What was read from here ends in prose; calls that begin inside it would end there too.
    at = openings.next(Math.max(at + 1, run.next));
  }
  return null;
}

function isPlaceOfCall(text: string, at: number): boolean {
  if (isFunctionCall(text, at) && !isAfterProse(text, at)) return false;
  return isLineStart(text, at) || CALL_END.test(text);
}

function isLineStart(text: string, at: number): boolean {
  return text.slice(text.lastIndexOf('\n', at - 1) + 1, at).trim() === '';
}

/** Prose, then a call on its own line that has a closing tag but no opening one. */
function findWithoutOpening(s: Scanner, known: KnownTools): Leak | null {
  return s.text.trimEnd().endsWith('</tool_call>') ? findAfterProse(s, /(?<=\n)\{/g, known) : null;
}

/** Prose, then JSON or a function's call on a line of its own that is a call of a tool, exactly. */
function findData(s: Scanner, known: KnownTools): Leak | null {
  if (!/[}\])][\s;]*$/.test(s.text)) return null;
  const found = findAfterProse(s, LINE_DATA, known);
  if (!found?.calls.every(known.isExact)) return null;
  // Prose that says the name of a function may explain how it is called.
  const isExplained =
    /\)[\s;\]]*$/.test(s.text) && found.calls.some(({ name }) => isMentioned(name, found.rest));
  return isExplained ? null : found;
}

/** Calls, then prose on a line of its own. */
function callsFirst(s: Scanner, run: Run, known: KnownTools): Leak | null {
  if (!run.isSure || !isMeant(run, known)) return null;
  const rest = s.text.slice(run.next);
  if (GOES_ON.test(s.text.slice(run.end, run.next) + rest)) return null;
  if (MADE_UP.test(rest)) return { rest: '', calls: run.calls };
  return new Openings(s, OPENS).next(run.next) === -1 ? { rest: rest.trim(), calls: run.calls } : null;
}

/** Reads consecutive calls. */
export function readRun(s: Scanner, at: number): Run {
  const calls: LeakedCall[] = [];
  let isSure = true;
  let isWeak = false;
  let isData = false;
  let end = at;
  let next = at;
  while (next < s.text.length && !s.atLimit) {
    const found = readForm(s, next);
    if (found === null) break;
    calls.push(...found.block.calls);
    isSure &&= found.form.evidence === 'sure';
    isWeak ||= found.form.evidence === 'weak';
    isData ||= found.form.evidence === 'exact';
    end = found.block.end;
    next = skipSeparators(s, end);
  }
  return { calls, end, next, isSure: isSure && calls.length > 0, isWeak, isData };
}

function readForm(s: Scanner, at: number) {
  for (const form of FORMS) {
    const block = form.read(s, at);
    if (block !== null) return { form, block };
  }
  return null;
}

/** Tells whether a position is inside a code fence that began before it. Positions must be asked in rising order. */
class FenceCounter {
  readonly #scanner: Scanner;
  #isOpen = false;
  #from = 0;

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
  }

  isOpenAt(at: number): boolean {
    for (;;) {
      const fence = this.#scanner.find('```', this.#from);
      if (fence === -1 || fence >= at) return this.#isOpen;
      this.#isOpen = !this.#isOpen;
      this.#from = fence + 3;
    }
  }
}
