/**
 * The command that tests the project: the user's own, or what its instructions name, or what its files show. Reads a few small files,
 * because it is done at the start of a session.
 */
import path from 'node:path';
import { holds, realPath } from '../../config/paths.ts';
import { findTests } from './manifests.ts';
import { ProjectFolder } from './project-folder.ts';
import { foundTests } from './python-tests.ts';
import { toldCommand } from './told-command.ts';

export interface TestCommand {
  /** May have `{target}` where what is to be tested goes. */
  readonly command: string;
  /** Absolute: where it runs. */
  readonly folder: string;
}

interface TestPlaces {
  /** Absolute. */
  readonly cwd: string;
  /** The project's root: `cwd` or a folder above. */
  readonly root: string;
  /** Configured by the user; empty: none, whatever the project says. */
  readonly configured?: string | undefined;
  /** Instructions that are obeyed, from the root down. */
  readonly instructions?: readonly { readonly file: string; readonly text: string }[];
}

/** @returns undefined: nothing tells. */
export function findTestCommand({
  cwd,
  root,
  configured,
  instructions = [],
}: TestPlaces): TestCommand | undefined {
  if (configured !== undefined) {
    return configured.trim() === '' ? undefined : { command: configured.trim(), folder: cwd };
  }
  for (const { file, text } of instructions.toReversed()) {
    const command = toldCommand(text);
    if (command !== undefined) return { command, folder: path.dirname(file) };
  }
  return nearestTests(cwd, root) ?? seenTests(cwd, root);
}

/** What the tests in the folder itself show, where no file says how the project is tested. */
function seenTests(cwd: string, root: string): TestCommand | undefined {
  const folder = new ProjectFolder(cwd, realPath(root));
  const command = foundTests(folder, (name) => folder.has(name));
  return command === undefined ? undefined : { command, folder: cwd };
}

/** What the files of the folder show, or of the nearest one above it in the project. */
export function nearestTests(from: string, root: string): TestCommand | undefined {
  const top = realPath(root);
  const folders = foldersUp(from, top).map((folder) => new ProjectFolder(folder, top));
  for (const [at, folder] of folders.entries()) {
    const above = folders.slice(at);
    const command = findTests(folder, (name) => above.some((one) => one.has(name)));
    if (command !== undefined) return { command, folder: folder.path };
  }
  return undefined;
}

function foldersUp(from: string, top: string): string[] {
  const folders: string[] = [];
  for (let folder = from; holds(top, realPath(folder)); folder = path.dirname(folder)) {
    folders.push(folder);
    if (realPath(folder) === top || folder === path.dirname(folder)) break;
  }
  return folders;
}
