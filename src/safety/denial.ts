/**
 * Guesses from a command's output whether the sandbox blocked it: the kernel returns EPERM, EACCES or EROFS to the
 * program, and all that comes out is the program's own message.
 */
import modes from '../../prompts/commands/sandbox-modes.md?raw';
import network from '../../prompts/commands/sandbox-network.md?raw';
import openat2 from '../../prompts/commands/sandbox-openat2.md?raw';
import writing from '../../prompts/commands/sandbox-write.md?raw';
import { fill } from '../text/fill.ts';
import { exposedParts, type Permissions, writableFolders } from './permissions.ts';

const WORDS =
  /operation not permitted|permission denied|read-only file system|seccomp|sandbox|landlock|failed to write file|function not implemented/i;

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

const WRITE_WORDS =
  /read-only file system|operation not permitted|\bEROFS\b|\bEPERM\b|read-?only database|could not create local repository|grant write permissions|cache folder is not writable/i;
/** A mode was refused, by the filter that lets no set-ID bit pass; a folder that cannot be written gives another error. */
const MODE_WORDS =
  /\b(?:permissions|mode|f?chmod)\b.*operation not permitted|operation not permitted.*\bf?chmod\b|could not make .* writable by group/i;
/** From a program that has no other way where there is no `openat2`: GNU tar, if it was built with glibc 2.43 or later. */
const MISSING_WORDS = /function not implemented/i;
const NETWORK_WORDS =
  /could not resolve|couldn't resolve|unable to resolve|failed to (?:resolve|lookup)|resolution failed|temporary failure resolving|name resolution|name or service not known|name does not resolve|nodename nor servname|no such host\b|unknown ?host|no address associated|dns error|network is unreachable|\b(?:ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH)\b/i;
/** What follows decides about the exit code: `npm ci | tail`, `make || true`. */
const HIDES_FAILURE = /[|;]/;
/** `path:12:` and the number that a reader prints: lines of files that are about such errors. */
const QUOTED_LINE = /^\S*?:?\d+[:\t]/;

/** What the model is told behind the output of a sandboxed command that was probably denied something. */
export function denialNotes(
  { exitCode, output, command }: { exitCode: number; output: string; command: string },
  permissions: Permissions,
): readonly string[] {
  if (exitCode === 0 && !HIDES_FAILURE.test(command)) return [];
  const lines = output.split('\n').filter((line) => exitCode !== 0 || isFailure(line));
  const says = (words: RegExp): boolean => lines.some((line) => words.test(line));
  const notes: string[] = [];
  if (says(MODE_WORDS)) notes.push(modes.trim());
  if (says(MISSING_WORDS)) notes.push(openat2.trim());
  if (lines.some((line) => WRITE_WORDS.test(line) && !MODE_WORDS.test(line))) {
    notes.push(fill(writing, { writable: writableText(permissions) }));
  }
  if (!permissions.network && says(NETWORK_WORDS)) notes.push(network.trim());
  return notes;
}

/** A line that says itself that something failed. */
function isFailure(line: string): boolean {
  return (
    /error|\berr\b|fail|fatal|cannot|could not|couldn't|unable|denied/i.test(line) && !QUOTED_LINE.test(line)
  );
}

function writableText(permissions: Permissions): string {
  if (permissions.mode === 'read-only') return 'nothing can be written';
  const { workspaces, temporary } = writableFolders(permissions);
  const own = exposedParts(permissions);
  const kept = own.length === 0 ? '' : `, nor ${own.join(', ')}, from which oagent itself runs`;
  return `only ${[...new Set([...workspaces, ...temporary])].join(', ')} can be written, but no .git${kept}`;
}
