/**
 * Gradle: `Class > test FAILED` and the exception, by default without its message. Of tests that passed it says something only if the
 * build asks for it.
 */
import { before, blocksOf, either, messageOf, placeIn, sumOf } from '../output-lines.ts';
import type { TestReader } from '../test-report.ts';

const COUNTS = /^\d+ tests? completed, \d+ failed/;
const RESULT = /^\S(?=.* > ).* (PASSED|FAILED|SKIPPED)$/;

export const gradle: TestReader = {
  sign: either(COUNTS, RESULT),
  read: (lines) => {
    const failures = blocksOf(lines, /^(\S(?=.* > ).*) FAILED$/, /^\S/).map(
      ({ heading: [, name = ''], body }) => {
        const [, error = '', place] = /^\s+(\S.*) at (\S+:\d+)$/.exec(body[0] ?? '') ?? [];
        return place === undefined
          ? {
              name,
              place: placeIn(body.filter((line) => isOwnFrame(line, name))),
              message: messageOf(before(body, /^\s+at /)),
            }
          : { name, place, message: error };
      },
    );
    const results = lines.flatMap((line) => RESULT.exec(line)?.[1] ?? []);
    const count = (what: string): number => results.filter((result) => result === what).length;
    const counts = lines.filter((line) => COUNTS.test(line));
    const failed = sumOf(counts, / (\d+) failed/) ?? count('FAILED');
    const skipped = sumOf(counts, / (\d+) skipped/) ?? count('SKIPPED');
    const completed = sumOf(counts, /^(\d+) /);
    return {
      passed: completed === undefined ? count('PASSED') : completed - failed - skipped,
      failed,
      skipped,
      failures,
    };
  },
};

/** A frame of the class of the test: those above it are of the library that compares. */
function isOwnFrame(line: string, name: string): boolean {
  const owner = name.split(' > ')[0]?.split('.').at(-1) ?? '';
  return /^\s+at /.test(line) && line.includes(`${owner}.`);
}
