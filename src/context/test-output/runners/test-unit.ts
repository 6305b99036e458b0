/** Ruby's test-unit: `Failure: test(Class)` below a rule, the places, some lines of source, and the message. */
import { blocksOf, messageOf, placeIn, sumOf } from '../output-lines.ts';
import type { TestReader } from '../test-report.ts';

const COUNTS = /^\d+ tests, \d+ assertions, \d+ failures, \d+ errors, \d+ pendings/;
const FRAME = /^\S+:\d+:in /;
const SOURCE = /^\s+(?:=> )?\d+: /;

export const testUnit: TestReader = {
  sign: COUNTS,
  read: (lines) => {
    const failures = blocksOf(lines, /^(?:Failure|Error): (\w[^:]*)(?:: (.*))?$/, /^={20,}$/).map(
      ({ heading: [, name = '', error = ''], body }) => ({
        name,
        place: placeIn(body.filter((line) => FRAME.test(line))),
        message: messageOf([error, ...body.filter((line) => !FRAME.test(line) && !SOURCE.test(line))]),
      }),
    );
    const counts = lines.filter((line) => COUNTS.test(line));
    const failed = (sumOf(counts, / (\d+) failures/) ?? 0) + (sumOf(counts, / (\d+) errors/) ?? 0);
    const skipped = (sumOf(counts, / (\d+) pendings/) ?? 0) + (sumOf(counts, / (\d+) omissions/) ?? 0);
    return { passed: (sumOf(counts, /^(\d+) tests/) ?? 0) - failed - skipped, failed, skipped, failures };
  },
};
