/**
 * Text that is shaped like a call but is not run as one: it cannot be read, or may be an example. Too uncertain to run,
 * but worth asking about before it is taken for the answer.
 */
import { Scanner } from '../repair/scanner.ts';
import {
  CALL_END,
  findAfterProse,
  isMeant,
  type KnownTools,
  OPENS,
  Openings,
  readRun,
  SURE_OPENS,
} from './find-calls.ts';
import { readFence } from './wrappers.ts';

/** A call in doubled braces, some of which are missing. */
const DOUBLED_START = /^\s{0,100}(?:```\w{0,20}\s{1,100})?\{\{\s{0,100}"name"\s{0,100}:\s{0,100}"/;
const OTHER_START = /(?:<\|?tool_call|<function_call|(?:<\|channel\|>)?commentary to=)/y;
/** After a mark that is talked about. */
const SENTENCE = /^(?:>?`|[^\S\n]+[\p{L}("'`]|[,;.:)])/u;

/** A mark on a line of its own, or a call that is JSON. */
const LINE_OPENS = new RegExp(String.raw`(?<=(?:^|\n)[ \t]{0,3})${SURE_OPENS.source}`, 'g');
const LINE_ANY = new RegExp(String.raw`(?<=(?:^|\n)[ \t]{0,3})(?:${OPENS.source})`, 'g');
const ANY_START = new RegExp(`^(?:${OPENS.source})`);
const JSON_START =
  /^\s{0,100}(?:```\w{0,20}\s{1,100})?\[?\s{0,20}\{\s{0,20}"(?:name|tool|tool_calls|function|action)"\s{0,20}:/;
const LINE_JSON = /(?<=\n)[{[](?=\s{0,20}["'{])/g;
const CLOSED_AT_END =
  /(?:^|[\n}\]>"'])[^\S\n]{0,20}<\/(?:[a-z]{2,10}:)?(?:tool_calls?|function_calls?|function|invoke|parameter|tools)>$/;

/** Whether a text begins like a call, even if it cannot be read as one. */
export function beginsLikeCall(text: string): boolean {
  const at = text.search(/\S/);
  if (at === -1) return false;
  if (DOUBLED_START.test(text)) return true;
  const length = matched(SURE_OPENS, text, at) || matched(OTHER_START, text, at);
  return length > 0 && !SENTENCE.test(text.slice(at + length, at + length + 8));
}

/** Whether a text that is not a call ends in one, or has one in the middle that is no example. */
export function endsInCall(text: string, known: KnownTools): boolean {
  const end = text.trimEnd();
  const s = new Scanner(end);
  if (endsInFence(s, known)) return true;
  if (findAfterProse(s, LINE_JSON, known) !== null) return true;
  return hasUnread(s, known);
}

/** Where the call begins that a text breaks off in; -1 if it does not break off in one. */
export function cutCallAt(text: string): number {
  if (JSON_START.test(text)) return 0;
  const s = new Scanner(text);
  const openings = new Openings(s, LINE_ANY);
  let last = -1;
  for (let at = openings.next(0); at !== -1; at = openings.next(at + 1)) {
    // Of several calls in a row the first: none of them was run.
    const isInRow = last !== -1 && readRun(s, last).next >= at;
    if (!isInRow) last = at;
  }
  if (last === -1 || SENTENCE.test(text.slice(last).replace(ANY_START, ''))) return -1;
  const run = readRun(s, last);
  return run.calls.length === 0 || run.next === text.length ? last : -1;
}

/** Prose that ends in a code fence that contains only calls. */
function endsInFence(s: Scanner, known: KnownTools): boolean {
  if (!s.text.endsWith('```')) return false;
  const start = s.text.lastIndexOf('```', s.text.length - 4);
  const block = start === -1 ? null : readFence(s, start);
  return (
    block !== null &&
    block.end === s.text.length &&
    isMeant({ ...block, next: block.end, isSure: false, isWeak: false }, known)
  );
}

function hasUnread(s: Scanner, known: KnownTools): boolean {
  const openings = new Openings(s, LINE_OPENS);
  let last = -1;
  for (let at = openings.next(0); at !== -1; at = openings.next(at + 1)) last = at;
  if (last === -1) return CLOSED_AT_END.test(s.text.slice(-200)) && !isFenced(s.text);
  const run = readRun(s, last);
  return isMeant(run, known) || CALL_END.test(s.text);
}

function isFenced(text: string): boolean {
  return text.split('```').length % 2 === 0;
}

function matched(expression: RegExp, text: string, at: number): number {
  expression.lastIndex = at;
  return expression.exec(text)?.[0].length ?? 0;
}
