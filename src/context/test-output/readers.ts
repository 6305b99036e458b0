/** The test runners whose output is known, and what an output says by all of them. A new runner: a file in runners/ and a line here. */
import { LONGEST_LINE } from './output-lines.ts';
import { cargo } from './runners/cargo.ts';
import { ctest } from './runners/ctest.ts';
import { go } from './runners/go.ts';
import { jest } from './runners/jest.ts';
import { maven } from './runners/maven.ts';
import { mocha } from './runners/mocha.ts';
import { nodeSpec } from './runners/node-spec.ts';
import { playwright } from './runners/playwright.ts';
import { pytest } from './runners/pytest.ts';
import { tap } from './runners/tap.ts';
import { unittest } from './runners/unittest.ts';
import { vitest } from './runners/vitest.ts';
import type { TestReader, TestReport } from './test-report.ts';

const READERS: readonly TestReader[] = [
  vitest,
  jest,
  mocha,
  nodeSpec,
  tap,
  playwright,
  pytest,
  unittest,
  cargo,
  go,
  ctest,
  maven,
];

/** Tools that run the tests of several packages put this before each line. */
const PACKAGE = /^[@\w./-]+[: ]test(?::[\w-]+)?: ?/;

/**
 * What an output says of tests, by every runner that it shows.
 * @param output as a terminal would show it. @returns undefined: no runner is recognised.
 */
export function readTests(output: string): TestReport | undefined {
  const lines = plainLines(output);
  const reports = READERS.filter(({ sign }) => lines.some((line) => sign.test(line))).map(({ read }) =>
    read(lines),
  );
  if (reports.length === 0) return undefined;
  const known = reports.flatMap(({ passed }) => passed ?? []);
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
  return {
    passed: known.length === 0 ? undefined : sum(known),
    failed: sum(reports.map(({ failed }) => failed)),
    skipped: sum(reports.map(({ skipped }) => skipped)),
    failures: reports.flatMap(({ failures }) => failures),
  };
}

/** The lines as the runner wrote them, none of them long. */
export function plainLines(output: string): string[] {
  const lines = output.split(/\r?\n/).map((line) => line.slice(0, LONGEST_LINE));
  const prefixed = lines.filter((line) => PACKAGE.test(line)).length;
  return prefixed * 2 > lines.length ? lines.map((line) => line.replace(PACKAGE, '')) : lines;
}
