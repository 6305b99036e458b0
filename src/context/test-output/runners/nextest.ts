/** cargo-nextest: `FAIL [ 0.1s] (3/6) crate test` with what the test printed, set in, and one `Summary`. */
import { after, before, blocksOf, messageOf, placeIn, sumOf } from '../output-lines.ts';
import type { TestFailure, TestReader } from '../test-report.ts';

const SUMMARY = /^ +Summary \[ *[\d.]+s\] /;
const FAILED = /^ +(?:FAIL|SIG[A-Z]+|ABORT|TIMEOUT|LEAK-FAIL|XFAIL) \[[^\]]*\] +(?:\([^)]*\) +)?(\S+ \S.*)$/;
const NEXT = /^(?:─| {4,}(?:PASS|SKIP|SLOW|LEAK|START|FLAKY|TRY) | {2}Cancell?ing )/;
const PANIC = /^ +thread '.*' (?:\(\d+\) )?panicked at /;
/** What the harness of a single test prints around it. */
const HARNESS =
  /^ +(?:running 1 test|test .* \.\.\. FAILED|failures:|---- .* ----|test result: .*|std(?:out|err) ─+)$/;

export const nextest: TestReader = {
  sign: SUMMARY,
  read: (lines) => {
    const failures = blocksOf(before(lines, SUMMARY), FAILED, NEXT).map(({ heading, body }) =>
      failureOf(heading[1] ?? '', body),
    );
    const counts = lines.filter((line) => SUMMARY.test(line));
    const sum = (what: string): number => sumOf(counts, new RegExp(` (\\d+) ${what}\\b`)) ?? 0;
    return {
      passed: sum('passed'),
      failed: sum('failed') + sum('timed out') + sum('exec failed'),
      skipped: sum('skipped'),
      failures,
    };
  },
};

function failureOf(name: string, body: readonly string[]): TestFailure {
  const panic = body.find((line) => PANIC.test(line));
  const test = name.slice(name.indexOf(' ') + 1);
  const told = panic === undefined ? body : after(body, PANIC);
  const message = before(told, /^ +(?:stack backtrace:|note: (?!test did not panic))/).filter(
    (line) => !HARNESS.test(line) && line.trim() !== test,
  );
  return { name, place: placeIn(panic === undefined ? message : [panic]), message: messageOf(message) };
}
