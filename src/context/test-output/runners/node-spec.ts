/** The spec reporter of Node: after `✖ failing tests:`, `test at file:line:column`, `✖ name (1 ms)` and the error. */

import { errorLines } from '../error-lines.ts';
import { after, before, blocksOf, messageOf, placeIn, sumOf } from '../output-lines.ts';
import type { TestReader } from '../test-report.ts';

const FAILING = /^✖ failing tests:$/;
/** A file that ended with an error, which it has printed itself. */
const FILE_FAILED = "'test failed'";

export const nodeSpec: TestReader = {
  sign: /^ℹ tests \d+$/,
  read: (lines) => {
    const printed = before(lines, /^\s*[✔✖▶] /u);
    const failures = blocksOf(after(lines, FAILING), /^test at (.+?:\d+):\d+$/).map(({ heading, body }) => {
      const [title = '', ...rest] = body;
      const error = before(rest, /^ {6}at |^ {4}(?:generatedMessage|code): /);
      const message = messageOf(error);
      return {
        name: title.replace(/^✖ /, '').replace(/ \([\d.]+ms\)$/, ''),
        place: placeIn(rest.filter((line) => /^\s+at /.test(line))) ?? heading[1],
        message: message === FILE_FAILED ? messageOf(errorLines(printed)) : message,
      };
    });
    const failed = (sumOf(lines, /^ℹ fail (\d+)$/) ?? 0) + (sumOf(lines, /^ℹ cancelled (\d+)$/) ?? 0);
    return {
      passed: sumOf(lines, /^ℹ pass (\d+)$/),
      // A suite whose hook fails is no test.
      failed: Math.max(failed, failures.length),
      skipped: (sumOf(lines, /^ℹ skipped (\d+)$/) ?? 0) + (sumOf(lines, /^ℹ todo (\d+)$/) ?? 0),
      failures,
    };
  },
};
