/** cargo test: `---- name stdout ----` with what the test printed, and `test result:` for each target. */
import { before, blocksOf, messageOf, placeIn, sumOf } from '../output-lines.ts';
import type { TestReader } from '../test-report.ts';

const PANIC = /^thread '.*' (?:\(\d+\) )?panicked at /;

export const cargo: TestReader = {
  sign: /^test result: (?:ok|FAILED)\. \d+ passed/,
  read: (lines) => {
    const failures = blocksOf(lines, /^---- (.+) stdout ----$/, /^(?:failures:|test result: )/).map(
      ({ heading, body }) => {
        const told = before(body, /^(?:stack backtrace:|note: )/);
        return {
          name: heading[1] ?? '',
          place: placeIn(told.filter((line) => PANIC.test(line))),
          message: messageOf(told.filter((line) => !PANIC.test(line))),
        };
      },
    );
    return {
      passed: sumOf(lines, /^test result: \w+\. (\d+) passed/),
      failed: sumOf(lines, /^test result: .*; (\d+) failed/) ?? 0,
      skipped: sumOf(lines, /^test result: .*; (\d+) ignored/) ?? 0,
      failures,
    };
  },
};
