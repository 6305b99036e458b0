/** Minitest, also in Rails: `  1) Failure:` (Rails: no number), `Class#test [file:line]:` and the message. */
import { before, blocksOf, messageOf, placeIn, sumOf } from '../output-lines.ts';
import type { TestReader } from '../test-report.ts';

const COUNTS = /^\d+ runs, \d+ assertions, \d+ failures, \d+ errors, \d+ skips$/;
const FRAME = /^ {4}\S.*:\d+:in /;

export const minitest: TestReader = {
  sign: COUNTS,
  read: (lines) => {
    const end = /^(?:Finished in |\d+ runs, |(?:bin\/)?rails test )/;
    const failures = blocksOf(lines, /^(?: {2}\d+\) )?(Failure|Error|Skipped):$/, end)
      .filter(({ heading }) => heading[1] !== 'Skipped')
      .map(({ body: [title = '', ...told] }) => {
        const [, name = title, place] = /^(.+?)(?: \[([^\]]+:\d+)\])?:$/.exec(title) ?? [];
        return {
          name,
          place: place === undefined ? placeIn(told.filter((line) => FRAME.test(line))) : placeIn([place]),
          message: messageOf(before(told, FRAME)),
        };
      });
    const counts = lines.filter((line) => COUNTS.test(line));
    const failed = (sumOf(counts, / (\d+) failures/) ?? 0) + (sumOf(counts, / (\d+) errors/) ?? 0);
    const skipped = sumOf(counts, / (\d+) skips/) ?? 0;
    return { passed: (sumOf(counts, /^(\d+) runs/) ?? 0) - failed - skipped, failed, skipped, failures };
  },
};
