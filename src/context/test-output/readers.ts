/** The test runners whose output is known, and what an output says by all of them. A new runner: a file in runners/ and a line here. */
import { LONGEST_LINE } from './output-lines.ts';
import { ava } from './runners/ava.ts';
import { bun } from './runners/bun.ts';
import { cargo } from './runners/cargo.ts';
import { ctest } from './runners/ctest.ts';
import { deno } from './runners/deno.ts';
import { dotnet } from './runners/dotnet.ts';
import { exunit } from './runners/exunit.ts';
import { go } from './runners/go.ts';
import { gotestsum } from './runners/gotestsum.ts';
import { gradle } from './runners/gradle.ts';
import { jest } from './runners/jest.ts';
import { maven } from './runners/maven.ts';
import { minitest } from './runners/minitest.ts';
import { mocha } from './runners/mocha.ts';
import { nextest } from './runners/nextest.ts';
import { nodeSpec } from './runners/node-spec.ts';
import { pest } from './runners/pest.ts';
import { phpunit } from './runners/phpunit.ts';
import { playwright } from './runners/playwright.ts';
import { pytest } from './runners/pytest.ts';
import { rspec } from './runners/rspec.ts';
import { swift } from './runners/swift.ts';
import { tap } from './runners/tap.ts';
import { testUnit } from './runners/test-unit.ts';
import { unittest } from './runners/unittest.ts';
import { vitest } from './runners/vitest.ts';
import type { TestReader, TestReport } from './test-report.ts';

const READERS: readonly TestReader[] = [
  vitest,
  jest,
  mocha,
  nodeSpec,
  tap,
  ava,
  bun,
  deno,
  playwright,
  pytest,
  unittest,
  cargo,
  nextest,
  go,
  gotestsum,
  ctest,
  maven,
  gradle,
  dotnet,
  rspec,
  minitest,
  testUnit,
  phpunit,
  pest,
  exunit,
  swift,
];

/** Tools that run the tests of several packages put this before each line. */
const PACKAGE = /^[@\w./-]+[: ]test(?::[\w-]+)?: ?/;

/**
 * What an output says of tests, by every runner that it shows.
 * @param output as a terminal would show it. @returns undefined: no runner is recognised.
 */
export function readTests(output: string): TestReport | undefined {
  const lines = plainLines(output);
  const found = READERS.filter(({ sign }) => lines.some((line) => sign.test(line)));
  // What go printed is in its output, too.
  const readers = found.includes(gotestsum) ? found.filter((one) => one !== go) : found;
  const reports = readers.map(({ read }) => read(lines));
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
