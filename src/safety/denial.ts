/**
 * Guesses from a command's output whether the sandbox blocked it: the kernel returns EPERM, EACCES or EROFS to the
 * program, and all that comes out is the program's own message.
 */
import network from '../../prompts/commands/sandbox-network.md?raw';
import writing from '../../prompts/commands/sandbox-write.md?raw';
import { type Permissions, writableFolders } from './permissions.ts';

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

const WRITE_WORDS = /read-only file system|operation not permitted|\bEROFS\b|\bEPERM\b/i;
const NETWORK_WORDS =
  /could not resolve|couldn't resolve|name resolution|name or service not known|network is unreachable|\b(?:ENOTFOUND|EAI_AGAIN|ENETUNREACH)\b/i;

/** What the model is told behind the output of a sandboxed command that was probably denied something. */
export function denialNotes(exitCode: number, output: string, permissions: Permissions): readonly string[] {
  if (exitCode === 0) return [];
  const notes: string[] = [];
  if (WRITE_WORDS.test(output))
    notes.push(writing.trim().replace('{writable}', () => writableText(permissions)));
  if (!permissions.network && NETWORK_WORDS.test(output)) notes.push(network.trim());
  return notes;
}

function writableText(permissions: Permissions): string {
  if (permissions.mode === 'read-only') return 'nothing can be written';
  const { workspaces, temporary } = writableFolders(permissions);
  return `only ${[...new Set([...workspaces, ...temporary])].join(', ')} can be written, but no .git`;
}
