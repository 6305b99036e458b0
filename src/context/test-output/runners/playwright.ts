/** Playwright: `  1) [project] › file:line:column › suite › test ───`, then the error. */
import { before, blocksOf, messageOf, sumOf } from '../output-lines.ts';
import type { TestReader } from '../test-report.ts';

export const playwright: TestReader = {
  sign: /^Running \d+ tests? using \d+ workers?$/,
  read: (lines) => {
    const end = /^ {2}\d+ (?:failed|flaky|skipped|passed|did not run)\b/;
    const failures = blocksOf(lines, /^ {2}\d+\) (.+?)(?: ─+)?\s*$/, end).map(
      ({ heading: [, title = ''], body }) => {
        const place = /(\S+:\d+):\d+ › /.exec(title)?.[1];
        return {
          name: title.replace(/^(?:\[[^\]]*\] › )?\S+:\d+:\d+ › /, ''),
          place,
          message: messageOf(before(body, /^ +>? *\d+ \||^ {8}at |^ {4}(?:Error Context|Retry #)/)),
        };
      },
    );
    return {
      passed: sumOf(lines, /^ {2}(\d+) passed\b/) ?? 0,
      failed: sumOf(lines, /^ {2}(\d+) failed\b/) ?? 0,
      skipped: sumOf(lines, /^ {2}(\d+) skipped\b/) ?? 0,
      failures,
    };
  },
};
