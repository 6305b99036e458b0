/** Maven's surefire: `[ERROR] package.Class.test -- Time elapsed: 0.01 s <<< FAILURE!`, then the exception. */
import { before, blocksOf, messageOf, placeIn, sumOf } from '../output-lines.ts';
import type { TestReader } from '../test-report.ts';

/** Of all classes of a module, not of one. */
const COUNTS = /^\[\w+\] Tests run: \d+, Failures: \d+, Errors: \d+, Skipped: \d+$/;

export const maven: TestReader = {
  sign: /^\[\w+\] Tests run: \d+, Failures: \d+/,
  read: (lines) => {
    const failures = blocksOf(lines, /^\[ERROR\] ([\w.$]+\.\S+) .*<<< (?:FAILURE|ERROR)!$/, /^(?:\[|$)/).map(
      ({ heading, body }) => ({
        name: heading[1] ?? '',
        place: placeIn(body.filter((line) => ownFrame(heading[1] ?? '').test(line))),
        message: messageOf(before(body, /^\s+at /)),
      }),
    );
    const counts = lines.filter((line) => COUNTS.test(line));
    const failed = (sumOf(counts, /Failures: (\d+)/) ?? 0) + (sumOf(counts, /Errors: (\d+)/) ?? 0);
    const skipped = sumOf(counts, /Skipped: (\d+)/) ?? 0;
    return { passed: (sumOf(counts, /Tests run: (\d+)/) ?? 0) - failed - skipped, failed, skipped, failures };
  },
};

/** A frame of the class of the test: those above it are of the library that compares. */
function ownFrame(name: string): RegExp {
  const [, owner = ''] = /^(.*)\.[^.]*$/.exec(name) ?? [];
  return new RegExp(`^\\s+at ${owner.replace(/[.$]/g, '\\$&')}[.$]`);
}
