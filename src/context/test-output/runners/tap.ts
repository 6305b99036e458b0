/** The Test Anything Protocol (Node's tap reporter, tape, tap, prove): `not ok 1 - name` with a block between `---` and `...`. */
import { errorLines } from '../error-lines.ts';
import { blocksOf, MOST_FAILURES, messageOf, placeIn, sumOf } from '../output-lines.ts';
import type { TestFailure, TestReader } from '../test-report.ts';

const POINT = /^\s*(?:not )?ok\b(?: \d+)?(?: -)? ?(.*)$/;
/** Of a group: its tests are reported themselves. */
const OF_GROUP = /^\s+failureType: 'subtestsFailed'$/;
const DIRECTIVE = /# (?:SKIP|TODO)\b/i;

export const tap: TestReader = {
  sign: /^TAP version \d+$/,
  read: (lines) => {
    const points = blocksOf(lines, POINT, /^\s*(?:\d+\.\.\d+|# )/);
    const bad = points.filter(({ heading: [line] }) => /^\s*not /.test(line) && !DIRECTIVE.test(line));
    const single = bad.filter(({ body }) => !body.some((line) => OF_GROUP.test(line)));
    const printed = lines.flatMap((line) => /^# (?!Subtest)(.+)$/.exec(line)?.[1] ?? []);
    const failures = single
      .slice(0, MOST_FAILURES)
      .map(({ heading, body }) => failureOf(heading[1] ?? '', body, printed));
    const skipped = points.filter(({ heading: [line] }) => DIRECTIVE.test(line)).length;
    return {
      passed: sumOf(lines, /^# pass +(\d+)$/) ?? points.length - bad.length - skipped,
      failed: sumOf(lines, /^# fail +(\d+)$/) ?? single.length,
      skipped,
      failures,
    };
  },
};

/** @param printed what a file that ended with an error has said of it. */
function failureOf(name: string, body: readonly string[], printed: readonly string[]): TestFailure {
  const place = placeIn([
    ...body.filter((line) => /^\s+(?:at: |location: )/.test(line)),
    ...yamlValue(body, 'stack'),
  ]);
  const error = yamlValue(body, 'error');
  const expected = yamlValue(body, 'expected');
  const told =
    error.length > 0
      ? error
      : [`expected: ${expected.join(' ')}`, `actual: ${yamlValue(body, 'actual').join(' ')}`];
  const isOfFile = error[0] === 'test failed';
  return {
    name,
    place,
    message: isOfFile
      ? messageOf(errorLines(printed))
      : expected.length > 0 || error.length > 0
        ? messageOf(told)
        : '',
  };
}

/** The value of a key in the block: on its line, or in the lines below that are indented more. */
function yamlValue(body: readonly string[], key: string): string[] {
  const at = body.findIndex((line) => line.trimStart().startsWith(`${key}:`));
  const line = body[at];
  if (line === undefined) return [];
  const value = line.slice(line.indexOf(':') + 1).trim();
  if (value !== '' && !/^[|>]-?$/.test(value)) return [value.replace(/^'(.*)'$/, '$1')];
  const indent = line.search(/\S/);
  const rest = body.slice(at + 1);
  const end = rest.findIndex((next) => next.trim() !== '' && next.search(/\S/) <= indent);
  return rest.slice(0, end < 0 ? undefined : end).map((next) => next.slice(indent + 2));
}
