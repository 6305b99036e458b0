/** CTest: `1/3 Test #1: name ...***Failed 0.00 sec`, with the output of the test below it if that was asked for. */
import { blocksOf, messageOf, placeIn, sumOf } from '../output-lines.ts';
import type { TestReader } from '../test-report.ts';

const TOTAL = /^\d+% tests passed, \d+ tests? failed out of (\d+)$/;
const RESULT = /^ *\d+\/\d+ Test +#\d+: (\S+) [ .]*(?:\*\*\*)?(\w.*?) +[\d.]+ sec$/;

export const ctest: TestReader = {
  sign: TOTAL,
  read: (lines) => {
    const failures = blocksOf(lines, RESULT, /^(?: +Start +\d+:|\d+% tests passed)/)
      .filter(({ heading }) => heading[0].includes('***'))
      .map(({ heading, body }) => ({
        name: heading[1] ?? '',
        place: placeIn(body),
        message: messageOf([...(heading[2] === 'Failed' ? [] : [heading[2] ?? '']), ...body]),
      }));
    const failed = sumOf(lines, /^\d+% tests passed, (\d+) tests? failed/) ?? 0;
    return { passed: (sumOf(lines, TOTAL) ?? failed) - failed, failed, skipped: 0, failures };
  },
};
