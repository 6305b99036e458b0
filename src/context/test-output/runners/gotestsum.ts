/** gotestsum: at the end `=== FAIL: package Test (0.00s)` with what the test logged, `=== Errors` of what does not build, and `DONE`. */
import { before, blocksOf, messageOf, placeIn, sumOf } from '../output-lines.ts';
import type { TestFailure, TestReader } from '../test-report.ts';

const DONE = /^DONE (?:\d+ runs, )?\d+ tests?\b/;
const END = /^(?:=== |DONE )/;

export const gotestsum: TestReader = {
  sign: DONE,
  read: (lines) => {
    const blocks = blocksOf(lines, /^=== FAIL: (\S+) (\S+) \(/, END);
    const groups = new Set(
      blocks.flatMap(({ heading: [, folder = '', name = ''] }) =>
        name.split('/').map((_, end, parts) => `${folder} ${parts.slice(0, end).join('/')}`),
      ),
    );
    const tests = blocks
      .map(({ heading: [, folder = '', name = ''], body }) => failureOf(`${folder} ${name}`, body))
      .filter(({ name }) => !groups.has(name));
    const builds = blocksOf(lines, /^=== Errors$/, END).map(({ body }) =>
      failureOf('(does not build)', body),
    );
    const done = lines.filter((line) => DONE.test(line));
    const skipped = sumOf(done, / (\d+) skipped/) ?? 0;
    const failed = tests.length + builds.length;
    return {
      // Groups are tests, too.
      passed: Math.max(0, (sumOf(done, / (\d+) tests?\b/) ?? 0) - skipped - blocks.length),
      failed: Math.max(failed, sumOf(done, / (\d+) errors?/) ?? 0),
      skipped,
      failures: [...builds, ...tests],
    };
  },
};

function failureOf(name: string, logged: readonly string[]): TestFailure {
  const told = before(logged, /^goroutine \d+ /);
  return { name, place: placeIn(told) ?? placeIn(logged), message: messageOf(told) };
}
