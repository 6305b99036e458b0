/** The lines of a record that may become entries. */

import { tellingWords } from '../alike.ts';
import { oneLine } from '../render/text.ts';
import type { EntryKind } from '../store/schema.ts';

export interface Candidate {
  /** One line. */
  readonly text: string;
  /** As the record says; undefined: it does not. Phase 1 calls only what the user has said a preference. */
  readonly kind: EntryKind | undefined;
}

export const ENTRY_KINDS: readonly EntryKind[] = ['preference', 'fact', 'procedure', 'failure'];

/** More are not worth the window; a record of phase 1 has fewer. */
const MOST_LINES = 16;
const MOST_CHARS = 300;

const KIND = new RegExp(String.raw`^[[(]?(${ENTRY_KINDS.join('|')})(?:[\])]:?|:)\s*(?=\S)`, 'i');
/** Signs of a list, a quotation or a table in front of a line. */
const BULLET = /^(?:[-*+•>|]|\d{1,3}[.)])\s+/;

export function candidatesOf(raw: string): readonly Candidate[] {
  const found = new Map<string, Candidate>();
  for (const line of raw.split(/\r\n?|[\n\u2028\u2029]/)) {
    const candidate = /^\s*(?:#{1,6}\s|[-=*_]{3,}\s*$|`{3}|~{3})/.test(line) ? undefined : candidateOf(line);
    if (candidate === undefined) continue;
    const { tokens, facts } = tellingWords(candidate.text);
    const key = [...tokens, ...facts].join(' ');
    if (tokens.length > 0 && !found.has(key)) found.set(key, candidate);
  }
  return [...found.values()].slice(0, MOST_LINES);
}

function candidateOf(line: string): Candidate | undefined {
  let text = oneLine(line);
  while (BULLET.test(text)) text = text.replace(BULLET, '');
  const kind = KIND.exec(text);
  const rest = kind === null ? text : text.slice(kind[0].length);
  if (!/\p{L}/u.test(rest)) return undefined;
  return { text: cutLine(rest), kind: ENTRY_KINDS.find((one) => one === kind?.[1]?.toLowerCase()) };
}

function cutLine(text: string): string {
  if (text.length <= MOST_CHARS) return text;
  const cut = text.slice(0, MOST_CHARS - 1).toWellFormed();
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), MOST_CHARS / 2)).trimEnd()}…`;
}
