/**
 * Divides lines into drafts of parts: definitions and blocks one by one, imports and short statements in groups, what
 * is too long at its next indentation, what has no structure in windows.
 *
 * Drafts follow each other without a gap and cover the lines; the depth is bounded, so that the whole is linear. The
 * limits of parts are enforced in parts.ts.
 */
import { isContainer } from './definitions.ts';
import { bodyWeight, docstringEnd, headerEnd, type Item, itemsOf, lastCode } from './items.ts';
import {
  hasWord,
  headerText,
  isDefinition,
  isImport,
  labelled,
  labelOf,
  nameOf,
  spanned,
  windowLabel,
  within,
} from './labels.ts';
import { type Lines, weigh } from './lines.ts';

/** Rows from 0, the end exclusive. */
export interface Draft {
  readonly start: number;
  readonly end: number;
  readonly label: string;
  /** A definition, which is not joined with its neighbours. */
  readonly isDefinition?: boolean;
}

/** A longer block is divided. */
const LONGEST_BLOCK = 60;
const WINDOW = 40;
/** Windows end at a blank line between these. */
const LEAST_WINDOW = 20;
const MOST_WINDOW = 55;
/** A group of at least this weight ends with its paragraph. */
const PARAGRAPH = 10;
/** Smaller parts of a body are joined with a neighbour. */
const SMALL = 10;
/** From this many lines on, an item is a block and not a statement. */
const BLOCK = 4;
const DEEPEST = 8;

export interface Place {
  /** Names of what encloses it. */
  readonly outer: string;
  readonly depth: number;
  /** Statements of a function and the like, not members of a class. */
  readonly isBody?: boolean;
}

export function splitItems(lines: Lines, items: readonly Item[], place: Place): Draft[] {
  const drafts: Draft[] = [];
  let group: Item[] = [];
  const flush = (): void => {
    if (group.length > 0) drafts.push(groupDraft(lines, group, place));
    group = [];
  };
  for (const item of items) {
    if (isOwnPart(lines, item, place) || weigh(lines, item.start, item.end) > LONGEST_BLOCK) {
      flush();
      const own = isDefinition(lines, item);
      drafts.push(
        ...splitItem(lines, item, place).map((draft) => (own ? { ...draft, isDefinition: own } : draft)),
      );
      continue;
    }
    if (!fitsGroup(lines, group, item, place)) flush();
    group.push(item);
  }
  flush();
  return drafts;
}

function isOwnPart(lines: Lines, item: Item, { depth, isBody }: Place): boolean {
  if (isImport(lines, item)) return false;
  const isBlock = bodyWeight(lines, item) >= BLOCK;
  if (isDefinition(lines, item)) return isBlock || isBody !== true;
  return depth === 0 && isBlock && lines.kinds[item.head] === 'code';
}

function fitsGroup(lines: Lines, group: readonly Item[], item: Item, { depth }: Place): boolean {
  const [first] = group;
  if (first === undefined) return true;
  const weight = weigh(lines, first.start, item.start);
  if (weight + weigh(lines, item.start, item.end) > WINDOW) return false;
  if (isImport(lines, first) !== isImport(lines, item)) return false;
  return depth > 0 || !item.isApart || weight < PARAGRAPH;
}

function groupDraft(lines: Lines, group: readonly Item[], { outer }: Place): Draft {
  const start = group[0]?.start ?? 0;
  const end = group.at(-1)?.end ?? start;
  const telling = group.filter(({ head }) => lines.kinds[head] === 'code');
  const named = telling.length > 0 ? telling : group;
  const labels = [named[0], named.at(-1)].map((item) => (item === undefined ? '' : labelOf(lines, item)));
  return { start, end, label: labelled(outer, spanned(labels[0] ?? '', labels[1] ?? '')) };
}

function splitItem(lines: Lines, item: Item, place: Place): Draft[] {
  const { start, end } = item;
  const label = labelled(place.outer, labelOf(lines, item));
  if (weigh(lines, start, end) <= LONGEST_BLOCK) return [{ start, end, label }];
  if (bodyWeight(lines, item) <= LONGEST_BLOCK) return splitLead(item, label, place, lines);
  if (place.depth >= DEEPEST) return windowsOf(lines, start, end, label);
  return splitBlock(lines, item, label, place);
}

/** An item that is long because of its comments and blank lines. */
function splitLead(item: Item, label: string, { outer }: Place, lines: Lines): Draft[] {
  const { start, head, end } = item;
  const body = { start: head, end, label };
  if (head === start) return [body];
  const comment = labelOf(lines, { ...item, head: start, end: head });
  return [{ start, end: head, label: labelled(outer, comment) }, body];
}

/** Header, the sections of its body, and what closes it. */
function splitBlock(lines: Lines, item: Item, label: string, place: Place): Draft[] {
  const header = headerText(lines, item);
  const isBody = !isContainer(header);
  const inner = { outer: within(place.outer, nameOf(header)), depth: place.depth + 1, isBody };
  const rows = turnsOf(lines, item);
  const last = rows.at(-1);
  const isTail = last !== undefined && last === lastCode(lines, item.head, item.end);
  const sections = [item.head, ...(isTail ? rows.slice(0, -1) : rows)];
  const tail = isTail ? [{ start: last, end: item.end, label: tailLabel(lines, last, inner.outer) }] : [];
  const end = isTail ? last : item.end;
  const drafts = sections.flatMap((row, at) => {
    const isFirst = at === 0;
    const section = { ...item, start: isFirst ? item.start : row, end: sections[at + 1] ?? end, head: row };
    const title = isFirst ? label : labelled(inner.outer, lines.heads[row] ?? '');
    if (sections.length > 1 && weigh(lines, section.start, section.end) <= LONGEST_BLOCK)
      return [{ start: section.start, end: section.end, label: title }];
    return splitSection(lines, section, title, inner);
  });
  return [...drafts, ...tail];
}

/** The rows at the block's own indentation that continue or end it: `} else {`, `}`. */
function turnsOf(lines: Lines, item: Item): number[] {
  const { kinds, indents, heads, closings } = lines;
  const indent = indents[item.head] ?? 0;
  const rows: number[] = [];
  for (let row = headerEnd(lines, item); row < item.end; row += 1) {
    if ((indents[row] ?? 0) > indent) continue;
    if (kinds[row] === 'closer' && !heads[row]?.startsWith('#')) rows.push(row);
    // What is in the block but not indented, as in many pages and namespaces, has closers of its own.
    const closing = kinds[row] === 'code' ? (closings[row] ?? -1) : -1;
    if (closing < item.end) row = Math.max(row, closing);
  }
  return rows;
}

function tailLabel(lines: Lines, row: number, outer: string): string {
  return hasWord(outer) ? `end of ${outer}` : `line ${row + 1}: ${lines.heads[row]}`;
}

function splitSection(lines: Lines, section: Item, title: string, inner: Place): Draft[] {
  const { start, end } = section;
  const opened = headerEnd(lines, section);
  const header = skipBlank(lines, docstringEnd(lines, Math.min(opened, end), end), end);
  if (header >= end) return windowsOf(lines, start, end, title);
  const items = itemsOf(lines, header, end);
  if (items.length === 0) return windowsOf(lines, start, end, title);
  const head = { start, end: header, label: title };
  const drafts = splitItems(lines, items, inner);
  // The head of a function stays with its first statements: neither is changed without the other.
  return inner.isBody ? packed(lines, [head, ...drafts]) : [head, ...drafts];
}

/** Joins small neighbours among the statements of a body. */
function packed(lines: Lines, drafts: readonly Draft[]): Draft[] {
  const found: Draft[] = [];
  for (const draft of drafts) {
    const last = found.at(-1);
    if (last === undefined || draft.isDefinition || last.isDefinition) {
      found.push(draft);
      continue;
    }
    const weight = weigh(lines, last.start, draft.end);
    const isSmall =
      Math.min(weigh(lines, last.start, last.end), weigh(lines, draft.start, draft.end)) < SMALL;
    if (weight <= WINDOW || (isSmall && weight <= LONGEST_BLOCK))
      found[found.length - 1] = { ...last, end: draft.end };
    else found.push(draft);
  }
  return found;
}

function skipBlank({ kinds }: Lines, from: number, end: number): number {
  let row = from;
  while (row < end && kinds[row] === 'blank') row += 1;
  return row;
}

/**
 * Windows of about 40 lines that end at blank lines if there are any. The first is labelled `label`, the others with it
 * and their lines; all only with their lines if it is empty.
 */
export function windowsOf(lines: Lines, from: number, to: number, label: string): Draft[] {
  const drafts: Draft[] = [];
  let start = from;
  while (start < to) {
    const end = windowEnd(lines, start, to);
    const isTitle = start === from && label !== '';
    drafts.push({ start, end, label: isTitle ? label : windowLabel(label, start, end) });
    start = end;
  }
  return drafts;
}

function windowEnd(lines: Lines, start: number, to: number): number {
  if (weigh(lines, start, to) <= MOST_WINDOW) return to;
  let full = start + 1;
  let best: number | undefined;
  for (let end = start + 1; end < to; end += 1) {
    const weight = weigh(lines, start, end);
    if (weight > MOST_WINDOW) break;
    if (weight <= WINDOW) full = end;
    const isBorder = lines.kinds[end - 1] === 'blank' && lines.kinds[end] !== 'blank';
    const isBetter =
      best === undefined || weight <= WINDOW || weight - WINDOW < WINDOW - weigh(lines, start, best);
    if (isBorder && weight >= LEAST_WINDOW && isBetter) best = end;
  }
  return best ?? full;
}
