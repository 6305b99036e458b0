/** Deno: after ` ERRORS `, `name => file:line:column` and the error of each test. */
import { after, before, blocksOf, messageOf, placeIn, sumOf } from '../output-lines.ts';
import type { TestReader } from '../test-report.ts';

const COUNTS = /^(?:ok|FAILED) \| \d+ passed /;
const FRAME = /^ {4}at /;

export const deno: TestReader = {
  sign: COUNTS,
  read: (lines) => {
    const errors = before(after(lines, /^\s*ERRORS\s*$/), /^\s*FAILURES\s*$/);
    const failures = blocksOf(errors, /^(\S.*) => (\S+:\d+):\d+$|^(\S+) \(uncaught error\)$/).map(
      ({ heading: [, name, place = '', file = ''], body }) => ({
        name: name ?? file.replace(/^\.\//, ''),
        place: placeIn([...body.filter((line) => FRAME.test(line)), place]),
        message: messageOf(before(body, FRAME)),
      }),
    );
    const counts = lines.filter((line) => COUNTS.test(line));
    return {
      passed: sumOf(counts, / (\d+) passed/) ?? 0,
      failed: sumOf(counts, / (\d+) failed/) ?? 0,
      skipped: sumOf(counts, / (\d+) ignored/) ?? 0,
      failures,
    };
  },
};
