/** RSpec: after `Failures:`, numbered titles, each with a message and places behind `#`; files that cannot be loaded come before. */
import { after, before, blocksOf, messageOf, placeIn, sumOf } from '../output-lines.ts';
import type { TestFailure, TestReader } from '../test-report.ts';

const COUNTS = /^\d+ examples?, \d+ failures?\b/;
const END = /^(?:Finished in |Failed examples:)/;
const FRAME = /^\s*# /;
/** A file, or a hook of the whole run. */
const NO_EXAMPLES = /^An error occurred (?:while loading (\S+)\.|in (.+?)\.?)(?: - Did you mean\?)?$/;

export const rspec: TestReader = {
  sign: COUNTS,
  read: (lines) => {
    const outside = blocksOf(lines, NO_EXAMPLES, END).map(({ heading: [, file, hook = ''], body }) =>
      failureOf(file?.replace(/^\.\//, '') ?? hook, after(body, /^$/)),
    );
    const examples = blocksOf(after(lines, /^Failures:$/), /^ {2}\d+\) (.+)$/, END).map(
      ({ heading: [, title = ''], body }) => failureOf(title, body),
    );
    const counts = lines.filter((line) => COUNTS.test(line));
    const failed = sumOf(counts, / (\d+) failures?/) ?? 0;
    const pending = sumOf(counts, / (\d+) pending/) ?? 0;
    return {
      passed: (sumOf(counts, /^(\d+) /) ?? 0) - failed - pending,
      failed: failed + (sumOf(counts, / (\d+) errors? occurred outside/) ?? 0),
      skipped: pending,
      failures: [...outside, ...examples],
    };
  },
};

function failureOf(name: string, body: readonly string[]): TestFailure {
  const told = before(body, FRAME).filter((line) => !/^\s*(?:\(compared using \S+\)|Diff:)$/.test(line));
  return { name, place: placeIn(body.filter((line) => FRAME.test(line))), message: messageOf(told) };
}
