/**
 * The inside of a Markdown paragraph as styled text. The source is sanitised already.
 *
 * Invariants: nothing is lost: a link shows its target, HTML is shown as it is. A link is plain text, and of a place in
 * a file the target is that place, so that the terminal offers none that is not visible.
 */
import type { MarkedToken, Token, Tokens } from 'marked';
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import { placeLinked } from './file-link.ts';
import { formulaText } from './math.ts';
import type { LineContext, Style } from './style.ts';

const NAMED: { readonly [name: string]: string } = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  hellip: '…',
  mdash: '—',
  ndash: '–',
  copy: '©',
  rarr: '→',
  larr: '←',
};

/** The text has line breaks where the source has them. */
export function inlineText(tokens: readonly Token[], ctx: LineContext): string {
  return tokens.map((token) => pieceText(token as MarkedToken, ctx)).join('');
}

function pieceText(token: MarkedToken, ctx: LineContext): string {
  const { style } = ctx;
  switch (token.type) {
    case 'text':
      return token.tokens === undefined ? decode(token.text) : inlineText(token.tokens, ctx);
    case 'escape':
      return token.text;
    case 'strong':
      return style.bold(inlineText(token.tokens, ctx));
    case 'em':
      return style.italic(inlineText(token.tokens, ctx));
    case 'del':
      return deletedText(token, ctx);
    case 'codespan':
      return placeLinked(token.text, style.cyan(token.text), ctx);
    case 'br':
      return '\n';
    case 'link':
      return linkText(inlineText(token.tokens, ctx), token.text, token.href, style);
    case 'image':
      return linkText(`[${decode(token.text)}]`, token.text, token.href, style);
    case 'html':
      return /^<br\s*\/?>$/i.test(token.raw) ? '\n' : token.raw;
    case 'checkbox':
      return '';
    default:
      return (isFormula(token) ? formulaText(token.text) : undefined) ?? (token as Token).raw;
  }
}

function isFormula(token: Token): token is Token & { readonly text: string } {
  return token.type === 'formula';
}

/** A single tilde more often means "about" than a deletion. */
function deletedText({ raw, tokens }: Tokens.Del, ctx: LineContext): string {
  const { style } = ctx;
  const text = inlineText(tokens, ctx);
  return raw.startsWith('~~') ? style.dim(style.strike(text)) : `~${text}~`;
}

function linkText(label: string, source: string, href: string, style: Style): string {
  const target = href.replace(/^mailto:/, '');
  if (source === target || source === '') return style.underline(target);
  return target === '' || target.startsWith('#') ? label : `${label} (${style.underline(target)})`;
}

function decode(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{2,8}));/gi, (raw, decimal, hex, name) => {
    if (name !== undefined) return NAMED[name.toLowerCase()] ?? raw;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    if (code > 0x10_ffff) return raw;
    const char = String.fromCodePoint(code);
    return code >= 0x20 && sanitizeForTerminal(char) === char ? char : raw;
  });
}
