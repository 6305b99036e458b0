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
 * What may begin something in a text, until that has ended: emphasis, code, a link, an image, HTML, a formula, an entity, a
 * table, a list. Signs that cannot (a star before a blank, an underscore within a word, brackets that are no link) are text.
 */
const UNDECIDED = new RegExp(
  [
    ...[String.raw`\*+(?=\S|$)`, String.raw`(?<![\p{L}\p{N}])_+(?=\S|$)`, '`', String.raw`~+(?=\S|$)`],
    ...[String.raw`\[(?![^\]]*\][^([:])`, String.raw`!(?=\[|$)`, '<(?=[a-z/!?]|$)'],
    ...[String.raw`\\(?=[([]|$)`, String.raw`\$(?=\S|$)`, String.raw`&#?\w*$`],
    ...[String.raw`\|`, String.raw`(?<=\n[ \t]*)\d+[.)](?=\s|$)`],
  ].join('|'),
  'iu',
);
/** The same within emphasis, which it would end: it is taken before that. */
const UNDECIDED_INSIDE = /`|\[(?![^\]]*\](?:[^([:]|$))|<(?=[a-z/!?])/iu;
/** The mark that ends it may become longer, and then end nothing. */
const GROWING: ReadonlySet<string> = new Set(['codespan', 'strong', 'em', 'del']);
const MARKS_ONLY = /^[*_~`]*$/;
/** The sign of an item whose text has not begun, and its box. */
const BARE_MARKER = /(?:^|\n)[ \t]*(?:(?:[-*+]|\d+[.)])[ \t]*)+(?:\[[ xX]\][ \t]*)?$/;

/** A last line of which it is not known yet what it begins, or makes of the lines before it. */
const SIGNS_ONLY = /(?<![^\n])[^\p{L}\n]{1,12}$/u;

/** A line break, if something follows. */
const BACKSLASH = /\\\s*$/;

/** @param written begins with a block, and not within a fence. */
export function settledSource(written: string): Settled {
  const source = written.replace(SIGNS_ONLY, '');
  const tokens = blockTokens(source);
  if (tokens === undefined) return { source: '', isOpen: false };
  const { block, boxed } = lastBlock(tokens);
  // A blank line ends each of them; blanks alone may be the start of a line.
  if (block === undefined || endsBlank(source)) return { source, isOpen: false };
  if (block.type === 'heading' && block.raw.endsWith('\n')) return { source, isOpen: false };
  const isProse = (block.type === 'paragraph' || block.type === 'text') && boxed === '';
  const held = isProse ? block.text.slice(decidedLength(block.text)) : boxed || block.raw;
  const settled = withoutEnd(source, seen(held)).replace(BARE_MARKER, '');
  // What comes before a block that is being written has ended.
  return isProse ? { source: settled, isOpen: true } : { source: settled.trimEnd(), isOpen: false };
}

interface LastBlock {
  readonly block: MarkedToken | undefined;
  /** All beside a box, which is none if a line below makes something else of its text; empty: the block is not beside one. */
  readonly boxed: string;
}

function lastBlock(tokens: readonly Token[], isTask = false): LastBlock {
  const blocks = tokens.filter(({ type }) => type !== 'checkbox');
  const block = blocks.findLast(({ type }) => type !== 'space') as MarkedToken | undefined;
  const item = block?.type === 'list' ? block.items.at(-1) : undefined;
  const inner = item === undefined ? undefined : lastBlock(item.tokens, item.task);
  if (inner?.block !== undefined) return inner;
  const isBoxed = isTask && !blocks.some(({ type }) => type === 'space' || type === 'list');
  return { block, boxed: isBoxed ? blocks.map(({ raw }) => raw).join('') : '' };
}

/** Of a paragraph the start that is decided, also when it is read without the rest. */
function decidedLength(text: string): number {
  let kept = text.replace(BACKSLASH, '');
  for (;;) {
    const end = firstUndecided(kept);
    if (end < 0) return kept.length;
    kept = kept.slice(0, end).replace(SIGNS_ONLY, '').replace(BACKSLASH, '');
  }
}

function firstUndecided(text: string): number {
  let at = 0;
  for (const token of inlineTokens(text)) {
    const found = undecidedIn(token, text.slice(at + token.raw.length));
    if (found >= 0) return at + found;
    at += token.raw.length;
  }
  return -1;
}

/** Where in a token; -1: it is decided. */
function undecidedIn(token: Token, rest: string): number {
  const { type, raw } = token;
  if (type === 'text') return raw.search(UNDECIDED);
  const isOpen =
    raw.includes('|') ||
    raw === '\\(' ||
    raw === '\\[' ||
    (GROWING.has(type) && (MARKS_ONLY.test(rest) || hasUndecided(token))) ||
    (type === 'link' && /^[^[<]\S*$/.test(raw + rest));
  return isOpen ? 0 : -1;
}

function hasUndecided(token: Token): boolean {
  const inner = 'tokens' in token ? (token.tokens ?? []) : [];
  return inner.some((part) => (part.type === 'text' ? UNDECIDED_INSIDE.test(part.raw) : hasUndecided(part)));
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
