/**
 * A text as lines with what its structure is read from: indentation, kind, weight, and where brackets close.
 *
 * Rows count from 0. Linear in the text: for one line a bounded number of characters is examined.
 */
import { insideOf } from './open-text.ts';
import { type Syntax, syntaxOf } from './syntax.ts';

/**
 * `inside`: begins in a string; `comment`: is one, or begins in one; `decorator`: belongs to what follows, whatever is
 * between; `closer`: continues or ends the block above; `code`: the rest.
 */
export type Kind = 'blank' | 'inside' | 'comment' | 'decorator' | 'closer' | 'code';

export interface Lines {
  readonly syntax: Syntax;
  /** Trimmed, at most 300 characters: enough to recognise a line. */
  readonly heads: readonly string[];
  /** Their last 60 characters, without a comment. */
  readonly tails: readonly string[];
  readonly indents: readonly number[];
  readonly kinds: readonly Kind[];
  /** Begins inside a comment or a string. */
  readonly isWithin: readonly boolean[];
  /** The row of the bracket or tag, at the same indentation, that closes what this row leaves open; -1: none. */
  readonly closings: Int32Array;
  /** `sums[n]`: weight of the first n rows. */
  readonly sums: Float64Array;
}

const HEAD = 300;
const TAIL = 60;
const TAB = 4;
/** For every this many characters a line counts once more. */
const LONG = 100;

export function readLines(texts: readonly string[], file: string): Lines {
  const syntax = syntaxOf(file);
  const inside = insideOf(texts, syntax);
  const heads = texts.map((line) => line.trim().slice(0, HEAD));
  const tails = texts.map((line) => withoutComment(line.trimEnd().slice(-TAIL), syntax));
  const indents = texts.map(indentOf);
  const kinds = heads.map((head, row) => kindOf(head, inside[row] ?? '', syntax));
  const sums = new Float64Array(texts.length + 1);
  for (const [row, line] of texts.entries())
    sums[row + 1] = (sums[row] ?? 0) + 1 + Math.floor(line.length / LONG);
  const isWithin = inside.map((one) => one !== '');
  const read = { syntax, heads, tails, indents, kinds, isWithin, sums };
  return { ...read, closings: closingsOf(read) };
}

/** Lines of a stretch, long ones counted more than once. */
export function weigh({ sums }: Lines, from: number, to: number): number {
  return (sums[to] ?? 0) - (sums[from] ?? 0);
}

/** In columns. */
function indentOf(line: string): number {
  let columns = 0;
  for (let at = 0; at < line.length && at < HEAD; at += 1) {
    if (line[at] === ' ') columns += 1;
    else if (line[at] === '\t') columns += TAB - (columns % TAB);
    else break;
  }
  return columns;
}

function withoutComment(tail: string, { slashComments, hashComments }: Syntax): string {
  if (/[{([:]$/.test(tail)) return tail;
  const cut = slashComments ? /\s\/[/*].*$/ : hashComments ? /\s#.*$/ : undefined;
  return (cut === undefined ? tail : tail.replace(cut, '')).trimEnd();
}

const CLOSING_WORD =
  /^(?:else|elif|elsif|elseif|except|finally|catch|(?:then|do)$|(?:rescue|ensure|when|end|endif|endfor|endwhile|endfunction|fi|done|esac)(?!\s*(?:[-+*/]?=(?!>)|[.([:,])))\b/;

function kindOf(head: string, inside: string, syntax: Syntax): Kind {
  if (head === '') return 'blank';
  if (inside !== '') return inside === 'string' ? 'inside' : 'comment';
  const { form, hasBraces, hasPreprocessor, hashComments } = syntax;
  if (head.startsWith('#')) {
    if (hasPreprocessor) return kindOfDirective(head);
    if (hashComments || /^#!?[[!]/.test(head)) return 'comment';
  }
  if (/^(?:\/\/|\/\*|--\s|<!--|;;|;\s|%%|%\s)/.test(head)) return 'comment';
  if (/^(?:[}\])]|<\/)/.test(head) || (hasBraces && head.startsWith('>'))) return 'closer';
  if (form !== 'code') return 'code';
  if (/^@[\w.]+/.test(head) || /^\[[A-Z][\w.]*(?:\(.*\))?\]$/.test(head) || /^template\s*<.*>$/.test(head))
    return 'decorator';
  // `public:` and goto labels say little, and are indented less than what they refer to.
  if (hasBraces && /^[A-Za-z_]\w*\s*:$/.test(head)) return 'comment';
  return CLOSING_WORD.test(head) ? 'closer' : 'code';
}

function kindOfDirective(head: string): Kind {
  const word = /^#\s*(\w*)/.exec(head)?.[1] ?? '';
  if (/^(?:else|elif|endif|endregion)/.test(word)) return 'closer';
  return /^(?:include|import|define|undef)$/.test(word) ? 'code' : 'comment';
}

const SIGNS: { readonly [open: string]: string } = { '{': '}', '(': ')', '[': ']' };
const VOID_TAG = /^(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)$/i;
/** Open brackets of one indentation that are tried for a match. */
const DEEPEST = 16;

/**
 * A bracket or tag at a line's end is closed by the first line of the same indentation that begins with its partner.
 */
function closingsOf(lines: Omit<Lines, 'closings'>): Int32Array {
  const { heads, indents, kinds } = lines;
  const closings = new Int32Array(heads.length).fill(-1);
  const open = new Map<number, { row: number; sign: string }[]>();
  for (const [row, head] of heads.entries()) {
    if (kinds[row] !== 'code' && kinds[row] !== 'closer' && kinds[row] !== 'decorator') continue;
    const indent = indents[row] ?? 0;
    const stack = open.get(indent) ?? [];
    const closes = /^(?:[}\])]|<\/[\w:.-]*)/.exec(head)?.[0];
    const match = closes === undefined ? -1 : stack.findLastIndex(({ sign }) => sign === closes);
    if (match >= 0) {
      closings[stack[match]?.row ?? row] = row;
      stack.length = match;
    }
    const sign = signOf(lines, row);
    if (sign !== undefined) stack.push({ row, sign });
    if (stack.length > DEEPEST) stack.shift();
    open.set(indent, stack);
  }
  return closings;
}

/** What has to begin the line that closes what this one leaves open. */
function signOf({ heads, tails, kinds }: Omit<Lines, 'closings'>, row: number): string | undefined {
  const head = heads[row] ?? '';
  const tag = /^<([A-Za-z][\w:.-]*)/.exec(head)?.[1];
  if (tag !== undefined && !VOID_TAG.test(tag) && kinds[row] === 'code')
    return head.includes(`</${tag}`) || head.endsWith('/>') ? undefined : `</${tag}`;
  return SIGNS[tails[row]?.at(-1) ?? ''];
}
