/** Python's unittest: `FAIL: test (module.Class.test)` between rules, then a traceback. */
import { blocksOf, messageOf, placeIn, sumOf } from '../output-lines.ts';
import type { TestReader } from '../test-report.ts';

const RAN = /^Ran (\d+) tests? in /;
const END = /^(?:OK|FAILED)(?: \(.*\))?$/;

export const unittest: TestReader = {
  sign: RAN,
  read: (lines) => {
    const blocks = blocksOf(lines, /^(?:FAIL|ERROR): (.+)$/, /^(?:={70}|Ran \d+ tests?)/);
    const failures = blocks.map(({ heading, body }) => {
      const frames = body.filter((line) => /^\s+File "/.test(line));
      const last = body.findLastIndex((line) => /^\s/.test(line));
      return {
        name: heading[1] ?? '',
        place: placeIn(frames.toReversed()),
        message: messageOf(body.slice(last + 1).filter((line) => !/^-{70}$/.test(line))),
      };
    });
    const ended = lines.filter((line) => END.test(line));
    const skipped = sumOf(ended, /skipped=(\d+)/) ?? 0;
    // One test may have failed for several subtests.
    const tests = new Set(failures.map(({ name }) => name.replace(/(?<=\)) .*$/, '')));
    return {
      passed: Math.max(0, (sumOf(lines, RAN) ?? 0) - tests.size - skipped),
      failed: failures.length,
      skipped,
      failures,
    };
  },
};
