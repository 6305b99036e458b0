/**
 * Markdown blocks as lines.
 *
 * Invariants: rows of prose are narrower than `ctx.width`; code stays in logical lines, four columns in within a
 * message, so that it can be copied; the work is bounded by the length of the source, however it is nested.
 */
import { Lexer, Marked, type MarkedToken, type Token, type TokenizerExtension, type Tokens } from 'marked';
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import { cleanLines, expandTabs } from './clean.ts';
import { highlight } from './highlight.ts';
import { inlineText } from './markdown-inline.ts';
import { tableLines } from './markdown-table.ts';
import { formulaAt } from './math.ts';
import { asRows, indented, prose } from './prose.ts';
import type { LineContext } from './style.ts';

/** Before emphasis and escapes, which would take the signs of a formula for theirs. */
const formula: TokenizerExtension = {
  name: 'formula',
  level: 'inline',
  start: (source) => {
    const at = source.search(/\$|\\[([]/);
    return at < 0 ? undefined : at;
  },
  tokenizer: (source) => {
    const found = formulaAt(source);
    return found && { type: 'formula', raw: found.raw, text: found.tex };
  },
};
const OPTIONS = new Marked({ gfm: true, extensions: [formula] }).defaults;

/** A block with more characters is shown as it is. */
const BLOCK_LIMIT = 64 * 1024;
/** With fewer columns nothing is indented any more. */
const LEAST_WIDTH = 10;
const CODE_INDENT = '  ';
/** How deep quotes and lists may be nested. */
const DEPTH_LIMIT = 24;
const TOO_DEEP = new RegExp(`^(?:[ \\t]*(?:>|[-*+]|\\d+[.)])){${DEPTH_LIMIT}}`, 'm');

/** A whole markdown text, foreign, as lines. */
export function markdownLines(source: string, ctx: LineContext): string[] {
  return tokenLines(lex(source), ctx, { isNested: false });
}

/** The tokens of foreign text; a text that would cost too much is one plain paragraph. */
export function lex(source: string): Token[] {
  const text = sanitizeForTerminal(source);
  const plain: Tokens.Text = { type: 'text', raw: text, text: text.trim(), escaped: true };
  if (text.length > BLOCK_LIMIT || TOO_DEEP.test(text)) return [plain];
  return guarded(() => newLexer().lex(text)) ?? [plain];
}

/** The blocks of a text that was not sanitised, to see where they end. Undefined if it is nested too deep. */
export function blockTokens(source: string): MarkedToken[] | undefined {
  if (TOO_DEEP.test(source)) return undefined;
  return guarded(() => newLexer().blockTokens(source, []) as MarkedToken[]);
}

/** The inside of a paragraph that was not sanitised, to see what in it is decided. */
export function inlineTokens(text: string): Token[] {
  return guarded(() => newLexer().inlineTokens(text)) ?? [];
}

/** It keeps no definitions of links: one that comes late would change what was shown before. */
function newLexer(): Lexer {
  const lexer = new Lexer(OPTIONS);
  lexer.tokens.links = new Proxy({}, { set: () => true });
  return lexer;
}

/** The lexer recurses into nested blocks; the stack is its limit. */
function guarded<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/**
 * Whether there is a blank line between two blocks: always, except before a list that follows its paragraph
 * immediately.
 */
export function hasGap(
  next: string,
  hadBlank: boolean,
  { isNested }: { readonly isNested: boolean },
): boolean {
  return hadBlank || !(isNested || next === 'list');
}

/** Whether the source of a block ends with a blank line. */
export function endsBlank(raw: string): boolean {
  return /\n[ \t]*\n\s*$/.test(raw);
}

function tokenLines(
  tokens: readonly Token[],
  ctx: LineContext,
  where: { readonly isNested: boolean },
): string[] {
  const lines: string[] = [];
  let hadBlank = false;
  for (const token of tokens) {
    if (token.type === 'space') {
      hadBlank = true;
      continue;
    }
    const block = blockLines(token as MarkedToken, ctx);
    if (lines.length > 0 && block.length > 0 && hasGap(token.type, hadBlank, where)) lines.push('');
    lines.push(...block);
    hadBlank = endsBlank(token.raw);
  }
  return lines;
}

/** The lines of one block. Its source was sanitised. */
export function blockLines(token: MarkedToken, ctx: LineContext): string[] {
  const { style } = ctx;
  const words = (text: string): string[] => prose(text.replaceAll('\t', '  '), ctx, { keepUrls: true });
  switch (token.type) {
    case 'heading':
      return words(headingText(token, ctx));
    case 'paragraph':
      return words(inlineText(token.tokens, ctx));
    case 'text':
      return words(token.tokens === undefined ? token.text : inlineText(token.tokens, ctx));
    case 'code':
      return hang(codeLines(token.text.split('\n'), token.lang ?? '', ctx), CODE_INDENT, CODE_INDENT);
    case 'blockquote': {
      const bar = style.dim('│ ');
      // With a bar within its text a paragraph would be worse than with line ends.
      return nested(asRows(ctx), bar, bar, 2, (inner) =>
        tokenLines(token.tokens, inner, { isNested: false }),
      );
    }
    case 'list':
      return listLines(token, ctx);
    case 'table':
      return tableLines(token, ctx);
    case 'hr':
      return [style.dim('───')];
    case 'space':
    case 'checkbox':
      return [];
    case 'def':
      return words(style.dim(token.raw.trim()));
    case 'html':
      return words(cleanLines(token.raw).join('\n'));
    default:
      return words(token.raw);
  }
}

function headingText({ depth, tokens }: Tokens.Heading, ctx: LineContext): string {
  const { style } = ctx;
  const text = style.bold(inlineText(tokens, ctx));
  return depth === 1 ? style.underline(text) : depth === 2 ? text : style.italic(text);
}

function listLines(list: Tokens.List, ctx: LineContext): string[] {
  const first = list.ordered ? Number(list.start) : undefined;
  return list.items.flatMap((item, index) => {
    const before = list.items[index - 1];
    const gap = before !== undefined && endsBlank(before.raw) ? [''] : [];
    return [...gap, ...itemLines(item, first === undefined ? undefined : first + index, ctx)];
  });
}

/** One item; `number` if the list is ordered. */
export function itemLines(item: Tokens.ListItem, number: number | undefined, ctx: LineContext): string[] {
  const sign = number === undefined ? '-' : `${number}.`;
  const box = item.task ? (item.checked === true ? '✔ ' : '□ ') : '';
  const marker = item.task && number === undefined ? box : `${sign} ${box}`;
  const width = marker.length;
  return nested(ctx, ctx.style.dim(marker), ' '.repeat(width), width, (inner) => {
    const lines = tokenLines(item.tokens, inner, { isNested: true });
    return lines.length === 0 ? [''] : lines;
  });
}

/** Lines of sanitised code, in colour if the language is known. */
export function codeLines(lines: readonly string[], language: string, ctx: LineContext): string[] {
  const expanded = lines.map((line) => expandTabs(line));
  return highlight(expanded.join('\n'), language, ctx.style) ?? expanded;
}

/** Lines after a mark: `first` before the first one, `rest` before the others. */
export function hang(lines: readonly string[], first: string, rest: string): string[] {
  return lines.map((line, index) => (index === 0 ? first : line === '' ? rest.trimEnd() : rest) + line);
}

function nested(
  ctx: LineContext,
  first: string,
  rest: string,
  cells: number,
  build: (inner: LineContext) => string[],
): string[] {
  return ctx.width - cells < LEAST_WIDTH ? build(ctx) : hang(build(indented(ctx, cells)), first, rest);
}
