/**
 * go test: `--- FAIL: Test` with what it logged below it, or with -v before it. Without -v nothing is said of the tests that passed;
 * a package that does not compile has its errors below `# package`.
 */
import { blocksOf, MOST_FAILURES, messageOf, placeIn } from '../output-lines.ts';
import type { TestFailure, TestReader } from '../test-report.ts';

const RESULT = /^\s*--- (PASS|FAIL|SKIP): (\S+) \(/;
/** It has tests, and they passed. */
const PACKAGE_PASSED = /^ok {2}\t(?!.*\[no tests to run\])/;
const NEXT = /^(?:=== |--- |\s+--- |FAIL\b|PASS$|ok {2}\t|# )/;

export const go: TestReader = {
  sign: /^(?:ok {2}\t|FAIL\t|\? {3}\t|--- (?:FAIL|PASS|SKIP): )/,
  read: (lines) => {
    const failed = lines.flatMap((line, at) => (RESULT.exec(line)?.[1] === 'FAIL' ? [at] : []));
    const names = failed.map((at) => RESULT.exec(lines[at] ?? '')?.[2] ?? '');
    const groups = new Set(
      names.flatMap((name) => name.split('/').map((_, end, parts) => parts.slice(0, end).join('/'))),
    );
    const single = failed.flatMap((at, index) =>
      groups.has(names[index] ?? '') ? [] : [{ at, name: names[index] ?? '' }],
    );
    const tests = single
      .slice(0, MOST_FAILURES)
      .map(({ at, name }) => failureOf(`${name}${packageOf(lines, at)}`, loggedBy(lines, at, name)));
    const builds = blocksOf(lines, /^# (\S+)/, /^(?:FAIL|ok {2})\t/)
      .filter(({ body }) => body.length > 0)
      .map(({ heading, body }) => failureOf(`${heading[1]} (does not build)`, body));
    const results = lines.flatMap((line) => RESULT.exec(line)?.[1] ?? []);
    const passed = results.filter((result) => result === 'PASS').length;
    return {
      passed: passed === 0 && lines.some((line) => PACKAGE_PASSED.test(line)) ? undefined : passed,
      failed: single.length + builds.length,
      skipped: results.filter((result) => result === 'SKIP').length,
      failures: [...builds, ...tests],
    };
  },
};

/** The package is named only where its tests end. */
function packageOf(lines: readonly string[], at: number): string {
  const end = lines.slice(at).find((line) => /^FAIL\t\S/.test(line));
  return end === undefined ? '' : ` (${end.split('\t')[1]})`;
}

function loggedBy(lines: readonly string[], at: number, name: string): readonly string[] {
  const below = upToNext(lines, at + 1);
  if (below.length > 0) return below;
  const start = lines
    .slice(0, at)
    .findLastIndex((line) => line.startsWith('=== RUN ') && line.endsWith(` ${name}`));
  return upToNext(lines, start + 1);
}

function upToNext(lines: readonly string[], start: number): readonly string[] {
  const rest = lines.slice(start);
  const end = rest.findIndex((line) => NEXT.test(line));
  return rest.slice(0, end < 0 ? undefined : end);
}

function failureOf(name: string, logged: readonly string[]): TestFailure {
  const trace = logged.findIndex((line) => /^goroutine \d+ /.test(line));
  const told = trace < 0 ? logged : logged.slice(0, trace);
  return { name, place: placeIn(told) ?? placeIn(logged), message: messageOf(told) };
}
