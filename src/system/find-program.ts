/**
 * Where a program lies that oagent starts for itself, outside the sandbox, and with what environment it is started.
 *
 * Invariants: nothing is found in a folder that a repository, the model or its commands may have written: a project's
 * `node_modules/.bin` is on PATH whenever npm or npx starts oagent, and could hold a `git`. No variable makes a program load
 * other code from there, or be git's for another repository. What was found once is not looked for again.
 */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { oagentHome } from '../config/home.ts';
import { holds, realPath, statOf } from '../config/paths.ts';
import { tooWideForWriting } from '../config/trust.ts';
import { isOwnPart } from './installation.ts';

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
 * for temporary files, the distrusted ones, and `more`. Whatever the mode is now, a command of an earlier session may have
 * written there. Not one that holds the user's home: nothing in the sandbox may write to it.
 */
export function unsafeFolders(cwd: string, env: NodeJS.ProcessEnv, more: readonly string[] = []): string[] {
  const here = realPath(cwd);
  const temporary = ['/tmp', tmpdir(), env.TMPDIR ?? '/tmp'].filter((folder) => path.isAbsolute(folder));
  const folders = new Set([here, ...[...temporary, ...more].map(realPath), ...distrusted]);
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
    .filter((folder) => isTrusted(folder, unsafe) && !isOfProject(folder) && !isForAll(folder));
}

/** The programs of some project, which a session there may have written: `node_modules/.bin`, a virtual environment. */
function isOfProject(folder: string): boolean {
  const { dir, base } = path.parse(folder);
  if (base === '.bin' && path.basename(dir) === 'node_modules') return true;
  return existsSync(path.join(dir, 'pyvenv.cfg'));
}

/** Anybody may write to it. */
function isForAll(folder: string): boolean {
  // One that we may not look into is passed over later.
  const mode = statOf(folder)?.mode ?? 0;
  return process.platform !== 'win32' && (mode & 0o002) !== 0;
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

/** By name, PATH and what is unsafe. */
const known = new Map<string, string>();

/**
 * A program as it is started for work in `cwd`: its file, and an environment that leads it to nothing untrusted either.
 *
 * @param program a name, or an absolute path: the very file that the user or oagent means, if no command can have written it.
 * @throws Error if there is none.
 */
export function trustedProgram(
  program: string,
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
): { readonly file: string; readonly env: NodeJS.ProcessEnv } {
  const unsafe = unsafeFolders(cwd, env);
  return { file: fileOf(program, env.PATH, unsafe), env: cleanEnvironment(env, unsafe) };
}

/** True for a file (absolute) that no command can have written. */
function isTrustedFile(file: string, unsafe: readonly string[]): boolean {
  const real = realPath(file);
  return (isTrusted(path.resolve(file), unsafe) && isTrusted(real, unsafe)) || isOwnPart(real);
}

function fileOf(program: string, searchPath: string | undefined, unsafe: readonly string[]): string {
  if (path.isAbsolute(program)) {
    if (isTrustedFile(program, unsafe)) return program;
    throw new Error(`${program} is in a folder that commands can write to: keep it elsewhere`);
  }
  if (program.includes(path.sep)) throw new Error(`${program} is a relative path: write an absolute one`);
  const key = [program, searchPath, ...unsafe].join('\0');
  const before = known.get(key);
  if (before !== undefined && isExecutable(before)) return before;
  const found = findProgram(program, searchPath, unsafe);
  if (found !== undefined) {
    known.set(key, found);
    return found;
  }
  const isElsewhere = (searchPath ?? '')
    .split(path.delimiter)
    .some((folder) => path.isAbsolute(folder) && isExecutable(path.join(folder, program)));
  throw new Error(
    `${program} is not installed${isElsewhere ? ' but in a folder of a project, or one that commands can write to' : ''}`,
  );
}

/** Lists of folders that programs load code from: what is untrusted in them is left out. */
const CODE_PATHS = [
  ...['PATH', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'DYLD_FALLBACK_LIBRARY_PATH', 'DYLD_FRAMEWORK_PATH'],
  ...['NODE_PATH', 'PYTHONPATH', 'PERLLIB', 'PERL5LIB', 'RUBYLIB'],
];

/** Variables that name code, or options of an interpreter, or another repository than the one around the folder. */
const MEDDLING =
  /^(?:GIT_.*|LD_(?!LIBRARY_PATH$).*|DYLD_(?!(?:FALLBACK_)?LIBRARY_PATH$|FRAMEWORK_PATH$).*|GCONV_PATH|LOCPATH|NODE_OPTIONS|NODE_REPL_EXTERNAL_MODULE|BASH_ENV|ENV|BASH_FUNC_.*|SHELLOPTS|BASHOPTS|PS4|CDPATH|IFS|PYTHON(?:HOME|STARTUP|INSPECT|USERBASE)|PERL5(?:OPT|DB)|RUBYOPT|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|RIPGREP_CONFIG_PATH|LESSOPEN|LESSCLOSE)$/;

function cleanEnvironment(env: NodeJS.ProcessEnv, unsafe: readonly string[]): NodeJS.ProcessEnv {
  const clean = Object.fromEntries(Object.entries(env).filter(([name]) => !MEDDLING.test(name)));
  for (const name of CODE_PATHS) {
    if (name !== 'PATH' && clean[name] === undefined) continue;
    clean[name] = trustedFolders(clean[name], unsafe).join(path.delimiter);
  }
  return clean;
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
