/**
 * Divides a file into parts that a model can choose by name and rewrite as a whole.
 *
 * Invariants: parts follow each other and cover all lines; labels are unique and not empty; at most 200 parts; at most
 * 80 lines each (long lines count more than once), unless it is one line or the file is longer than 200 such parts;
 * linear, never throws. Not a parser: it looks at indentation, blank lines and closing brackets.
 */
import { headingsOf } from '../../repo-index/reading/headings.ts';
import { itemsOf, lastCode } from './parts/items.ts';
import { hasWord, spanned, uniqueLabels, windowLabel } from './parts/labels.ts';
import { type Lines, readLines, weigh } from './parts/lines.ts';
import { type Draft, splitItems, windowsOf } from './parts/split.ts';

/** Lines from 1, both inclusive. */
export interface Part {
  readonly label: string;
  readonly start: number;
  readonly end: number;
}

const MOST_PARTS = 200;
const MOST_WEIGHT = 80;
/** If there are too many parts, small neighbours are joined up to this weight, then up to twice as much, and so on. */
const LEAST_JOINED = 10;

/** @param file its path, which decides how it is read. */
export function partsOf(text: string, file: string): Part[] {
  const texts = text.split('\n');
  if (texts.at(-1) === '') texts.pop();
  const lines = readLines(texts, file);
  const drafts = draftsOf(lines, texts, file).flatMap((draft) => bounded(lines, draft));
  const parts = joined(lines, drafts);
  const labels = uniqueLabels(
    parts.map(({ label }) => label),
    parts.map(({ start }) => start + 1),
  );
  return parts.map(({ start, end }, at) => ({ label: labels[at] ?? '', start: start + 1, end }));
}

function draftsOf(lines: Lines, texts: readonly string[], file: string): Draft[] {
  const { form } = lines.syntax;
  const end = texts.length;
  if (form === 'prose')
    return sectionsOf(
      lines,
      headingsOf(file, texts).map(({ row }) => row),
    );
  if (form === 'sections') {
    const heads = headedRows(lines);
    if (heads.length > 0) return sectionsOf(lines, heads);
  }
  if (form === 'plain') return windowsOf(lines, 0, end, '');
  return form === 'json' ? unwrapped(lines, end) : levelOf(lines, 0, end);
}

/** The parts of the outermost level of a stretch. */
function levelOf(lines: Lines, from: number, to: number): Draft[] {
  const items = itemsOf(lines, from, to);
  return items.length === 0
    ? windowsOf(lines, from, to, '')
    : splitItems(lines, items, { outer: '', depth: 0 });
}

/** What is between the outermost braces, and the braces as parts of their own, so that none is lost with a part. */
function unwrapped(lines: Lines, end: number): Draft[] {
  const { kinds, heads, closings } = lines;
  const first = kinds.indexOf('code');
  const last = closings[first] ?? -1;
  const isWrapped = /^[{[]$/.test(heads[first] ?? '') && lastCode(lines, 0, end) === last && last > first + 1;
  if (!isWrapped) return levelOf(lines, 0, end);
  const brace = (row: number): string => `line ${row + 1}: ${heads[row]}`;
  return [
    { start: 0, end: first + 1, label: brace(first) },
    ...levelOf(lines, first + 1, last),
    { start: last, end, label: brace(last) },
  ];
}

/** A section from each of the rows to the next, its heading the first line of it that is not a comment. */
function sectionsOf(lines: Lines, rows: readonly number[]): Draft[] {
  const { heads, kinds } = lines;
  const end = heads.length;
  const starts = [...new Set(rows)];
  const first = starts[0] ?? end;
  const isMarkup = lines.syntax.form === 'prose';
  const before = isMarkup ? windowsOf(lines, 0, first, '') : levelOf(lines, 0, first);
  return before.concat(
    starts.flatMap((start, at) => {
      let head = start;
      while (!isMarkup && kinds[head] === 'comment') head += 1;
      const title = heads[head] ?? '';
      // All entries of a list have the same heading; what follows tells them apart.
      const label = title.startsWith('[[') ? `${title} ${heads[head + 1] ?? ''}` : title;
      return windowsOf(lines, start, starts[at + 1] ?? end, label.trim());
    }),
  );
}

/** `[name]` at the start of a line, with the comments directly above. */
function headedRows({ heads, indents, kinds }: Lines): number[] {
  const rows: number[] = [];
  for (const [row, head] of heads.entries()) {
    if (kinds[row] === 'inside' || indents[row] !== 0 || !/^\[\[?[^[\]]+\]\]?\s*(?:[#;].*)?$/.test(head))
      continue;
    let start = row;
    while (start > (rows.at(-1) ?? -1) + 1 && kinds[start - 1] === 'comment') start -= 1;
    rows.push(start);
  }
  return rows;
}

function bounded(lines: Lines, draft: Draft): Draft[] {
  const { start, end, label } = draft;
  if (!hasWord(label)) return bounded(lines, { ...draft, label: windowLabel('', start, end) });
  return weigh(lines, start, end) <= MOST_WEIGHT ? [draft] : windowsOf(lines, start, end, label);
}

/** Joins small neighbours until there are few enough. */
function joined(lines: Lines, drafts: readonly Draft[]): readonly Draft[] {
  let found = drafts;
  for (let most = LEAST_JOINED; found.length > MOST_PARTS; most *= 2) {
    const next: Draft[] = [];
    for (const draft of found) {
      const last = next.at(-1);
      if (last !== undefined && weigh(lines, last.start, draft.end) <= most)
        next[next.length - 1] = {
          start: last.start,
          end: draft.end,
          label: spanned(...endsOf(last.label, draft.label)),
        };
      else next.push(draft);
    }
    found = next;
  }
  return found;
}

/** The first and the last of the items that two labels name. */
function endsOf(before: string, after: string): [string, string] {
  return [before.split(' … ', 1)[0] ?? before, after.split(' … ').at(-1) ?? after];
}

const OUTLINE_BYTES = 4_000;

/** One line per part: its lines and its label. What does not fit is left out in the middle. */
export function outline(parts: readonly Part[], limitBytes = OUTLINE_BYTES): string {
  const lines = parts.map(({ start, end, label }) => `${start}-${end} ${label}`);
  const sizes = lines.map((line) => Buffer.byteLength(line) + 1);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total <= limitBytes) return lines.join('\n');
  let left = limitBytes - Buffer.byteLength(gap(lines.length)) - 1;
  let [head, tail] = [0, 0];
  while (head + tail < lines.length) {
    const isHead = head <= tail;
    left -= sizes[isHead ? head : lines.length - 1 - tail] ?? 0;
    if (left < 0) break;
    if (isHead) head += 1;
    else tail += 1;
  }
  const count = lines.length - head - tail;
  return [...lines.slice(0, head), gap(count), ...lines.slice(lines.length - tail)].join('\n');
}

function gap(count: number): string {
  return `… ${count} more …`;
}
