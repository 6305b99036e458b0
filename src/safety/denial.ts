/**
 * Guesses from a command's output whether the sandbox blocked it: the kernel returns EPERM, EACCES or EROFS to the
 * program, and all that comes out is the program's own message.
 */

const WORDS =
  /operation not permitted|permission denied|read-only file system|seccomp|sandbox|landlock|failed to write file/i;

/** 128 + SIGSYS: the system call filter killed it. */
const KILLED_BY_FILTER = 159;

/**
 * True if a sandboxed command was probably denied something; one that succeeded was not. `exitCode` is null after a
 * signal; `output` is stdout and stderr, or what was kept of them. Can be wrong either way: a file mode that forbids
 * access gives the same message.
 */
export function looksDenied(exitCode: number | null, output: string): boolean {
  if (exitCode === 0) return false;
  return exitCode === KILLED_BY_FILTER || WORDS.test(output);
}
