/** What going back has done to the files, in lines for the user. */
import type { RewindOutcome } from '../protocol/sessions.ts';
import { plural } from './digits.ts';
import { relativePath } from './relative-path.ts';

/** Of the diff of a file that was left alone. */
const MOST_DIFF_LINES = 40;

const SIGNS = { add: 'A', update: 'M', delete: 'D' } as const;

/** A name with line breaks looks like no other line. @param cwd paths in it are shown as relative ones. @param isTrial nothing was done */
export function rewindLines({ done, refused, same }: RewindOutcome, cwd: string, isTrial = false): string[] {
  const lines: string[] = [];
  const nameOf = (path: string): string => relativePath(path, cwd).replace(/[\t-\r\u2028\u2029]+/g, ' ');
  if (done.length > 0)
    lines.push(`${isTrial ? 'Would put back' : 'Put back'} ${plural(done.length, 'file')}:`);
  lines.push(...done.map(({ path, kind }) => `  ${SIGNS[kind]} ${nameOf(path)}`));
  if (same > 0) lines.push(`${plural(same, 'file')} needed no change.`);
  if (refused.length > 0) lines.push(`Left alone ${plural(refused.length, 'file')}:`);
  for (const { path, reason, diff } of refused) {
    lines.push(`  ${nameOf(path)}: ${reason}`, ...diffLines(diff).map((line) => `    ${line}`));
  }
  return lines.length === 0 ? ['No file was changed since.'] : lines;
}

/** Without its two header lines, which name the file again. */
function diffLines(diff: string): string[] {
  const lines = diff.trimEnd().split('\n').slice(2);
  const left = lines.length - MOST_DIFF_LINES;
  return left <= 0 ? lines : [...lines.slice(0, MOST_DIFF_LINES), `… ${plural(left, 'more line')}`];
}
