/** Mocha: after `N failing`, numbered titles, each over several lines that are indented more and more, and a message. */
import { after, blocksOf, messageOf, placeIn, sumOf } from '../output-lines.ts';
import type { TestReader } from '../test-report.ts';

const FAILING = /^ {2}(\d+) failing\b/;

export const mocha: TestReader = {
  sign: /^ {2}\d+ passing\b/,
  read: (lines) => {
    const failures = blocksOf(after(lines, FAILING), /^ {2}\d+\) (.+)$/).map(({ heading, body }) => {
      const title = [heading[1] ?? ''];
      let rest = body;
      while (!title.at(-1)?.endsWith(':') && rest[0]?.startsWith('       ')) {
        title.push(rest[0].trim());
        rest = rest.slice(1);
      }
      return {
        name: title.join(' > ').replace(/:$/, ''),
        place: placeIn(rest.filter((line) => /^\s+at /.test(line))),
        message: messageOf(withoutDiff(rest)),
      };
    });
    return {
      passed: sumOf(lines, /^ {2}(\d+) passing\b/),
      failed: sumOf(lines, FAILING) ?? 0,
      skipped: sumOf(lines, /^ {2}(\d+) pending\b/) ?? 0,
      failures,
    };
  },
};

/** An assertion of Node's has its own difference; mocha adds another one. */
function withoutDiff(lines: readonly string[]): readonly string[] {
  const diff = lines.findIndex((line) => /^ {6}\+ expected - actual$/.test(line));
  const isSaid = lines
    .slice(0, Math.max(diff, 0))
    .some((line) => /^(?:\+ actual| {2}|[^ ].* !== )/.test(line) && !/^ {6}/.test(line));
  return diff >= 0 && isSaid
    ? [...lines.slice(0, diff), ...lines.slice(diff).filter((line) => /^\s+at /.test(line))]
    : lines;
}
