/** Why no test ran, by what runners, package managers and shells say. */

export type NotRun =
  /** There is none that the target or the configuration means. */
  | 'no tests'
  /** The runner, or what it needs, is not installed. */
  | 'not installed'
  /** What the command names does not exist: a script, a make target. */
  | 'no such command';

/** Each pattern is tried on single lines; the first row that fits decides. */
const REASONS: readonly (readonly [NotRun, RegExp])[] = [
  [
    'no such command',
    /^npm (?:error|ERR!) Missing script: |^\s*ERR_PNPM_NO_SCRIPT|^error Command "\S+" not found|^Usage Error: Couldn['’]t find a script named|^make(?:\[\d+\])?: \*\*\* No rule to make target|^error: Script not found/,
  ],
  [
    'not installed',
    /(?:^|: )(?:command not found|not found|No such file or directory)$|^\S*python[\d.]*: No module named \w+$|^\S+: command not found|ModuleNotFoundError: No module named '(?:pytest|nose2|django)'|Cannot find (?:module|package) '\S*node_modules\/\S*'|^error: no such command: |^Could not (?:find|load) (?:gem|bundler)|^bundler: command not found|^Could not find \S+ in (?:locally installed gems|any of the sources)|^Error: Could not find or load main class org\.gradle\.wrapper\.|^Unchecked dependencies for environment|^No \.NET SDKs were found/,
  ],
  [
    'no tests',
    /^No test files found, exiting|^(?:> )?No tests found(?:[,!.]| related| for|$)|^Error: No test files found|^Error: No tests found|^Could not find '|^no tests ran|^=+ no tests ran|^ERROR: (?:file or directory )?not found: |^No tests were found!!!|^NO TESTS RAN|No tests (?:were )?executed|No tests matching pattern|^error: (?:No test modules found|regex ".*" matched 0 tests|no tests to run)|^The following filters did not match any test files|^Paths given to "mix test" did not match|Couldn[’']t find any (?:matching tests|files to test)|^No examples found\.|^All examples were filtered out|^No test (?:matches the given testcase filter|is available in )|^(?:Cannot open file|Test file) "/,
  ],
];

interface WhyNotRun {
  readonly reason: NotRun;
  /** The line that says so. */
  readonly line: string;
}

export function whyNotRun(lines: readonly string[]): WhyNotRun | undefined {
  for (const [reason, pattern] of REASONS) {
    const line = lines.find((one) => pattern.test(one.trim()));
    if (line !== undefined) return { reason, line: line.trim() };
  }
  return undefined;
}
