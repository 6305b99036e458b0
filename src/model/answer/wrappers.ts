/** What stands around calls of several syntaxes: tags, with or without the closing one, and code fences. */
import type { Scanner } from '../repair/scanner.ts';
import type { Block, BlockReader, LeakedCall } from './call-shapes.ts';
import { readBareJson, readGemmaCall, readLooseList, readTaggedJson } from './json-calls.ts';
import { skipCloser, skipSeparators } from './leftovers.ts';
import { readPythonCall, readPythonList } from './pythonic.ts';
import { readNameTags, readPatch, readToolTag } from './text-calls.ts';
import { readNamedFence, readTokenCall } from './token-calls.ts';
import { readArgumentTags, readFunctionTag } from './xml-calls.ts';

/** Tags and tokens with which a list of calls begins. Some models write two of them. */
export const TAGS = [
  '<tool_call>',
  '<tool_calls>',
  '<function_call>',
  '<function_calls>',
  '<tools>',
  '<tool_use>',
  '<invoke>',
  '<toolcall>',
  '<TOOLCALL>',
  '<|tool_call>',
  '<|tool_call|>',
  '<|tool_calls|>',
  '<|tool_call_start|>',
  '<|tool_calls_section_begin|>',
  '<|python_tag|>',
  '<|action_start|>',
  '<|plugin|>',
  '<|START_ACTION|>',
  '<start_function_call>',
  '<minimax:tool_call>',
  '<seed:tool_call>',
  '<longcat_tool_call>',
  '<｜DSML｜function_calls>',
  '<｜DSML｜tool_calls>',
  '<|DSML|function_calls>',
  '<function_calls>',
  '<｜tool▁calls▁begin｜>',
  '<|tool▁calls▁begin|>',
  '<｜tool_calls_begin｜>',
];

const FENCE = /```(tool_calls?|tool_code|json|xml|diff|patch|apply_patch|bash|sh|shell|)\s/y;
/** Any token of a template, and the role after it. */
const SPECIAL = /<[|｜][A-Za-z][\w▁]{1,40}[|｜]>\s{0,8}(?:(?:assistant|json)(?=\s{0,8}[<[{]))?\s{0,8}/y;
const MOST_TOKENS = 6;

const IN_TAG: readonly BlockReader[] = [
  readFunctionTag,
  readTokenCall,
  readTaggedJson,
  readPythonList,
  readGemmaCall,
  readArgumentTags,
  readNamedFence,
  readPythonCall,
  readNameTags,
  readToolTag,
];
const AFTER_TOKENS: readonly BlockReader[] = [
  readTag,
  readFunctionTag,
  readTaggedJson,
  readPythonList,
  readLooseList,
];
const IN_FENCE: readonly BlockReader[] = [readTag, readFunctionTag, readBareJson, readPythonList, readPatch];

function readFirst(s: Scanner, at: number, readers: readonly BlockReader[]): Block | null {
  for (const reader of readers) {
    const block = reader(s, at);
    if (block !== null) return block;
  }
  return null;
}

export function readTag(s: Scanner, at: number): Block | null {
  let pos = s.skipToken(TAGS, at);
  if (pos === at) return null;
  pos = s.skipSpace(pos);
  pos = s.skipSpace(s.skipToken(TAGS, pos));
  const calls: LeakedCall[] = [];
  for (;;) {
    const block = readFirst(s, pos, IN_TAG);
    if (block === null) return calls.length === 0 ? null : { calls, end: pos };
    calls.push(...block.calls);
    pos = s.skipSpace(block.end);
    const closed = skipCloser(s, pos);
    if (closed !== pos) return { calls, end: closed };
    if (s.text[pos] === ',' || s.text[pos] === ';') pos = s.skipSpace(pos + 1);
  }
}

/** A call after tokens that are not in the list, such as those around a message. */
export function readSpecialTokens(s: Scanner, at: number): Block | null {
  let pos = at;
  for (let count = 0; count < MOST_TOKENS; count += 1) {
    const token = s.match(SPECIAL, pos);
    if (token === null) break;
    pos += token[0].length;
  }
  return pos === at ? null : readFirst(s, pos, AFTER_TOKENS);
}

/** A code fence that says itself that it is a call. */
export function readCallFence(s: Scanner, at: number): Block | null {
  return s.startsWith('```tool_c', at) ? readFence(s, at) : null;
}

/** A code fence that contains only calls. Python counts here only if the fence says `tool_code`; see `readPythonFence`. */
export function readFence(s: Scanner, at: number): Block | null {
  const opening = s.match(FENCE, at);
  if (opening === null) return null;
  const readers = opening[1] === 'tool_code' ? [...IN_FENCE, readPythonCall] : IN_FENCE;
  const calls: LeakedCall[] = [];
  let pos = s.skipSpace(at + opening[0].length);
  while (pos < s.text.length && !s.startsWith('```', pos)) {
    const block = readFirst(s, pos, readers);
    if (block === null) return null;
    calls.push(...block.calls);
    pos = skipSeparators(s, block.end);
  }
  return { calls, end: Math.min(pos + 3, s.text.length) };
}
