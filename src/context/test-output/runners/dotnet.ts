/**
 * dotnet test: with VSTest `  Failed name [1 ms]`, `  Error Message:` and `  Stack Trace:`; with Microsoft.Testing.Platform
 * `failed name (1ms)` and all of it below, set in.
 */
import { after, before, blocksOf, either, messageOf, sumOf } from '../output-lines.ts';
import type { TestFailure, TestReader } from '../test-report.ts';

const COUNTS = /^(?:Passed|Failed|Skipped)! +- Failed: +\d+, Passed: +\d+/;
const SUMMARY = /^Test run summary: /;
const TOTAL = /^Total tests: \d+$/;
const FRAME = /^\s+at (?!Xunit\.|NUnit\.|Microsoft\.|System\.).* in (.+?)(?::line |:)(\d+)$/;

export const dotnet: TestReader = {
  sign: either(COUNTS, SUMMARY, TOTAL),
  read: (lines) => {
    const counts = lines.filter((line) => COUNTS.test(line));
    const platform = after(lines, SUMMARY);
    const verbose = after(lines, TOTAL);
    const sum = (vstest: string, name: string): number =>
      (sumOf(counts, new RegExp(` ${vstest}: +(\\d+)`)) ?? 0) +
      (sumOf(platform, new RegExp(`^ {2}${name}: (\\d+)$`)) ?? 0) +
      (sumOf(verbose, new RegExp(`^ +${vstest}: (\\d+)$`)) ?? 0);
    return {
      passed: sum('Passed', 'succeeded'),
      failed: sum('Failed', 'failed'),
      skipped: sum('Skipped', 'skipped'),
      failures: [...ofVsTest(lines), ...ofPlatform(lines)],
    };
  },
};

function ofVsTest(lines: readonly string[]): TestFailure[] {
  const end = /^(?:\S.*! +- Failed: | {2}(?:Passed|Skipped) |\[xUnit|Test Run |Total tests: )/;
  return blocksOf(lines, /^ {2}Failed (.+) \[[^[\]]*\]$/, end).map(({ heading, body }) => ({
    name: heading[1] ?? '',
    place: frameIn(body),
    message: messageOf(
      before(after(body, /^ {2}Error Message:$/), /^ {2}(?:Stack Trace|Standard Output Messages):$/),
    ),
  }));
}

function ofPlatform(lines: readonly string[]): TestFailure[] {
  return blocksOf(lines, /^failed (.+) \([^()]*\)$/, /^\S/).map(({ heading, body }) => ({
    name: heading[1] ?? '',
    place: frameIn(body),
    message: messageOf(before(body, /^\s+at /).filter((line) => !/^ {2}from .*\.(?:dll|exe) \(/.test(line))),
  }));
}

function frameIn(body: readonly string[]): string | undefined {
  for (const line of body) {
    const found = FRAME.exec(line);
    if (found !== null) return `${found[1]}:${found[2]}`;
  }
  return undefined;
}
