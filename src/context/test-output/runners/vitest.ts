/** Vitest: ` FAIL  file > suite > test`, a message, ` ❯ file:line:column`. */
import { before, blocksOf, messageOf, placeIn, sumOf } from '../output-lines.ts';
import type { TestReader } from '../test-report.ts';

const COUNTS = /^\s+Tests {2}/;
const FRAME = /^\s*❯ .+:\d+:\d+/;

export const vitest: TestReader = {
  sign: /^\s+Test Files {2}(?:\d+ \w+|no tests)/,
  read: (lines) => {
    const blocks = blocksOf(lines, /^\s?FAIL {2}(.+)$/, /^⎯⎯|^\s+Test Files {2}/);
    const failures = blocks.map(({ heading, body }) => ({
      name: (heading[1] ?? '').replace(/ \[ .* \]$/, ''),
      place: placeIn(body.filter((line) => FRAME.test(line))),
      message: messageOf(before(body, FRAME)),
    }));
    const counts = lines.filter((line) => COUNTS.test(line));
    return {
      passed: sumOf(counts, /(\d+) passed/) ?? 0,
      failed: Math.max(sumOf(counts, /(\d+) failed/) ?? 0, failures.length),
      skipped: (sumOf(counts, /(\d+) skipped/) ?? 0) + (sumOf(counts, /(\d+) todo/) ?? 0),
      failures,
    };
  },
};
