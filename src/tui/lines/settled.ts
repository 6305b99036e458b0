/**
 * How much of a Markdown source that is still being written can be shown for good: what follows may no longer change it.
 *
 * Invariant: of prose it is all before the first sign that something later could still give a meaning to; of any other
 * block nothing before its end is known.
 */
import type { MarkedToken, Token } from 'marked';
import { blockTokens, endsBlank, inlineTokens } from './markdown.ts';

interface Settled {
  readonly source: string;
  /** Its last word may go on. */
  readonly isOpen: boolean;
}

/**
 * What may begin something in a text, until that has ended: emphasis, code, a link, HTML, a formula, a table. Signs that
 * cannot (a star before a blank, an underscore within a word, brackets that are no link) are text.
 */
const UNDECIDED =
  /\*+(?=\S|$)|(?<![\p{L}\p{N}])_+(?=\S|$)|`|~+(?=\S|$)|\[(?![^\]]*\][^([:])|<(?=[a-z/!?]|$)|\\(?=[([]|$)|\$(?=\S|$)|\|/iu;
/** The mark that ends it may become longer, and then end nothing. */
const GROWING: ReadonlySet<string> = new Set(['codespan', 'strong', 'em', 'del']);
/** The sign of an item whose text has not begun. */
const BARE_MARKER = /(?:^|\n)[ \t]*(?:(?:[-*+]|\d+[.)])[ \t]*)+$/;

/** A last line of which it is not known yet what it begins, or makes of the lines before it. */
const SIGNS_ONLY = /(?<![^\n])[^\p{L}\n]{1,12}$/u;

/** @param written begins with a block, and not within a fence. */
export function settledSource(written: string): Settled {
  const source = written.replace(SIGNS_ONLY, '');
  const tokens = blockTokens(source);
  if (tokens === undefined) return { source: '', isOpen: false };
  const last = lastBlock(tokens);
  // A blank line ends each of them; blanks alone may be the start of a line.
  if (last === undefined || endsBlank(source)) return { source, isOpen: false };
  if (last.type === 'heading' && last.raw.endsWith('\n')) return { source, isOpen: false };
  const isProse = last.type === 'paragraph' || last.type === 'text';
  const held = isProse ? undecided(last.text) : last.raw;
  const settled = withoutEnd(source, seen(held)).replace(BARE_MARKER, '');
  // What comes before a block that is being written has ended.
  return isProse ? { source: settled, isOpen: true } : { source: settled.trimEnd(), isOpen: false };
}

function lastBlock(tokens: readonly Token[]): MarkedToken | undefined {
  const last = tokens.findLast(({ type }) => type !== 'space') as MarkedToken | undefined;
  return last?.type === 'list' ? (lastBlock(last.items.at(-1)?.tokens ?? []) ?? last) : last;
}

/** The end of a paragraph from its first undecided sign on. */
function undecided(text: string): string {
  let at = 0;
  for (const { type, raw } of inlineTokens(text)) {
    const end = at + raw.length;
    const found = type === 'text' ? raw.search(UNDECIDED) : end === text.length && GROWING.has(type) ? 0 : -1;
    if (found >= 0) return text.slice(at + found);
    at = end;
  }
  return '';
}

/** Visible characters: a block's own text has lost the blanks that indent it. */
function seen(text: string): number {
  return text.replace(/\s+/g, '').length;
}

function withoutEnd(source: string, count: number): string {
  let end = source.length;
  for (let left = count; left > 0 && end > 0; end -= 1) if (/\S/.test(source[end - 1] ?? '')) left -= 1;
  return source.slice(0, end);
}
