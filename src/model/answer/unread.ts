/**
 * Text that is shaped like a call but is not run as one: it cannot be read, or may be an example. Too uncertain to run,
 * but worth asking about before it is taken for the answer.
 */
import { isObject } from '../json-object.ts';
import { Scanner } from '../repair/scanner.ts';
import { readJson } from '../repair/tolerant-json.ts';
import type { LeakedCall } from './call-shapes.ts';
import { isDefined } from './code-place.ts';
import { CALL_END, findAfterProse, isMeant, type KnownTools, Openings, readRun } from './find-calls.ts';
import { JSON_START, LINE_DATA, LINE_OPENS, matched, OPENS, SURE_OPENS } from './opens.ts';
import { readCommentedFence } from './pythonic.ts';
import { endsInFunctionCall } from './unread-function.ts';
import { readFence } from './wrappers.ts';

/** A call in doubled braces, some of which are missing. */
const DOUBLED_START = /^\s{0,100}(?:```\w{0,20}\s{1,100})?\{\{\s{0,100}"name"\s{0,100}:\s{0,100}"/;
const JSON_FENCE = /```(?:json)?\s{1,20}/y;
const JSON_END = /^[\s,;]{0,20}(?:```)?\s*$/;
/** What a model adds to a call. */
const BESIDE_CALL = ['type', 'id', 'explanation', 'description', 'reason', 'thought'];
const OTHER_START = /(?:<\|?tool_call|<function_call|(?:<\|channel\|>)?commentary to=)/y;
/** After a mark that is talked about. */
const SENTENCE = /^(?:>?`|[^\S\n]+[\p{L}("'`]|[,;.:)])/u;

/** A mark at the start of a line, or a call that is JSON. */
/** Forms that look like other text, but not with what follows here. */
const UNREAD =
  /\*{0,2}Action:[^\n]{1,100}\n\s{0,8}\*{0,2}Action Input:\*{0,2}[ \t]{0,8}[{["]|\*\*\* Begin Patch[ \t]{0,8}\r?\n\*\*\* /y;
const ANY_OPENS = new RegExp(OPENS, 'y');
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
  if (endsInFence(s, known) || isJsonCall(s)) return true;
  const found = findAfterProse(s, LINE_DATA, known);
  if (found !== null && !isCode(found.calls, s.text)) return true;
  return hasUnread(s, known) || endsInFunctionCall(s, known);
}

/** Where the call begins that a text breaks off in; -1 if it does not break off in one. */
export function cutCallAt(text: string): number {
  if (JSON_START.test(text)) return 0;
  const s = new Scanner(text);
  const openings = new Openings(s, LINE_OPENS);
  let last = -1;
  for (let at = openings.next(0); at !== -1; at = openings.next(at + 1)) {
    // Of several calls in a row the first: none of them was run.
    const isInRow = last !== -1 && readRun(s, last).next >= at;
    if (!isInRow) last = at;
  }
  if (last === -1 || SENTENCE.test(text.slice(last + matched(ANY_OPENS, text, last)))) return -1;
  const run = readRun(s, last);
  return run.calls.length === 0 || run.next === text.length ? last : -1;
}

/** Prose that ends in a code fence that contains only calls. */
function endsInFence(s: Scanner, known: KnownTools): boolean {
  if (!s.text.endsWith('```')) return false;
  const start = s.text.lastIndexOf('```', s.text.length - 4);
  if (start === -1) return false;
  const block = readFence(s, start) ?? readCommentedFence(s, start, s.text.slice(0, start).trim() === '');
  if (block?.end !== s.text.length) return false;
  const isFunction = block.calls.some(({ positional }) => positional !== undefined);
  const run = { ...block, next: block.end, isSure: false, isWeak: false, isData: isFunction };
  return isMeant(run, known) && !(isFunction && isCode(block.calls, s.text));
}

/** The text holds what is called as well. */
function isCode(calls: readonly LeakedCall[], text: string): boolean {
  return isDefined(
    calls.map(({ name }) => name),
    text,
  );
}

/** JSON that has the shape of a call and nothing else, of a tool that there is not, or with a word about why. */
function isJsonCall(s: Scanner): boolean {
  const at = s.skipSpace(0);
  const start = at + matched(JSON_FENCE, s.text, at);
  const read = s.text[start] === '{' ? readJson(s, start) : null;
  if (read === null || !isObject(read.value) || !JSON_END.test(s.text.slice(read.end))) return false;
  const { name, arguments: args, parameters = args, ...others } = read.value;
  if (typeof name !== 'string' || !isObject(parameters)) return false;
  return Object.keys(others).every((key) => BESIDE_CALL.includes(key));
}

function hasUnread(s: Scanner, known: KnownTools): boolean {
  if (isJsonFirst(s, known)) return true;
  const openings = new Openings(s, LINE_OPENS);
  let last = -1;
  for (let at = openings.next(0); at !== -1; at = openings.next(at + 1)) {
    if (isMeant(readRun(s, at), known)) return true;
    if (matched(SURE_OPENS, s.text, at) > 0 || matched(UNREAD, s.text, at) > 0) last = at;
  }
  if (last === -1) return CLOSED_AT_END.test(s.text.slice(-200)) && !isFenced(s.text);
  return CALL_END.test(s.text) || matched(UNREAD, s.text, last) > 0;
}

/** JSON that is a call, then prose. */
function isJsonFirst(s: Scanner, known: KnownTools): boolean {
  const at = s.skipSpace(0);
  if (s.text[at] !== '{' && s.text[at] !== '[') return false;
  const run = readRun(s, at);
  return isMeant({ ...run, isWeak: true }, known);
}

function isFenced(text: string): boolean {
  return text.split('```').length % 2 === 0;
}
