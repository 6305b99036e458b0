/** A skill as the model gets it: whole, or its beginning and where the rest is. */
import path from 'node:path';
import frame from '../../../prompts/notes/skill.md?raw';
import cutText from '../../../prompts/notes/skill-cut.md?raw';
import { isInside } from '../../config/paths.ts';
import { estimateTokens } from '../../repo-index/search/pack.ts';
import { fill } from '../../text/fill.ts';

interface Shown {
  readonly name: string;
  readonly file: string;
  readonly body: string;
  readonly bodyLine: number;
}

/** Below this a part says too little. */
const LEAST_TOKENS = 120;
/** A cut at a heading is better than a longer text, but not if hardly anything is left. */
const LEAST_PART = 0.4;

/** @param most tokens. @returns undefined if there is no space for anything of use. */
export function skillText(
  { name, file, body, bodyLine }: Shown,
  most: number,
  cwd: string,
): string | undefined {
  const inFrame = (text: string): string =>
    fill(frame, { name, folder: shownPath(path.dirname(file), cwd), text });
  const lines = body.split('\n');
  const first = lines.findIndex((line) => line.trim() !== '');
  const whole = inFrame(lines.slice(first).join('\n'));
  if (estimateTokens(whole) <= most) return whole;
  if (most < LEAST_TOKENS) return undefined;
  const rest = (line: number): string =>
    fill(cutText, { file: shownPath(file, cwd), line: String(bodyLine + line) });
  const fits = (end: number): boolean =>
    estimateTokens(`${inFrame(lines.slice(first, end).join('\n'))}\n${rest(end)}`) <= most;
  const end = cutAt(lines, first, fits);
  return end <= first ? undefined : `${inFrame(lines.slice(first, end).join('\n').trimEnd())}\n${rest(end)}`;
}

/** Whether the model has it: its text begins with the same words whatever was cut. */
export function hasSkill(history: readonly { readonly content: string }[], name: string): boolean {
  const head = frame.slice(0, frame.indexOf('{name}') + '{name}'.length + 1).replace('{name}', () => name);
  return history.some(({ content }) => content.includes(head));
}

/** The line to cut before: the last heading that fits, else the last blank line, else the last line. */
function cutAt(lines: readonly string[], first: number, fits: (end: number) => boolean): number {
  let [low, high] = [first, lines.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  const least = first + (low - first) * LEAST_PART;
  const headings = headingsIn(lines).filter((at) => at <= low && at > least);
  const blanks = lines.flatMap((line, at) => (line.trim() === '' && at <= low && at > least ? [at] : []));
  return headings.at(-1) ?? blanks.at(-1) ?? low;
}

/** Lines with a heading that is not part of a block of code. */
function headingsIn(lines: readonly string[]): readonly number[] {
  let isCode = false;
  return lines.flatMap((line, at) => {
    if (/^ {0,3}(?:```|~~~)/.test(line)) isCode = !isCode;
    return !isCode && /^#{1,6} /.test(line) ? [at] : [];
  });
}

function shownPath(file: string, cwd: string): string {
  return isInside(cwd, file) ? path.relative(cwd, file) : file;
}
