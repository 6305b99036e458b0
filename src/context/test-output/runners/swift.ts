/** swift test: XCTest writes `file:line: error: Class.test : message`, Swift Testing `✘ Test name recorded an issue at file:line:column: message`. */
import { MOST_FAILURES } from '../output-lines.ts';
import type { TestFailure, TestReader } from '../test-report.ts';

const XCTEST = /^(\S+):(\d+): error: (?:-\[)?([\w.]+[ .]\w+)\]? : (.*)$/;
const ISSUE = /^\S Test (?!run with )(.+) recorded an issue(?: with .*)? at (\S+):(\d+):\d+: (.*)$/;
const COMMENT = /^\s*↳ (.+)$/;
/** Of a test, not of a suite or of the run. */
const RESULT =
  /^Test Case '.*' (passed|failed|skipped) \(|^\S Test (?!run with ).+ (?:(passed|failed) after [\d.]+ seconds|(skipped)[.:])/;

export const swift: TestReader = {
  sign: /^\s+Executed \d+ tests?, with |^\S Test run with \d+ tests? /,
  read: (lines) => {
    const results = lines.flatMap((line) => RESULT.exec(line)?.slice(1).find(Boolean) ?? []);
    const count = (what: string): number => results.filter((result) => result === what).length;
    const failures = lines
      .flatMap((line, at) => failureIn(line, lines[at + 1] ?? ''))
      .slice(0, MOST_FAILURES);
    return { passed: count('passed'), failed: count('failed'), skipped: count('skipped'), failures };
  },
};

/** None or one. @param next the line below. */
function failureIn(line: string, next: string): TestFailure[] {
  const xctest = XCTEST.exec(line);
  if (xctest !== null) {
    const [, file, number, name = '', message = ''] = xctest;
    return [{ name, place: `${file}:${number}`, message: message.replace(/ - $/, '') }];
  }
  const issue = ISSUE.exec(line);
  if (issue === null) return [];
  const [, name = '', file, number, message = ''] = issue;
  const comment = COMMENT.exec(next)?.[1];
  return [
    { name, place: `${file}:${number}`, message: comment === undefined ? message : `${message}\n${comment}` },
  ];
}
