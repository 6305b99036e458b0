/**
 * The pager's state: where the user is in the text, what they search, which message they go back to.
 *
 * Invariants: scrolling costs what is on the screen, not the length of the transcript: lines are built when a section
 * is looked at and wrapped when shown; a position names a section, a line and a row, so it stays put when the
 * transcript grows. At the end it follows what is added.
 */
import { chordOf, type Key } from '../term/keys.ts';
import type { Step } from './overlay.ts';
import { endTop, move, type PagerSource, type Place, rowAt, rowText, start } from './pager-place.ts';
import { countHits, type Hit, nextHit } from './pager-search.ts';

export interface PagerState {
  /** The first row shown; `end`: the last page, whatever is added. */
  readonly top: Place | 'end';
  /** What is being typed after `/`; undefined: nothing. */
  readonly input: string | undefined;
  /** What was searched last. */
  readonly query: string;
  /** What the search found last; undefined once the user has scrolled. */
  readonly hit: Hit | undefined;
  /** How many places the search found, and which of them is `hit`. */
  readonly found: { readonly of: number; readonly at: number } | undefined;
  /** What to say if the last search found nothing. */
  readonly note: string;
  /** The user message to go back to, an index of a section; undefined: reading only. */
  readonly message: number | undefined;
}

export interface PagerScreen {
  readonly source: PagerSource;
  /** Columns and rows of the terminal. */
  readonly width: number;
  readonly rows: number;
}

export type PagerResult =
  | { readonly type: 'closed' }
  /** The conversation continues from before this user message. */
  | { readonly type: 'rollback'; readonly itemId: string };

type PagerStep = Step<PagerState, PagerResult>;

/** Rows of the screen that are not text: the title and the hints. */
export const PAGER_CHROME = 2;

/** @param top what is shown first: the end of something that still grows, the start of a finished text. */
export function openPager(top: PagerState['top'] = 'end'): PagerState {
  return { top, input: undefined, query: '', hit: undefined, found: undefined, note: '', message: undefined };
}

/** Opens with the last user message selected; undefined when there is none. */
export function openBacktrack(screen: PagerScreen): PagerState | undefined {
  const message = messageFrom(screen.source, screen.source.sections.length, -1);
  return message === undefined ? undefined : shown(openPager(), message);
}

export function handlePagerKey(state: PagerState, key: Key, screen: PagerScreen): PagerStep {
  if (state.input !== undefined) return inputKey(state, state.input, key, screen);
  const letters = key.name === 'text' ? [...key.text] : [];
  return letters.length > 1 ? typed(state, key, letters, screen) : pagerKey(state, key, screen);
}

/** A slow connection brings several keys at once. */
function typed(state: PagerState, key: Key, letters: readonly string[], screen: PagerScreen): PagerStep {
  let step: PagerStep = { state };
  for (const text of letters) {
    if (!('state' in step)) break;
    step = handlePagerKey(step.state, { ...key, text }, screen);
  }
  return step;
}

function pagerKey(state: PagerState, key: Key, screen: PagerScreen): PagerStep {
  const chord = chordOf(key);
  const page = pageRows(screen);
  switch (chord) {
    case 'q':
    case 'ctrl+t':
    case 'ctrl+c':
      return { result: { type: 'closed' } };
    case 'escape':
      return state.message === undefined ? { result: { type: 'closed' } } : otherMessage(state, -1, screen);
    case 'left':
    case 'right':
      if (state.message === undefined) return { state };
      return otherMessage(state, chord === 'left' ? -1 : 1, screen);
    case 'enter':
      return state.message === undefined ? by(state, 1, screen) : rollback(state.message, screen.source);
    case 'up':
    case 'k':
    case 'ctrl+p':
      return by(state, -1, screen);
    case 'down':
    case 'j':
    case 'ctrl+n':
      return by(state, 1, screen);
    case 'ctrl+u':
      return by(state, -Math.ceil(page / 2), screen);
    case 'ctrl+d':
      return by(state, Math.ceil(page / 2), screen);
    case 'pageup':
    case 'b':
    case 'ctrl+b':
      return by(state, -page, screen);
    case 'pagedown':
    case ' ':
    case 'ctrl+f':
      return by(state, page, screen);
    case 'home':
    case 'g':
      return { state: { ...state, top: start, hit: undefined, note: '' } };
    case 'end':
    case 'G':
      return { state: { ...state, top: 'end', hit: undefined, note: '' } };
    case '/':
      return { state: { ...state, input: '', note: '' } };
    case 'n':
      return search(state, 1, screen);
    case 'N':
      return search(state, -1, screen);
    default:
      return { state };
  }
}

/** The row at the top of the screen, at most that of a full last page. */
export function topOf({ top }: PagerState, screen: PagerScreen): Place {
  const last = endTop(screen.source, screen.width, pageRows(screen));
  if (top === 'end') return last;
  return isBefore(last, top) ? last : top;
}

export function pageRows({ rows }: PagerScreen): number {
  return Math.max(1, rows - PAGER_CHROME);
}

function isBefore(a: Place, b: Place): boolean {
  return a.section - b.section < 0 || (a.section === b.section && (a.line - b.line || a.row - b.row) < 0);
}

function by(state: PagerState, rows: number, screen: PagerScreen): PagerStep {
  const top = move(screen.source, screen.width, topOf(state, screen), rows);
  const last = endTop(screen.source, screen.width, pageRows(screen));
  return { state: { ...state, hit: undefined, note: '', top: isBefore(top, last) ? top : 'end' } };
}

function inputKey(state: PagerState, input: string, key: Key, screen: PagerScreen): PagerStep {
  switch (chordOf(key)) {
    case 'escape':
    case 'ctrl+c':
      return { state: { ...state, input: undefined } };
    case 'enter': {
      const query = input === '' ? state.query : input;
      return search({ ...state, input: undefined, query, hit: undefined }, 1, screen);
    }
    case 'backspace':
      if (input === '') return { state: { ...state, input: undefined } };
      return { state: { ...state, input: [...input].slice(0, -1).join('') } };
    default:
      return { state: key.name === 'text' ? { ...state, input: input + key.text } : state };
  }
}

/**
 * Goes to the next place that has the query, wrapping around. Starts from the last hit if there is one: the last
 * page may show several, and its top is none of them.
 */
function search(state: PagerState, step: 1 | -1, screen: PagerScreen): PagerStep {
  const { query, hit } = state;
  if (query === '') return { state };
  const { source, width } = screen;
  const top = topOf(state, screen);
  const from = hit ?? { section: top.section, line: top.line, at: rowText(source, width, top).from };
  const next = nextHit(source, query, from, step, hit === undefined);
  if (next === undefined) return { state: { ...state, note: 'not found', found: undefined } };
  const found = countHits(source, query, next);
  return { state: { ...state, note: '', hit: next, found, top: rowAt(source, width, next, next.at) } };
}

function otherMessage(state: PagerState, step: 1 | -1, { source }: PagerScreen): PagerStep {
  const message = messageFrom(source, state.message ?? source.sections.length, step);
  if (message !== undefined) return { state: shown(state, message) };
  // Nothing older: repeated Escape ends here.
  return step < 0 ? { result: { type: 'closed' } } : { state };
}

function messageFrom({ sections }: PagerSource, from: number, step: 1 | -1): number | undefined {
  for (let index = from + step; index >= 0 && index < sections.length; index += step) {
    if (sections[index]?.messageId !== undefined) return index;
  }
  return undefined;
}

function shown(state: PagerState, message: number): PagerState {
  return { ...state, note: '', hit: undefined, message, top: { section: message, line: 0, row: 0 } };
}

function rollback(message: number, { sections }: PagerSource): PagerStep {
  const itemId = sections[message]?.messageId;
  return { result: itemId === undefined ? { type: 'closed' } : { type: 'rollback', itemId } };
}
