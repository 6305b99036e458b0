/**
 * Files by which an edit reaches further than itself: programs run them later, or agents obey them.
 *
 * Owns: their names, and the words about them in a question to the user. Invariant: it only adds to a question that
 * is asked anyway. Does not: forbid anything, or read the files.
 */
import path from 'node:path';
import { isInside } from './paths.ts';

/** In lower case: some file systems do not tell. */
const NAMES: ReadonlySet<string> = new Set([
  'agents.md',
  'claude.md',
  'gemini.md',
  '.mcp.json',
  '.envrc',
  '.gitmodules',
  '.gitattributes',
  '.pre-commit-config.yaml',
  '.gitlab-ci.yml',
  'package.json',
  'makefile',
  'gnumakefile',
]);
const FOLDERS: readonly string[] = ['.vscode', '.idea', '.husky', '.devcontainer', '.github/workflows'];

/**
 * A sentence to be put behind the reason of a question, beginning with a line break, or '' if none of the files is one.
 *
 * @param files absolute; those below `cwd` (absolute) are named from there.
 */
export function steeringNote(files: readonly string[], cwd: string): string {
  const steering = files
    .filter(isSteeringFile)
    .map((file) => (isInside(cwd, file) ? path.relative(cwd, file) : file));
  if (steering.length === 0) return '';
  return `\nMind: ${steering.join(', ')} can run programs later or steer agents.`;
}

function isSteeringFile(file: string): boolean {
  const parts = file.toLowerCase().split(path.sep);
  const name = parts.pop() ?? '';
  const folder = `/${parts.join('/')}/`;
  return NAMES.has(name) || FOLDERS.some((steering) => folder.includes(`/${steering}/`));
}
