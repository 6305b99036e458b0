/** What the output of a test runner says, as the readers of runners/ give it. */

export interface TestFailure {
  /** As the runner names the test. */
  readonly name: string;
  /** `file:line`, as the runner writes the file; undefined: it names none. */
  readonly place: string | undefined;
  /** What went wrong, without stack and source. May be empty. */
  readonly message: string;
}

/** Numbers are undefined where the runner does not say them. */
export interface TestReport {
  readonly passed: number | undefined;
  readonly failed: number;
  readonly skipped: number;
  /** In the order of the output. */
  readonly failures: readonly TestFailure[];
}

/** How the output of one test runner is read. Pure; never throws, whatever the lines are. */
export interface TestReader {
  /** A line that only this runner writes, when it has run tests. */
  readonly sign: RegExp;
  /** @param lines without escape sequences, none longer than `LONGEST_LINE`. */
  readonly read: (lines: readonly string[]) => TestReport;
}
