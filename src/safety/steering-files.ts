/**
 * Files whose edits have further effects: programs run them later, or agents obey them. The user is warned in a
 * question that is asked anyway; nothing is forbidden.
 */
import path from 'node:path';
import { isInside } from '../config/paths.ts';
import { instructsAgents } from './instruction-files.ts';

/** In lower case: some file systems do not distinguish. */
const NAMES: ReadonlySet<string> = new Set([
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
 * A sentence to append to the reason of a question, starting with a line break, or '' if none of the files is one.
 *
 * @param files absolute; those below `cwd` (absolute) are shown relative to it.
 */
export function steeringNote(files: readonly string[], cwd: string): string {
  const steering = files
    .filter(isSteeringFile)
    .map((file) => (isInside(cwd, file) ? path.relative(cwd, file) : file));
  if (steering.length === 0) return '';
  return `\nNote: ${steering.join(', ')} can run programs later or steer agents.`;
}

function isSteeringFile(file: string): boolean {
  const parts = file.toLowerCase().split(path.sep);
  const name = parts.pop() ?? '';
  const folder = `/${parts.join('/')}/`;
  if (instructsAgents(file.split(path.sep).join('/'))) return true;
  return NAMES.has(name) || FOLDERS.some((steering) => folder.includes(`/${steering}/`));
}
