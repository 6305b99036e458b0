/**
 * A unified diff as numbered, coloured, logical lines.
 *
 * Invariants: the counts in a hunk's header decide what is content, so that a removed line `-- x` is not a file header;
 * what cannot be read is shown as it is.
 */
import { sanitizeForTerminal, showControls } from '../../text/sanitize.ts';
import { expandTabs } from './clean.ts';
import { moreText } from './output.ts';
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

/**
 * The changed lines with their numbers (new ones; old ones where a line was removed) and a `⋮` between hunks.
 * @param most lines at most; what is left out is counted in one more.
 */
export function diffLines(diff: string, ctx: LineContext, most = Number.POSITIVE_INFINITY): string[] {
  const rows = rowsOf(diff);
  const shown = rows.length > most ? rows.slice(0, most) : rows;
  const digits = String(shown.reduce((largest, { number }) => Math.max(largest, number), 0)).length;
  const lines = shown.map((row) => rowLine(row, digits, ctx));
  const left = rows.length - shown.length;
  return left > 0 ? [...lines, ctx.style.dim(moreText(left))] : lines;
}

function rowLine({ sign, number, text }: Row, digits: number, { style }: LineContext): string {
  const label = style.dim(String(number).padStart(digits));
  const cut = text.length > LINE_LIMIT ? `${text.slice(0, LINE_LIMIT)}…` : text;
  const shown = expandTabs(sanitizeForTerminal(showControls(cut.replace(/\r$/, ''))).replaceAll('\n', ' '));
  switch (sign) {
    case '+':
      return `${label} ${style.green(`+${shown}`)}`;
    case '-':
      return `${label} ${style.red(`-${shown}`)}`;
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
