/**
 * Guessing from its output that the sandbox stopped a command.
 *
 * The kernel says EPERM, EACCES or EROFS to the program, and only the program's own words come out. Invariant: a
 * command that succeeded was not denied. Does not: decide what follows (decide.ts).
 */

const WORDS =
  /operation not permitted|permission denied|read-only file system|seccomp|sandbox|landlock|failed to write file/i;

/** 128 + SIGSYS: the system call filter killed it. */
const KILLED_BY_FILTER = 159;

/**
 * True if a sandboxed command was probably denied something. `exitCode` is null after a signal; `output` is stdout
 * and stderr, or what was kept of them. Wrong either way now and then: a missing file mode says the same words.
 */
export function looksDenied(exitCode: number | null, output: string): boolean {
  if (exitCode === 0) return false;
  return exitCode === KILLED_BY_FILTER || WORDS.test(output);
}
