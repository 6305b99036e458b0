/**
 * Finds calls that a model wrote as text because the server's parser did not see them.
 *
 * Text counts as calls in two cases: all of it is calls, or it is prose followed, to its end, by calls that begin
 * with an explicit tag outside of any code quote. All names must be tools. Anything else stays prose: JSON in a
 * sentence, an example in a fence with text after it, a tag that is being discussed. Linear in the text; never
 * throws.
 */
import type { Block, BlockReader, LeakedCall } from './call-shapes.ts';
import { HARMONY_MARKERS, readHarmonyCall } from './harmony.ts';
import {
  readBareJson,
  readGemmaCall,
  readNamedArguments,
  readTaggedJson,
  readToolCallsList,
} from './json-calls.ts';
import { LEFTOVERS, skipLeftovers } from './leftovers.ts';
import { readPythonCall, readPythonList } from './pythonic.ts';
import { Scanner } from './scanner.ts';
import { readArgumentTags, readFunctionTag } from './xml-calls.ts';

export interface Leak {
  /** The text without the calls. */
  readonly rest: string;
  readonly calls: readonly LeakedCall[];
}

const OPENING_TAGS = [
  '<tool_call>',
  '<tool_calls>',
  '<function_call>',
  '<function_calls>',
  '<tools>',
  '<|tool_call>',
  '<|tool_call|>',
  '<|tool_call_start|>',
];
const CALL_FENCES = ['```tool_call', '```tool_code'];
const MARKERS = [...OPENING_TAGS, '<function=', '[TOOL_CALLS]', ...CALL_FENCES, ...HARMONY_MARKERS];
const FENCE = /```(tool_calls?|tool_code|json|xml|)\s/y;
const CALL_START =
  /\s{0,100}(?:<\|?tool_call|<function=|<function_call|\[TOOL_CALLS\]|(?:<\|channel\|>)?commentary to=)/y;

/** A call in doubled braces, some of which are missing. */
const DOUBLED_START = /^\s{0,100}(?:```\w{0,20}\s{1,100})?\{\{\s{0,100}"name"\s{0,100}:\s{0,100}"/;

const IN_TAG: readonly BlockReader[] = [
  readFunctionTag,
  readTaggedJson,
  readPythonList,
  readGemmaCall,
  readArgumentTags,
  readPythonCall,
];
const IN_FENCE: readonly BlockReader[] = [readTag, readFunctionTag, readBareJson, readPythonList];
const ANYWHERE: readonly BlockReader[] = [
  readTag,
  readFunctionTag,
  readToolCallsList,
  readHarmonyCall,
  readNamedArguments,
  readBareJson,
  readFence,
  readPythonList,
  readGemmaCall,
  readArgumentTags,
  readPythonCall,
];

/** The calls in `text`, or null if it is prose. `isTool` tells whether a name, as written, means a tool. */
export function findLeak(text: string, isTool: (name: string) => boolean): Leak | null {
  const s = new Scanner(text);
  const accept = (block: Block): boolean =>
    block.calls.length > 0 && block.calls.every((call) => isTool(call.name));
  const whole = readBlocks(s, skipLeftovers(s, 0));
  if (whole.end === text.length && accept(whole)) return { rest: '', calls: whole.calls };
  return findAfterProse(s, MARKERS, 0, accept) ?? findWithoutOpening(s, accept);
}

/**
 * Whether prose ends in a code fence that contains only calls: an example, or a call that the model believes it has made.
 * Too uncertain to run, but worth asking about.
 */
export function endsInFencedCall(text: string, isTool: (name: string) => boolean): boolean {
  const end = text.trimEnd();
  if (!end.endsWith('```')) return false;
  const start = end.lastIndexOf('```', end.length - 4);
  const block = start === -1 ? null : readFence(new Scanner(end), start);
  return (
    block !== null &&
    block.end === end.length &&
    block.calls.length > 0 &&
    block.calls.every((call) => isTool(call.name))
  );
}

/** Whether a text begins like a call, even if it cannot be read as one. */
export function beginsLikeCall(text: string): boolean {
  return new Scanner(text).match(CALL_START, 0) !== null || DOUBLED_START.test(text);
}

/**
 * Prose, then calls from a marker to the end of the text. `offset` is where the call begins, relative to the marker.
 * Earlier calls between prose are taken too: running only the last ones would skip steps.
 */
function findAfterProse(
  s: Scanner,
  markers: readonly string[],
  offset: number,
  accept: (block: Block) => boolean,
): Leak | null {
  const quotes = new FenceCounter(s);
  const calls: LeakedCall[] = [];
  let rest = '';
  let restEnd = 0;
  let from = 0;
  while (!s.atLimit) {
    const marker = s.findFirst(markers, from);
    if (marker === -1) return null;
    const at = marker + offset;
    from = at + 1;
    if (s.text[at - 1] === '`' || quotes.isOpenAt(at)) continue;
    const block = readBlocks(s, at);
    // What was read from here ends in prose; calls that begin inside it would end there too.
    from = Math.max(from, block.end);
    if (!accept(block)) continue;
    calls.push(...block.calls);
    rest += s.text.slice(restEnd, at);
    restEnd = block.end;
    if (restEnd === s.text.length) return { rest: rest.trimEnd(), calls };
  }
  return null;
}

/** Prose, then a call on its own line that has a closing tag but no opening one. */
function findWithoutOpening(s: Scanner, accept: (block: Block) => boolean): Leak | null {
  return s.text.trimEnd().endsWith('</tool_call>') ? findAfterProse(s, ['\n{'], 1, accept) : null;
}

/** Reads consecutive blocks; `end` is where something else begins, or the end of the text. */
function readBlocks(s: Scanner, at: number): Block {
  const calls: LeakedCall[] = [];
  let pos = at;
  while (pos < s.text.length && !s.atLimit) {
    const block = readFirst(s, pos, ANYWHERE);
    if (block === null) break;
    calls.push(...block.calls);
    pos = skipSeparators(s, block.end);
  }
  return { calls, end: pos };
}

function readFirst(s: Scanner, at: number, readers: readonly BlockReader[]): Block | null {
  for (const reader of readers) {
    const block = reader(s, at);
    if (block !== null) return block;
  }
  return null;
}

/** The position after leftovers and the `,` or `;` that some models put between calls. */
function skipSeparators(s: Scanner, at: number): number {
  const pos = skipLeftovers(s, at);
  return s.text[pos] === ',' || s.text[pos] === ';' ? skipLeftovers(s, pos + 1) : pos;
}

/** `<tool_call>` and similar tags around calls of any syntax, with or without the closing tag. */
function readTag(s: Scanner, at: number): Block | null {
  let pos = s.skipToken(OPENING_TAGS, at);
  if (pos === at) return null;
  // Some models write the opening tag twice.
  pos = s.skipSpace(pos);
  pos = s.skipSpace(s.skipToken(OPENING_TAGS, pos));
  const calls: LeakedCall[] = [];
  for (;;) {
    const block = readFirst(s, pos, IN_TAG);
    if (block === null) return calls.length === 0 ? null : { calls, end: pos };
    calls.push(...block.calls);
    pos = s.skipSpace(block.end);
    const closed = s.skipToken(LEFTOVERS, pos);
    if (closed !== pos) return { calls, end: closed };
    if (s.text[pos] === ',' || s.text[pos] === ';') pos = s.skipSpace(pos + 1);
  }
}

/** A code fence that contains only calls. Python counts as a call only if the fence says `tool_code`. */
function readFence(s: Scanner, at: number): Block | null {
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
