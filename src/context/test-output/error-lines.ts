/** Where no runner is recognised, what looks like an error, and the last lines. */

const ERROR =
  /\b(?:error|exception|fatal|panic(?:ked)?|traceback|undefined|failed|failure|cannot|can['’]t|could not|not found|no such|unexpected|unresolved|denied)\b|\w(?:Error|Exception)\b/i;
/** What npm, make and others add about the command that failed, and the frames of stacks. */
const ABOUT_COMMAND =
  /^(?:npm (?:error|ERR!)|> |\s*at (?:.*\(|async |file:|node:|\/)|\s*from (?:<internal:|\/)|#\d+ (?:\/|\{main\})|rake aborted!|Command failed with status \(\d+\)|Tasks: TOP|\(See full trace by|FAILURE: Build failed|BUILD FAILED in|\* (?:What went wrong|Try|Get more help)|Run with --stacktrace|\s*ELIFECYCLE|\s*ERR_PNPM_|error Command failed|info Visit https:\/\/yarnpkg\.com|make(?:\[\d+\])?: \*\*\*|Node\.js v\d)/;
const MOST_ERRORS = 8;
/** Lines with an error, with the one after each. */
const AFTER = 1;

const isBlank = (line: string): boolean => line.trim() === '';
/** npm echoes a command behind `> `, Gradle says there what went wrong. */
const isAbout = (line: string): boolean =>
  ABOUT_COMMAND.test(line) && !(line.startsWith('> ') && ERROR.test(line));

/** The first lines that look like errors, each once, in their order. */
export function errorLines(lines: readonly string[]): string[] {
  const kept = lines.filter((line) => !isBlank(line) && !isAbout(line));
  const found = new Set<number>();
  let errors = 0;
  for (const [at, line] of kept.entries()) {
    if (errors === MOST_ERRORS) break;
    if (!ERROR.test(line)) continue;
    errors += 1;
    for (let next = at; next <= at + AFTER && next < kept.length; next += 1) found.add(next);
  }
  return [...new Set([...found].sort((a, b) => a - b).map((at) => kept[at] ?? ''))];
}

/** The last lines of an output that say something. */
export function lastLines(lines: readonly string[], count: number): string[] {
  return lines.filter((line) => !isBlank(line) && !isAbout(line)).slice(-count);
}
