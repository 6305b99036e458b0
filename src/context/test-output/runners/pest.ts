/** Pest, and `php artisan test`: `   FAILED  Class > test`, the message, `  at file:line` with source, and the frames of a stack. */
import { before, blocksOf, messageOf, placeIn, sumOf } from '../output-lines.ts';
import type { TestReader } from '../test-report.ts';

const COUNTS =
  /^ {2}Tests: {2,4}\d+ (?:deprecated|failed|incomplete|notices?|passed|risky|skipped|todos?|warnings?)\b/;
const AT = /^ {2}at \S.*:\d+$/;
const FRAME = /^ {2}(?:at|\d+) +\S.*:\d+$/;

export const pest: TestReader = {
  sign: COUNTS,
  read: (lines) => {
    const failures = blocksOf(lines, /^ {3}FAILED {2}(\S.*)$/, /^ {2}(?:─{3}|Tests: )/).map(
      ({ heading: [, title = ''], body }) => ({
        name: title.trimEnd().replace(/ {2,}\S+$/, ''),
        place: placeIn(body.filter((line) => FRAME.test(line))),
        message: messageOf(before(body, AT).map((line) => line.replace(/^ {2}/, ''))),
      }),
    );
    const counts = lines.filter((line) => COUNTS.test(line));
    const sum = (what: string): number => sumOf(counts, new RegExp(` (\\d+) ${what}\\b`)) ?? 0;
    return {
      passed: sum('passed') + sum('deprecated') + sum('notices?') + sum('warnings?') + sum('risky'),
      failed: sum('failed'),
      skipped: sum('skipped') + sum('todos?') + sum('incomplete'),
      failures,
    };
  },
};
