/**
 * Words of commands as far as they can be read without running anything: what bash puts in place of an expansion or a glob is unknown.
 */
import type { Word, WordPart } from 'unbash';

export interface ReachWord {
  /** Decoded; an expansion as it is written. */
  readonly text: string;
  /** The literal pieces around what is unknown; absent: all of it is literal. */
  readonly pieces?: readonly string[];
}

/** Any word, or several, or none. */
export const ANY_WORD: ReachWord = { text: '', pieces: ['', ''] };

export function literal(text: string): ReachWord {
  return { text };
}

export function reachWord({ value, parts }: Word): ReachWord {
  if (parts === undefined) return { text: value };
  const read = piecesOf(parts);
  if (!read.includes(undefined)) return { text: read.join('') };
  const pieces = [''];
  for (const piece of read) {
    if (piece === undefined) pieces.push('');
    else pieces.push((pieces.pop() ?? '') + piece);
  }
  return { text: value, pieces };
}

function piecesOf(parts: readonly WordPart[]): (string | undefined)[] {
  return parts.flatMap((part) => {
    switch (part.type) {
      case 'Literal':
      case 'SingleQuoted':
      case 'AnsiCQuoted':
        return [part.value];
      case 'DoubleQuoted':
      case 'LocaleString':
        return piecesOf(part.parts);
      default:
        return [undefined];
    }
  });
}

/** True if nothing at all is known of it. */
export function isOpen({ pieces }: ReachWord): boolean {
  return pieces?.every((piece) => piece === '') === true;
}

/** The word without the folder in front of it, in lower case: some file systems do not distinguish. */
export function programOf({ text, pieces }: ReachWord): ReachWord {
  if (pieces === undefined) return literal(text.slice(text.lastIndexOf('/') + 1).toLowerCase());
  const at = pieces.findLastIndex((piece) => piece.includes('/'));
  const rest = at < 0 ? pieces : pieces.slice(at).map((piece) => piece.slice(piece.lastIndexOf('/') + 1));
  const lower = rest.map((piece) => piece.toLowerCase());
  return lower.length === 1 ? literal(lower[0] ?? '') : { text: text.toLowerCase(), pieces: lower };
}

/** True if the word is `text`, or may be. */
export function couldBe({ text, pieces }: ReachWord, wanted: string): boolean {
  if (pieces === undefined) return text === wanted;
  const first = pieces[0] ?? '';
  const last = pieces.at(-1) ?? '';
  if (!wanted.startsWith(first)) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = wanted.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return wanted.length - last.length >= at && wanted.endsWith(last);
}
