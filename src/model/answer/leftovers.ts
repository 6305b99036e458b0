/**
 * Pieces of call syntax that are not text: closing tags and end tokens that a parser let through.
 *
 * They are removed only at the ends of a text; in the middle they may be what the text is about.
 */
import type { Scanner } from '../repair/scanner.ts';

const LEFTOVERS = [
  '</tool_call>',
  '</tool_calls>',
  '</function_call>',
  '</function_calls>',
  '</tools>',
  '</function>',
  '</parameter>',
  '</arg_value>',
  '</s>',
  '<tool_call|>',
  '<|tool_call_end|>',
  '<|/tool_call|>',
  '<|call|>',
  '<|end|>',
  '<|return|>',
  '<|im_end|>',
  '<|eot|>',
  '<|observation|>',
  '<|endoftext|>',
  '<|eot_id|>',
  '<|eom_id|>',
];
/** What else may remain of a call that the server has removed: its opening, or the start of its JSON. */
const FRAGMENTS = ['<tool_call>', '[TOOL_CALLS]', '{', '{"', '[', '[{', '```json', '```'];

/** Any closing tag or end token: next to a call it is one, whatever its name. */
const CLOSER =
  /<\/[\w:｜|▁-]{1,40}>|<[|｜](?:\/?[\w▁]{0,40}(?:end|END|suffix)[\w▁]{0,40})[|｜]>|<end_\w{1,40}>|\[\/[A-Z_]{1,30}\]/y;

/** The position after white space and leftovers. */
export function skipLeftovers(s: Scanner, at: number): number {
  let pos = s.skipSpace(at);
  for (;;) {
    const next = s.skipSpace(skipCloser(s, pos));
    if (next === pos) return pos;
    pos = next;
  }
}

/** The position after leftovers and the `,` or `;` that some models put between calls. */
export function skipSeparators(s: Scanner, at: number): number {
  const pos = skipLeftovers(s, at);
  return s.text[pos] === ',' || s.text[pos] === ';' ? skipLeftovers(s, pos + 1) : pos;
}

/** The position after a leftover or a closing tag. */
export function skipCloser(s: Scanner, at: number): number {
  const known = s.skipToken(LEFTOVERS, at);
  return known === at ? at + (s.match(CLOSER, at)?.[0].length ?? 0) : known;
}

/** `text` without leftovers at its ends; the same text, byte for byte, if there are none. */
export function withoutLeftovers(text: string): string {
  let start = 0;
  let end = text.length;
  for (;;) {
    const from = start + leadingSpace(text, start, end);
    const token = LEFTOVERS.find((one) => text.startsWith(one, from) && from + one.length <= end);
    if (token === undefined) break;
    start = from + token.length;
  }
  for (;;) {
    const to = end - trailingSpace(text, start, end);
    const token = LEFTOVERS.find((one) => text.endsWith(one, to) && to - one.length >= start);
    if (token === undefined) break;
    end = to - token.length;
  }
  if (start === 0 && end === text.length) return text;
  return text.slice(start, end).trim();
}

/** The content next to calls that the server delivered; empty if it is only the start of one of them. */
export function besideCalls(content: string): string {
  const text = withoutLeftovers(content);
  return FRAGMENTS.includes(text.trim()) ? '' : text;
}

function leadingSpace(text: string, start: number, end: number): number {
  let length = 0;
  while (start + length < end && text.charCodeAt(start + length) <= 32) length++;
  return length;
}

function trailingSpace(text: string, start: number, end: number): number {
  let length = 0;
  while (end - length > start && text.charCodeAt(end - length - 1) <= 32) length++;
  return length;
}
