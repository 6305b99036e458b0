/**
 * Leaked calls that are written as a program calls a function: `[shell(command="ls"), read_file("a", limit=5)]`. LFM2, Llama and Olmo do
 * with keywords, small models of any family with what comes to mind. Values are literals. What a value without a keyword means, only
 * the tool knows, so such a call must fit it exactly (`isMeant`).
 */
import type { Scanner } from '../repair/scanner.ts';
import { type JsonRead, readJson } from '../repair/tolerant-json.ts';
import type { Block, LeakedCall } from './call-shapes.ts';
import { skipSeparators } from './leftovers.ts';

const CALL = /([A-Za-z_][\w.-]{0,100})\(/y;
const KEYWORD = /([A-Za-z_]\w{0,100})[ \t]{0,4}[=:](?!=)[ \t]{0,4}/y;
const RAW_PREFIX = /[rR](?=["'])/y;
/** `text = `, `await `, and `print(text)`. */
const KEPT =
  /(?:(?:const|let|var)[ \t]{1,4})?[A-Za-z_]\w{0,60}[ \t]{0,4}=[ \t]{0,4}(?:await[ \t]{1,4})?|await[ \t]{1,4}|(?:print|console\.log)\([A-Za-z_]\w{0,60}\);?/y;
/** Languages in which a call may be fenced as if it were to be run there. */
const FENCE = /```(?:python|py|text|plaintext|tool_code|)[ \t]{0,8}\r?\n/y;

/** `[name(key="value"), …]`. */
export function readPythonList(s: Scanner, at: number): Block | null {
  if (s.text[at] !== '[') return null;
  const calls: LeakedCall[] = [];
  let pos = s.skipSpace(at + 1);
  for (;;) {
    const block = readPythonCall(s, pos);
    if (block === null) return null;
    calls.push(...block.calls);
    pos = s.skipSpace(block.end);
    if (s.text[pos] === ']') return { calls, end: pos + 1 };
    if (s.text[pos] !== ',') return null;
    pos = s.skipSpace(pos + 1);
  }
}

/** A fence that says it is code, or nothing, and holds only calls. */
export function readPythonFence(s: Scanner, at: number): Block | null {
  return readCalls(s, at, (pos) => pos);
}

/** The same with comments between the calls. `isAll`: also with results that are kept and printed. */
export function readCommentedFence(s: Scanner, at: number, isAll: boolean): Block | null {
  return readCalls(s, at, (start) => {
    const pos = afterComments(s, start);
    const kept = isAll ? pos + (s.match(KEPT, pos)?.[0].length ?? 0) : pos;
    return kept === pos ? pos : afterComments(s, s.skipSpace(kept));
  });
}

function readCalls(s: Scanner, at: number, skip: (pos: number) => number): Block | null {
  const opening = s.match(FENCE, at);
  if (opening === null) return null;
  const calls: LeakedCall[] = [];
  let pos = skip(s.skipSpace(at + opening[0].length));
  while (pos < s.text.length && !s.startsWith('```', pos)) {
    const block = readPythonList(s, pos) ?? readPythonCall(s, pos);
    if (block === null) return null;
    calls.push(...block.calls);
    pos = skip(skipSeparators(s, block.end));
  }
  return calls.length === 0 ? null : { calls, end: Math.min(pos + 3, s.text.length) };
}

function afterComments(s: Scanner, at: number): number {
  let pos = at;
  while (s.text[pos] === '#' || s.startsWith('//', pos)) {
    const end = s.find('\n', pos);
    if (end === -1) return s.text.length;
    pos = s.skipSpace(end);
  }
  return pos;
}

/** `name("value", key="value")` without a list around it. */
export function readPythonCall(s: Scanner, at: number): Block | null {
  const opening = s.match(CALL, at);
  if (opening === null) return null;
  const named = new Map<string, unknown>();
  const positional: unknown[] = [];
  let pos = s.skipSpace(at + opening[0].length);
  while (s.text[pos] !== ')') {
    const keyword = s.match(KEYWORD, pos);
    const value = readLiteral(s, pos + (keyword?.[0].length ?? 0));
    if (value === null) return null;
    const key = keyword?.[1];
    if (key !== undefined) named.set(key, value.value);
    else if (named.size === 0) positional.push(value.value);
    else return null;
    pos = s.skipSpace(value.end);
    if (s.text[pos] === ',') pos = s.skipSpace(pos + 1);
    else if (s.text[pos] !== ')') return null;
  }
  return {
    calls: [{ name: opening[1] ?? '', arguments: Object.fromEntries(named), positional }],
    end: pos + 1,
  };
}

/** `r"\n"` is a backslash and a letter. */
function readLiteral(s: Scanner, at: number): JsonRead | null {
  const prefix = s.match(RAW_PREFIX, at)?.[0].length ?? 0;
  const read = readJson(s, at + prefix);
  if (prefix === 0 || read === null) return read;
  const quotes = /^(?:"""|'''|.)/.exec(s.text.slice(at + prefix, at + prefix + 3))?.[0].length ?? 1;
  return { value: s.text.slice(at + prefix + quotes, read.end - quotes), end: read.end };
}
