/** PHPUnit: below `There were 2 failures:` numbered names, each with a message and places; or with --testdox ` ✘ title` and a bar. */
import { blocksOf, either, messageOf, placeIn, sumOf } from '../output-lines.ts';
import type { TestFailure, TestReader } from '../test-report.ts';

const PASSED = /^OK \((\d+) tests?, /;
const COUNTS = /^Tests: (\d+), Assertions: \d+/;
/** Also of what is no failure: risky tests, deprecations. */
const SECTION = /^(?:There (?:was|were) \d+|\d+ tests? triggered \d+) (.+):$/;
const END = /^(?:OK\b|FAILURES!|ERRORS!|WARNINGS!|Tests: )/;
const PLACE = /^\S.*\.\w+:\d+$/;

export const phpunit: TestReader = {
  sign: either(PASSED, COUNTS),
  read: (lines) => {
    const told = blocksOf(lines, SECTION, END)
      .filter(({ heading }) => /\b(?:failures?|errors?)$/.test(heading[1] ?? ''))
      .flatMap(({ body }) => blocksOf(body, /^\d+\) (.+)$/, /^--$/))
      .map(({ heading, body }) => failureOf(heading[1] ?? '', body));
    const counts = lines.filter((line) => COUNTS.test(line));
    const sum = (what: string): number => sumOf(counts, new RegExp(`, ${what}: (\\d+)`)) ?? 0;
    const failed = sum('Errors') + sum('Failures');
    const skipped = sum('Skipped') + sum('Incomplete');
    const other = (sumOf(counts, COUNTS) ?? failed + skipped) - failed - skipped;
    return {
      passed: (sumOf(lines, PASSED) ?? 0) + other,
      failed,
      skipped,
      failures: told.length > 0 || failed === 0 ? told : titled(lines),
    };
  },
};

/** With --testdox. */
function titled(lines: readonly string[]): TestFailure[] {
  const bar = /^ {3}[│├┐┴┊╵] ?/;
  return blocksOf(lines, /^ ✘ (.+)$/, /^(?! {3}[│├┐┴┊╵])/).map(({ heading, body }) =>
    failureOf(
      heading[1] ?? '',
      body.map((line) => line.replace(bar, '')),
    ),
  );
}

function failureOf(name: string, body: readonly string[]): TestFailure {
  return {
    name,
    place: placeIn(body.filter((line) => PLACE.test(line))),
    message: messageOf(body.filter((line) => !PLACE.test(line))),
  };
}
