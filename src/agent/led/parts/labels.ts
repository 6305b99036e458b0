/**
 * The label of a part: its header, after the name of what encloses it. One line of at most 80 characters, with a letter
 * or digit if there is one to show.
 */
import { isDefinitionHeader, nameInHeader } from './definitions.ts';
import { headerEnd, type Item } from './items.ts';
import type { Lines } from './lines.ts';

const LONGEST_LABEL = 80;
const LONGEST_OUTER = 38;
const LONGEST_NAME = 30;
/** Lines after its head that are searched for a word if the head has none. */
const WORD_WITHIN = 6;
/** Longer runs of signs are a drawn line. */
const LONGEST_SIGN = 3;
const LONGEST_HEADER = 300;
const MOST_JOINED = 12;

const IMPORT =
  /^(?:import\b|from\s+\S+\s+import\b|#\s*(?:include|import)\b|use\s|using\s|require\b|package\s|extern\s+crate\b|mod\s+\w+;|@(?:import|use|forward)\b|export\s+(?:type\s+)?(?:\*|\{[^}]*\}\s*from\b)|(?:const|let|var)\s[^=]*=\s*(?:[\w$.]+\()?require\()/;

/** The header of an item in one line. */
export function headerText(lines: Lines, item: Item): string {
  return joinedRows(lines, item.head, headerEnd(lines, item));
}

/** Rows as they would be written on one line. */
function joinedRows({ heads }: Lines, from: number, to: number): string {
  const text = heads.slice(from, Math.min(to, from + MOST_JOINED)).join('\n');
  const tight = text
    .replace(/([([])\n/g, '$1')
    .replace(/,?\n([)\]])/g, '$1')
    .replace(/,\n\}/g, ' }');
  return tight.replace(/\s+/g, ' ').slice(0, LONGEST_HEADER);
}

export function isDefinition(lines: Lines, item: Item): boolean {
  const text = headerText(lines, item);
  if (lines.syntax.form === 'css') return text.endsWith('{');
  if (lines.syntax.form !== 'code') return false;
  return isDefinitionHeader(text);
}

export function isImport({ heads, syntax }: Lines, { head }: Item): boolean {
  return (syntax.form === 'code' || syntax.form === 'css') && IMPORT.test(heads[head] ?? '');
}

/** The label of an item by itself. */
export function labelOf(lines: Lines, item: Item): string {
  const closing = isImport(lines, item) ? (lines.closings[item.head] ?? -1) : -1;
  const text = closing < 0 ? headerText(lines, item) : joinedRows(lines, item.head, closing + 1);
  if (hasWord(text)) return text;
  for (let row = item.head + 1; row < Math.min(item.end, item.head + WORD_WITHIN); row += 1) {
    const next = (lines.heads[row] ?? '').replace(/^[*#/\s]+/, '');
    if (hasWord(next)) return text.length > LONGEST_SIGN ? next : `${text} ${next}`;
  }
  return `line ${item.head + 1}: ${text}`;
}

/**
 * A short name for what is in the item: `class Cart` of `export class Cart extends Base {`, `total` of `int total() {`.
 */
export function nameOf(header: string): string {
  const name = nameInHeader(header) ?? header;
  return cut(name.replace(/(?:=>|[\s{([:=,])+$/, ''), LONGEST_NAME);
}

/** The names of what encloses a part, without the outermost if they get too long. */
export function within(outer: string, name: string): string {
  if (outer === '') return name;
  const both = `${outer}: ${name}`;
  return both.length <= LONGEST_OUTER ? both : name;
}

export function labelled(outer: string, label: string): string {
  return outer === '' ? label : `${outer}: ${label}`;
}

/** The label of several items: the first and the last of them. */
export function spanned(first: string, last: string): string {
  if (first === last) return first;
  const most = LONGEST_LABEL - 3;
  const right = Math.min(last.length, Math.max(Math.floor(most / 2), most - first.length));
  return `${cut(first, most - right)} … ${cut(last, right)}`;
}

export function windowLabel(outer: string, start: number, end: number): string {
  const rows = start + 1 === end ? `line ${end}` : `lines ${start + 1}-${end}`;
  return outer === '' ? rows : `${cut(outer, LONGEST_LABEL - rows.length - 3)} (${rows})`;
}

/** One line of at most `length` characters; no surrogate pair is split. */
function cut(text: string, length: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line.length <= length) return line;
  return `${line
    .slice(0, length - 1)
    .replace(/[\ud800-\udbff]$/, '')
    .trimEnd()}…`;
}

export function hasWord(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}

/**
 * The labels; those that occur more than once get the number of their first line.
 * @param starts from 1.
 */
export function uniqueLabels(labels: readonly string[], starts: readonly number[]): string[] {
  const short = labels.map((label) => cut(label, LONGEST_LABEL));
  const counts = new Map<string, number>();
  for (const label of short) counts.set(label, (counts.get(label) ?? 0) + 1);
  const used = new Set(short.filter((label) => counts.get(label) === 1));
  return short.map((label, at) => {
    if (used.has(label) && label !== '') return label;
    let end = `(line ${starts[at]})`;
    let unique = '';
    do {
      unique = label === '' ? end.slice(1, -1) : `${cut(label, LONGEST_LABEL - end.length - 1)} ${end}`;
      end = `(${end})`;
    } while (used.has(unique));
    used.add(unique);
    return unique;
  });
}
