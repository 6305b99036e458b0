/**
 * Whether a script that is to leave the sandbox begins a program that a command could have put there: `./script`, one in a
 * folder of PATH that commands can write to, or a shell with such a file. What build tools and interpreters run by themselves
 * (npm, make, python) is not looked at: a rule for them is a rule for all that the project tells them to do.
 */
import { statSync } from 'node:fs';
import path from 'node:path';
import notApplied from '../../prompts/commands/rule-not-applied.md?raw';
import { holds, physicalPath } from '../config/paths.ts';
import { fill } from '../text/fill.ts';
import type { PlainCommand } from './plain-commands.ts';
import { isSystemProgram } from './search-path.ts';

export interface Surroundings {
  /** Absolute: where the script runs. */
  readonly cwd: string;
  readonly searchPath: string | undefined;
  /** Real folders that commands can write to. */
  readonly unsafe: readonly string[];
}

/** They begin the program that is among their words. */
const STARTERS = new Set([
  ...['.', 'source', 'bash', 'sh', 'dash', 'zsh', 'ksh', 'fish'],
  ...['builtin', 'command', 'env', 'exec', 'ionice', 'nice', 'nohup', 'setsid', 'stdbuf', 'time', 'timeout'],
  ...['doas', 'pkexec', 'sudo', 'xargs'],
]);

/** The first such program, as the script names it; undefined: there is none. Never throws. */
export function programOfWorkspace(
  script: readonly PlainCommand[],
  around: Surroundings,
): string | undefined {
  // Somewhere else a relative path means another file.
  const hasMoved = script.some(({ name }) => /^(?:cd|pushd|popd)$/.test(name));
  for (const { name, args } of script) {
    if (isOfWorkspace(name, around, hasMoved)) return name;
    if (!STARTERS.has(path.basename(name))) continue;
    const found = args.find((word) => isOfWorkspace(word, around, hasMoved) || isFileThere(word, around));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** For the user, and the model: why a rule does not let a script leave the sandbox. */
export function ruleDoubt(program: string): string {
  return fill(notApplied, { program });
}

/** What tells one version of that program from another; an answer of the user counts for one. */
export function versionOf(program: string, { cwd }: Pick<Surroundings, 'cwd'>): string {
  try {
    // A command cannot set the time of the last change.
    const { dev, ino, size, ctimeNs } = statSync(path.resolve(cwd, program), { bigint: true });
    return `${dev}:${ino}:${size}:${ctimeNs}`;
  } catch {
    return 'none';
  }
}

function isOfWorkspace(word: string, { cwd, searchPath, unsafe }: Surroundings, hasMoved: boolean): boolean {
  if (word.startsWith('-') || word.includes('=')) return false;
  if (!word.includes('/')) return !isSystemProgram(word, searchPath, unsafe);
  if (hasMoved && !path.isAbsolute(word)) return true;
  const real = physicalPath(path.resolve(cwd, word));
  return real === undefined || unsafe.some((folder) => holds(folder, real));
}

/** `bash script` reads a file without a slash from where it runs. */
function isFileThere(word: string, { cwd }: Surroundings): boolean {
  return (
    !word.startsWith('-') && statSync(path.resolve(cwd, word), { throwIfNoEntry: false })?.isFile() === true
  );
}
