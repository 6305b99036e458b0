/** Bun: the source and the error of a test come before its line `(fail) name [1.00ms]` (in colour: `✗ name`). */
import { MOST_FAILURES, messageOf, placeIn, sumOf } from '../output-lines.ts';
import type { TestFailure, TestReader } from '../test-report.ts';

const RESULT = /^(?:\((?:pass|fail|skip|todo)\)|[✓✗»✎]) \S/;
const FAILED = /^(?:\(fail\)|✗) (.+?)(?: \[[\d.]+m?s\])?$/;
const FILE = /^(\S+\.[cm]?[jt]sx?):$/;
/** The same again, after many tests. */
const LIST = /^\d+ tests? (?:failed|skipped|todo):$/;
/** A file that cannot be loaded, between two rules. */
const BETWEEN = '# Unhandled error between tests';
const RULE = /^-{20,}$/;

export const bun: TestReader = {
  sign: /^Ran \d+ tests? across \d+ files?\.|^(?:\((?:pass|fail)\)|[✓✗]) .+ \[[\d.]+m?s\]$/,
  read: (lines) => {
    const failures = failuresIn(lines);
    return {
      passed: sumOf(lines, /^ (\d+) pass$/) ?? lines.filter((line) => /^(?:\(pass\)|✓) /.test(line)).length,
      failed: Math.max(sumOf(lines, /^ (\d+) fail$/) ?? 0, failures.length),
      skipped: (sumOf(lines, /^ (\d+) skip$/) ?? 0) + (sumOf(lines, /^ (\d+) todo$/) ?? 0),
      failures,
    };
  },
};

function failuresIn(lines: readonly string[]): TestFailure[] {
  const failures: TestFailure[] = [];
  let file = '';
  let told: string[] = [];
  for (const [at, line] of lines.entries()) {
    if (LIST.test(line) || failures.length === MOST_FAILURES) break;
    const isEnd = RULE.test(line) && told[0] === BETWEEN && told.length > 2;
    const name = isEnd ? file : FAILED.exec(line)?.[1];
    if (name !== undefined) {
      const more = lines[at + 1]?.startsWith('  ^ ') ? [lines[at + 1]?.slice(4) ?? ''] : [];
      failures.push(failureOf(name, [...told.filter((one) => one !== BETWEEN && !RULE.test(one)), ...more]));
    }
    file = FILE.exec(line)?.[1] ?? file;
    if (isEnd || RESULT.test(line) || FILE.test(line)) told = [];
    else if (told.length > 0 || line !== '') told.push(line);
  }
  return failures;
}

function failureOf(name: string, told: readonly string[]): TestFailure {
  return { name, place: placeIn(told.filter((line) => /^\s+at /.test(line))), message: messageOf(told) };
}
