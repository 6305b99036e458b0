/**
 * What a model reads of a run of tests: what failed, or one line. Bounded, whatever the output is; the first failures come whole, the
 * others by name.
 */
import type { TestRun } from '../../protocol/evidence.ts';
import { plural } from '../../text/digits.ts';
import { truncateText } from '../truncate.ts';
import { errorLines, lastLines } from './error-lines.ts';
import { type NotRun, whyNotRun } from './not-run.ts';
import { plainLines, readTests } from './readers.ts';
import type { TestFailure, TestReport } from './test-report.ts';

interface TestOutput {
  /** As a terminal would show it. */
  readonly output: string;
  /** Undefined: the time was over. */
  readonly exitCode: number | undefined;
  /** Absolute: paths in it are shown relative to it. */
  readonly folder: string;
  /** Bytes. */
  readonly limitBytes: number;
}

export interface TestSummary {
  readonly text: string;
  readonly run: TestRun;
}

/** Failing tests that are kept by name. */
const MOST_NAMES = 20;
const MOST_NAME = 200;
/** Bytes for the names of the failures that are not shown. */
const NAMES_BYTES = 600;
const LAST_LINES = 12;
const LATE = ' so far (stopped: the time was over)';
/** Of a passing run whose numbers are not known. */
const PASSED_LINES = 3;

const NOT_RUN: Readonly<Record<NotRun, string>> = {
  'no tests': 'No tests were found',
  'not installed': 'The tests cannot run: something is not installed',
  'no such command': 'The tests cannot run: there is no such command',
};

/** What a run came to; undefined: its output does not say. */
export function testRunOf(output: string): TestRun | undefined {
  const report = readTests(output);
  return report && runOf(report);
}

export function summaryOf({ output, exitCode, folder, limitBytes }: TestOutput): TestSummary {
  const local = output.replaceAll(`file://${folder}/`, '').replaceAll(`${folder}/`, '');
  const report = readTests(local);
  const lines = plainLines(local);
  const hasPassed = exitCode === 0 && !report?.failed;
  const text = hasPassed ? passedText(report, lines) : failedText(report, lines, exitCode, limitBytes);
  return { text: truncateText(text, { limitBytes }).text, run: runOf(report) };
}

function runOf(report: TestReport | undefined): TestRun {
  if (report === undefined) return { failing: [] };
  const { passed, failed, skipped, failures } = report;
  const failing = [...new Set(failures.map(({ name }) => name.slice(0, MOST_NAME)))].slice(0, MOST_NAMES);
  return { passed, failed, skipped, failing };
}

function passedText(report: TestReport | undefined, lines: readonly string[]): string {
  const none = whyNotRun(lines);
  const isNone = none?.reason === 'no tests' || (report?.passed === 0 && report.failed === 0);
  if (isNone && !report?.passed)
    return `No tests ran (exit code 0).${none === undefined ? '' : `\n${none.line}`}`;
  if (report?.passed === undefined)
    return ['The tests passed (exit code 0):', ...lastLines(lines, PASSED_LINES)].join('\n');
  return `${plural(report.passed, 'test')} passed${skippedText(report)}.`;
}

function failedText(
  report: TestReport | undefined,
  lines: readonly string[],
  exitCode: number | undefined,
  limitBytes: number,
): string {
  const end = exitCode === undefined ? LATE : ` (exit code ${exitCode})`;
  if (report !== undefined && report.failures.length > 0) return failuresText(report, end, limitBytes);
  const why = report?.passed ? undefined : whyNotRun(lines);
  if (why !== undefined && exitCode !== undefined) return `${NOT_RUN[why.reason]}${end}:\n${why.line}`;
  const errors = errorLines(lines);
  const last = lastLines(lines, LAST_LINES).filter((line) => !errors.includes(line));
  const ran = ranText(report, exitCode === undefined);
  return [`${ran}${end}:`, ...errors, ...(last.length > 0 && errors.length > 0 ? ['…'] : []), ...last].join(
    '\n',
  );
}

function ranText(report: TestReport | undefined, isLate: boolean): string {
  const passed = report?.passed ? `${plural(report.passed, 'test')} passed` : undefined;
  if (isLate) return passed ?? 'No result';
  if (passed !== undefined) return `${passed}, but the run failed`;
  return report?.passed === 0 ? 'No tests ran' : 'The tests did not run to their end';
}

function failuresText(report: TestReport, end: string, limitBytes: number): string {
  const { passed, failed, failures } = report;
  const counts =
    passed === undefined
      ? `${plural(failed, 'test')} failed`
      : `${failed} of ${plural(passed + failed, 'test')} failed`;
  const head = `${counts}${skippedText(report)}${end}.`;
  const parts = [head];
  let left = limitBytes - Buffer.byteLength(head) - NAMES_BYTES;
  for (const failure of failures) {
    const text = `\n${failureText(failure)}`;
    left -= Buffer.byteLength(text) + 1;
    if (left < 0 && parts.length > 1) break;
    parts.push(text);
  }
  const rest = failures.slice(parts.length - 1);
  return [...parts, ...(rest.length > 0 ? [`\n${moreText(rest)}`] : [])].join('\n');
}

function skippedText({ skipped }: TestReport): string {
  return skipped > 0 ? `, ${skipped} skipped` : '';
}

function failureText({ name, place, message }: TestFailure): string {
  const where = place === undefined || name.includes(place) ? '' : ` (${place})`;
  return `FAIL ${name.slice(0, MOST_NAME)}${where}${message === '' ? '' : `\n${message}`}`;
}

/** `and 37 more: a, b, c …` */
function moreText(rest: readonly TestFailure[]): string {
  const names: string[] = [];
  let left = NAMES_BYTES - 40;
  for (const { name } of rest) {
    left -= Buffer.byteLength(name) + 2;
    if (left < 0) break;
    names.push(name);
  }
  const list = names.length === 0 ? '' : `: ${names.join(', ')}${names.length < rest.length ? ' …' : ''}`;
  return `and ${rest.length} more${list}`;
}
