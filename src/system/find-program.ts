/**
 * Where a program lies that oagent starts for itself, outside the sandbox.
 *
 * Invariant: nothing is found in a folder that a repository, the model or its commands may have written: a project's
 * `node_modules/.bin` is on PATH whenever npm or npx starts oagent, and could hold a `git`.
 */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { oagentHome } from '../config/home.ts';
import { holds, realPath } from '../config/paths.ts';
import { tooWideForWriting } from '../config/trust.ts';

/** What the system searches where PATH is not set. */
const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/** Further folders that commands of this process may write to. */
const distrusted = new Set<string>();

/** From now on no program is found in these folders (absolute). Each thread has its own list. */
export function distrust(folders: readonly string[]): void {
  for (const folder of folders) distrusted.add(realPath(folder));
}

export function distrustedFolders(): string[] {
  return [...distrusted];
}

/**
 * The folders in which no program is trusted, for work in `cwd` (absolute): that folder, the repositories around it, those
 * for temporary files, and the distrusted ones. Not one that holds the user's home: nothing in the sandbox may write to it.
 */
export function unsafeFolders(cwd: string, env: NodeJS.ProcessEnv): string[] {
  const here = realPath(cwd);
  const folders = new Set([here, realPath('/tmp'), realPath(tmpdir()), ...distrusted]);
  for (let folder = here; folder !== path.dirname(folder); folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, '.git'))) folders.add(folder);
  }
  return [...folders].filter((folder) => tooWideForWriting(folder, env, oagentHome(env)) === undefined);
}

/** The absolute folders of a PATH, where they really lead, without those that lie in an untrusted one. */
export function trustedFolders(searchPath = DEFAULT_PATH, unsafe: readonly string[]): string[] {
  return searchPath
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder))
    .map(realPath)
    .filter((folder) => isTrusted(folder, unsafe));
}

/**
 * The first program of this name; undefined where there is none, or none that can be trusted. A link must lead to a
 * trusted file, and is returned as it is: programs like busybox go by the name they are called by.
 */
export function findProgram(
  name: string,
  searchPath: string | undefined,
  unsafe: readonly string[],
): string | undefined {
  return trustedFolders(searchPath, unsafe)
    .map((folder) => path.join(folder, name))
    .find((file) => isExecutable(file) && isTrusted(realPath(file), unsafe));
}

/**
 * A program as it is started for work in `cwd`: its file, and an environment in whose PATH it finds nothing untrusted either.
 *
 * @param program a name, or an absolute path: then it is the very file that the user or oagent means.
 * @throws Error if there is none.
 */
export function trustedProgram(
  program: string,
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
): { readonly file: string; readonly env: NodeJS.ProcessEnv } {
  const unsafe = unsafeFolders(cwd, env);
  if (!path.isAbsolute(program) && program.includes(path.sep))
    throw new Error(`${program} is a relative path: write an absolute one`);
  const file = path.isAbsolute(program) ? program : findProgram(program, env.PATH, unsafe);
  if (file === undefined) throw new Error(`${program} is not installed`);
  const PATH = trustedFolders(env.PATH, unsafe).join(path.delimiter);
  return { file, env: { ...env, PATH } };
}

/** True for a file that we may execute. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    // A folder may be entered, which is not meant; bash passes it over too.
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function isTrusted(file: string, unsafe: readonly string[]): boolean {
  return unsafe.every((folder) => !holds(folder, file));
}
