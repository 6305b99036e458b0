/**
 * Leaked calls that are Python: `[shell(command="ls"), read_file(path="a", limit=5)]` (LFM2, Llama, Olmo).
 *
 * Only keyword arguments with literal values: a positional argument could be any parameter, so the text stays prose.
 */
import type { JsonObject } from '../../protocol.ts';
import type { Scanner } from '../repair/scanner.ts';
import { readJson } from '../repair/tolerant-json.ts';
import type { Block, LeakedCall } from './call-shapes.ts';

const CALL = /([A-Za-z_][\w.-]{0,100})\(/y;
const KEYWORD = /([A-Za-z_]\w{0,100})[ \t]{0,4}=[ \t]{0,4}/y;

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

/** `name(key="value")` without a list around it. */
export function readPythonCall(s: Scanner, at: number): Block | null {
  const opening = s.match(CALL, at);
  if (opening === null) return null;
  const args: JsonObject = {};
  let pos = s.skipSpace(at + opening[0].length);
  while (s.text[pos] !== ')') {
    const keyword = s.match(KEYWORD, pos);
    const key = keyword?.[1];
    if (keyword === null || key === undefined) return null;
    const value = readJson(s, pos + keyword[0].length);
    if (value === null) return null;
    args[key] = value.value;
    pos = s.skipSpace(value.end);
    if (s.text[pos] === ',') pos = s.skipSpace(pos + 1);
    else if (s.text[pos] !== ')') return null;
  }
  return { calls: [{ name: opening[1] ?? '', arguments: args }], end: pos + 1 };
}
