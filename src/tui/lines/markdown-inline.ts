/**
 * The inside of a Markdown paragraph as styled text. The source is sanitised already.
 *
 * Invariants: nothing is lost: a link shows its target, HTML is shown as it is. A link is plain text, so that the
 * terminal offers no target that is not visible.
 */
import type { MarkedToken, Token, Tokens } from 'marked';
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import type { Style } from './style.ts';

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
export function inlineText(tokens: readonly Token[], style: Style): string {
  return tokens.map((token) => pieceText(token as MarkedToken, style)).join('');
}

function pieceText(token: MarkedToken, style: Style): string {
  switch (token.type) {
    case 'text':
      return token.tokens === undefined ? decode(token.text) : inlineText(token.tokens, style);
    case 'escape':
      return token.text;
    case 'strong':
      return style.bold(inlineText(token.tokens, style));
    case 'em':
      return style.italic(inlineText(token.tokens, style));
    case 'del':
      return deletedText(token, style);
    case 'codespan':
      return style.cyan(token.text);
    case 'br':
      return '\n';
    case 'link':
      return linkText(inlineText(token.tokens, style), token.text, token.href, style);
    case 'image':
      return linkText(`[${decode(token.text)}]`, token.text, token.href, style);
    case 'html':
      return /^<br\s*\/?>$/i.test(token.raw) ? '\n' : token.raw;
    case 'checkbox':
      return '';
    default:
      return token.raw;
  }
}

/** A single tilde more often means "about" than a deletion. */
function deletedText({ raw, tokens }: Tokens.Del, style: Style): string {
  const text = inlineText(tokens, style);
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
