/** Jest: `FAIL file`, then `  ● suite › test` and a message for each failure of the file. */
import { blocksOf, messageOf, placeIn, sumOf } from '../output-lines.ts';
import type { TestFailure, TestReader } from '../test-report.ts';

/** In colour with a blank on either side. */
const FILE = /^ ?(?:FAIL|PASS) {1,2}(\S+)/;
const COUNTS = /^Tests: +/;
/** --bail stops after some of the files, says so with the numbers until then, and later says the numbers again. */
const SOME_FILES = /^Test Suites: .*\d+ of \d+ total$/;
/** A file that cannot be loaded. */
const NO_RUN = 'Test suite failed to run';
/** What Jest explains of each file that it cannot read. */
const ADVICE = /^\s+(?:Jest encountered|Jest failed to parse)/;

export const jest: TestReader = {
  sign: /^Tests: +(?:\d+ \w+, )*\d+ total/,
  read: (lines) => {
    const files = blocksOf(lines, FILE, /^(?:Test Suites:|Summary of all failing tests)/);
    const failures = files.flatMap(({ heading, body }) => failuresIn(heading[1] ?? '', body));
    const all = lines.flatMap((line, at) => (COUNTS.test(line) ? [at] : []));
    const last = all.filter((at) => !SOME_FILES.test(lines[at - 1] ?? ''));
    const counts = (last.length > 0 ? last : all).map((at) => lines[at] ?? '');
    return {
      passed: sumOf(counts, /(\d+) passed/) ?? 0,
      failed: Math.max(sumOf(counts, /(\d+) failed/) ?? 0, failures.length),
      skipped: (sumOf(counts, /(\d+) skipped/) ?? 0) + (sumOf(counts, /(\d+) todo/) ?? 0),
      failures,
    };
  },
};

function failuresIn(file: string, lines: readonly string[]): TestFailure[] {
  return blocksOf(lines, /^ {2}● (.+)$/)
    .filter(({ heading }) => heading[1] !== 'Console')
    .map(({ heading: [, title = ''], body }) => {
      const details = body.findIndex((line) => /^ {4}Details:$/.test(line));
      const told = body.some((line) => ADVICE.test(line)) && details >= 0 ? body.slice(details + 1) : body;
      const place = placeIn(body.filter((line) => /^\s+at /.test(line)));
      return { name: title === NO_RUN ? file : title, place: place ?? file, message: messageOf(told) };
    });
}
