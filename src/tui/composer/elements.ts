/**
 * What stands for more than it shows: a long paste or an image, held in the composer's text as one mark.
 *
 * Invariants: a mark is two UTF-16 units, a noncharacter and a private one, and foreign text never contains the first
 * (`cleanInput` drops it), so a mark cannot be forged; labels are counted by where the elements stand in the text, so
 * `[Image #2]` is always the second image sent. The work over a paste is a few native passes.
 */
import { groupDigits } from '../../text/digits.ts';

export type Element =
  | { readonly type: 'paste'; readonly text: string; readonly label: string }
  | { readonly type: 'image'; readonly path: string };

/** The elements by their marks. Never removed, so that undo, yank and earlier prompts find what they bring back. */
export type Elements = ReadonlyMap<string, Element>;

/** The first unit of every mark. */
export const MARK_LEAD = '\ufdd0';
const FIRST_ID = 0xe000;
const LAST_ID = 0xf8ff;
const MARK = /\ufdd0[\ue000-\uf8ff]/g;

/** UTF-16 units of a mark. */
export const MARK_LENGTH = 2;

/** A paste of more characters or more lines than this becomes an element. */
export const LONG_PASTE = { chars: 1000, lines: 10 };
/** No longer text is edited in place: each key would take too long. */
export const INLINE_LIMIT = 20_000;

/** Text as the composer holds it: LF line ends, tabs, no other control character, no broken surrogate, no mark. */
export function cleanInput(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[\x00-\x08\x0b-\x1f\x7f\ufdd0]+/g, '')
    .toWellFormed();
}

/** The element for a text that is too long to be shown, or undefined when it is not. The text is clean. */
export function pasteElement(text: string, limit: 'paste' | 'inline' = 'paste'): Element | undefined {
  const lines = countLines(text);
  const isLong =
    limit === 'inline'
      ? text.length > INLINE_LIMIT
      : text.length > LONG_PASTE.chars || lines > LONG_PASTE.lines;
  if (!isLong) return undefined;
  const size = lines > LONG_PASTE.lines ? `${groupDigits(lines)} lines` : `${groupDigits(text.length)} chars`;
  return { type: 'paste', text, label: `Pasted ${size}` };
}

/** Adds an element: its mark, to be inserted, and the elements with it; undefined when there are too many. */
export function addElement(
  elements: Elements,
  element: Element,
): { mark: string; elements: Elements } | undefined {
  const id = FIRST_ID + elements.size;
  if (id > LAST_ID) return undefined;
  const mark = MARK_LEAD + String.fromCharCode(id);
  return { mark, elements: new Map(elements).set(mark, element) };
}

/** The labels of the elements, in the order of the text. */
export function labelsOf(text: string, elements: Elements): string[] {
  const seen = new Map<string, number>();
  return elementsIn(text, elements).map((element) => {
    const base = element.type === 'image' ? 'Image' : element.label;
    const count = (seen.get(base) ?? 0) + 1;
    seen.set(base, count);
    return element.type === 'image' || count > 1 ? `[${base} #${count}]` : `[${base}]`;
  });
}

/** Characters of the text as it is sent, about; without putting it together. */
export function sizeOf({ text, elements }: { readonly text: string; readonly elements: Elements }): number {
  if (!text.includes(MARK_LEAD)) return text.length;
  return elementsIn(text, elements).reduce(
    (sum, element) => sum + (element.type === 'paste' ? element.text.length : 0),
    text.length,
  );
}

/** The text as it is sent: pastes in full, images as their labels with the paths beside it. */
export function expand(text: string, elements: Elements): { text: string; images: string[] } {
  const labels = labelsOf(text, elements);
  const images = elementsIn(text, elements).flatMap((element) =>
    element.type === 'image' ? [element.path] : [],
  );
  let at = -1;
  const full = text.replace(MARK, (mark) => {
    at += 1;
    const element = elements.get(mark);
    return element?.type === 'paste' ? element.text : (labels[at] ?? '');
  });
  return { text: full, images };
}

/** The text that an editor gives back, with the labels of known images turned into marks again. */
export function relink(text: string, before: string, elements: Elements): string {
  const marks = (before.match(MARK) ?? []).filter((mark) => elements.get(mark)?.type === 'image');
  return text.replace(/\[Image #(\d{1,4})\]/g, (label, number) => marks[Number(number) - 1] ?? label);
}

function elementsIn(text: string, elements: Elements): Element[] {
  return (text.match(MARK) ?? []).flatMap((mark) => elements.get(mark) ?? []);
}

function countLines(text: string): number {
  let lines = text.endsWith('\n') ? 0 : 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}
