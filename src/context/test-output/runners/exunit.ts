/** ExUnit: `  1) test name (Module)`, where the test is, the message, and the frames below `stacktrace:`. */
import { after, before, blocksOf, messageOf, placeIn, sumOf } from '../output-lines.ts';
import type { TestReader } from '../test-report.ts';

const COUNTS = /^(?:\d+ (?:doctests?|features?|property|properties), )*\d+ tests?, \d+ failures?\b/;
const STACK = /^ +stacktrace:$/;

export const exunit: TestReader = {
  sign: COUNTS,
  read: (lines) => {
    const failures = blocksOf(lines, /^ {2}\d+\) (.+)$/, /^(?:\S| {2}\* )/).map(
      ({ heading: [, name = ''], body: [start = '', ...told] }) => {
        const ofTest = after(told, STACK).filter((line) => /: \(test\)$|: anonymous fn/.test(line));
        return { name, place: placeIn([...ofTest, start]), message: messageOf(before(told, STACK)) };
      },
    );
    const counts = lines.filter((line) => COUNTS.test(line));
    const sum = (what: string): number => sumOf(counts, new RegExp(`\\b(\\d+) ${what}\\b`)) ?? 0;
    const all = ['doctests?', 'features?', 'property', 'properties', 'tests?'].map(sum);
    const failed = sum('failures?') + sum('invalid');
    const skipped = sum('skipped');
    return {
      passed: all.reduce((total, one) => total + one, 0) - failed - skipped - sum('excluded'),
      failed,
      skipped,
      failures,
    };
  },
};
