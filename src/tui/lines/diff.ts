/**
 * A unified diff as numbered, coloured, logical lines.
 *
 * Invariants: the counts in a hunk's header decide what is content, so that a removed line `-- x` is not a file header;
 * what cannot be read is shown as it is.
 */
import { sanitizeForTerminal, showControls } from '../../text/sanitize.ts';
import { expandTabs } from './clean.ts';
import { highlight } from './highlight.ts';
import { foldAt, moreText } from './output.ts';
import type { LineContext } from './style.ts';

export interface DiffStat {
  readonly added: number;
  readonly removed: number;
}

interface Row {
  /** `@` is a gap between hunks, `\` a remark of the diff, `?` what could not be read. */
  readonly sign: '+' | '-' | ' ' | '@' | '\\' | '?';
  readonly number: number;
  readonly text: string;
}

const HUNK = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@/;
const FILE_HEADER =
  /^(?:--- |\+\+\+ |diff |index |={20,}|new file |deleted file |old mode |new mode |similarity |rename )/;
/** Characters of a line that are shown. */
const LINE_LIMIT = 2_000;

/** Lines that were added and removed, as far as the diff can be read. */
export function diffStat(diff: string): DiffStat {
  const rows = rowsOf(diff);
  const count = (sign: Row['sign']): number => rows.filter((row) => row.sign === sign).length;
  return { added: count('+'), removed: count('-') };
}

/** Where the file was changed first; undefined if that cannot be read. */
export function firstChangedLine(diff: string): number | undefined {
  return rowsOf(diff).find(({ sign }) => sign === '+' || sign === '-')?.number;
}

interface DiffOptions {
  /** Lines at most; what is left out is counted in one more. */
  readonly most?: number;
  /** Of the file, whose name says the language. */
  readonly path?: string;
}

/** The changed lines with their numbers (new ones; old ones where a line was removed) and a `⋮` between hunks. */
export function diffLines(
  diff: string,
  ctx: LineContext,
  { most = Number.POSITIVE_INFINITY, path }: DiffOptions = {},
): string[] {
  const all = rowsOf(diff);
  const rows = all.slice(0, foldAt(all.length, most));
  const digits = String(rows.reduce((largest, { number }) => Math.max(largest, number), 0)).length;
  const texts = rows.map(shownText);
  const coloured = ctx.style.tints === undefined ? undefined : inColour(rows, texts, path, ctx);
  const lines = rows.map((row, index) => {
    const text = coloured?.[index] ?? texts[index] ?? '';
    return rowLine(row, text, digits, ctx);
  });
  const left = all.length - rows.length;
  return left > 0 ? [...lines, ctx.style.dim(moreText(left, ctx))] : lines;
}

function shownText({ text }: Row): string {
  const cut = text.length > LINE_LIMIT ? `${text.slice(0, LINE_LIMIT)}…` : text;
  return expandTabs(sanitizeForTerminal(showControls(cut.replace(/\r$/, ''))).replaceAll('\n', ' '));
}

/** The texts as code: those of the new file, and those that were removed as code of the old one. */
function inColour(
  rows: readonly Row[],
  texts: readonly string[],
  path: string | undefined,
  { style }: LineContext,
): string[] | undefined {
  const language = /\.(\w{1,12})$/.exec(path ?? '')?.[1];
  if (language === undefined) return undefined;
  const coloured = [...texts];
  // Dimmed letters can hardly be read on a tint.
  const onTint = { ...style, dim: style.italic };
  for (const gone of ['-', '+']) {
    const places = [...rows.keys()].filter((place) => ` ${gone}`.includes(rows[place]?.sign ?? ''));
    const lines = highlight(places.map((place) => texts[place]).join('\n'), language, onTint);
    if (lines === undefined) return undefined;
    for (const [index, place] of places.entries()) coloured[place] = lines[index] ?? '';
  }
  return coloured;
}

function rowLine({ sign, number }: Row, shown: string, digits: number, { style }: LineContext): string {
  const label = style.dim(String(number).padStart(digits));
  switch (sign) {
    case '+':
      return `${label} ${style.tints?.added(`${style.green('+')}${shown}`) ?? style.green(`+${shown}`)}`;
    case '-':
      return `${label} ${style.tints?.removed(`${style.red('-')}${shown}`) ?? style.red(`-${shown}`)}`;
    case ' ':
      return shown === '' ? label : `${label}  ${shown}`;
    case '@':
      return style.dim('⋮'.padStart(digits));
    case '\\':
      return style.dim(`${' '.repeat(digits)} ${shown}`);
    case '?':
      return shown;
    default:
      return sign satisfies never;
  }
}

function rowsOf(diff: string): Row[] {
  const lines = diff.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const rows: Row[] = [];
  let [oldLine, newLine, oldLeft, newLeft] = [0, 0, 0, 0];
  for (const raw of lines) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    const sign = line[0] ?? ' ';
    const text = line.slice(1);
    if (sign === '\\') {
      rows.push({ sign, number: 0, text: text.trim() });
    } else if (sign === '+' && newLeft > 0) {
      rows.push({ sign, number: newLine, text });
      newLine += 1;
      newLeft -= 1;
    } else if (sign === '-' && oldLeft > 0) {
      rows.push({ sign, number: oldLine, text });
      oldLine += 1;
      oldLeft -= 1;
    } else if (sign === ' ' && oldLeft > 0 && newLeft > 0) {
      rows.push({ sign, number: newLine, text });
      oldLine += 1;
      newLine += 1;
      oldLeft -= 1;
      newLeft -= 1;
    } else {
      const hunk = HUNK.exec(line);
      if (hunk !== null) {
        if (rows.length > 0) rows.push({ sign: '@', number: 0, text: '' });
        const [, oldStart, oldCount = '1', newStart, newCount = '1'] = hunk;
        [oldLine, oldLeft, newLine, newLeft] = [oldStart, oldCount, newStart, newCount].map(Number) as [
          number,
          number,
          number,
          number,
        ];
      } else if (!FILE_HEADER.test(line)) {
        rows.push({ sign: '?', number: 0, text: line });
      }
    }
  }
  return rows;
}
