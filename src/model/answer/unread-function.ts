/**
 * A call that is written like a program's own, on a line of its own, but with prose after it, or in a way that cannot be read.
 */
import type { Scanner } from '../repair/scanner.ts';
import { isAfterProse, isDefined } from './code-place.ts';
import { isMeant, type KnownTools, Openings, readRun } from './find-calls.ts';
import { LINE_FUNCTION } from './opens.ts';

/** Its arguments begin as values do, and not as the parameters of a signature. */
const VALUES = /\w{1,101}\(\s{0,20}(?:["'“‘`[{]|[A-Za-z_]\w{0,100}[ \t]{0,4}=)/y;
const CLOSED = /[)\]}"'”’`][\s;]*$/;
const LINE_END = /^[;,]?[^\S\n]{0,20}(?:\n|$)/;

export function endsInFunctionCall(s: Scanner, known: KnownTools): boolean {
  if (isInlineCode(s, known)) return true;
  const openings = new Openings(s, LINE_FUNCTION);
  for (let at = openings.next(0); at !== -1; at = openings.next(at + 1)) {
    const name = /^[\w.]{1,101}/.exec(s.text.slice(at, at + 101))?.[0] ?? '';
    if (known.isOwn(name) && !known.isDiscussed(name) && isCallAt(s, at, known))
      return !isDefined([name], s.text);
  }
  return false;
}

/** Nothing but a call, as a code span. */
function isInlineCode(s: Scanner, known: KnownTools): boolean {
  const at = s.skipSpace(0);
  if (s.text[at] !== '`' || s.text[at + 1] === '`') return false;
  const run = readRun(s, at + 1);
  return s.text.slice(run.end).trim() === '`' && isMeant({ ...run, isData: true }, known);
}

function isCallAt(s: Scanner, at: number, known: KnownTools): boolean {
  const run = readRun(s, at);
  if (run.calls.length === 0) return isUnreadable(s, at);
  if (!LINE_END.test(s.text.slice(run.end, run.end + 25)) || !isAfterProse(s.text, at)) return false;
  return isMeant({ ...run, isData: true }, known) || isAll(s, at, run.end);
}

/** Nothing but what begins like a call, whatever its values are. */
function isUnreadable(s: Scanner, at: number): boolean {
  VALUES.lastIndex = at;
  if (!VALUES.test(s.text) || s.text.slice(0, at).trim() !== '') return false;
  return CLOSED.test(s.text) || !s.text.includes(')');
}

function isAll(s: Scanner, at: number, end: number): boolean {
  return s.text.slice(0, at).trim() === '' && s.text.slice(end).trim() === '';
}
