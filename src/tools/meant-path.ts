/**
 * The file that a path of a model means. If it does not exist as it is written, bold and quotes around it, `file://`, `~/` and the
 * backslashes of Windows are read as what they stand for, the number of a line is left out, and a name that only looks the same is taken for the one that exists.
 */
import { lstatSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findLookAlike } from './look-alike.ts';

export interface MeantPath {
  /** Absolute. */
  readonly path: string;
  /** What the model and the user should know about it, where it is not the path as it is written. */
  readonly note: string | undefined;
}

export function meantPath(spelled: string, cwd: string): MeantPath {
  const literal = path.resolve(cwd, spelled);
  if (exists(literal)) return { path: literal, note: undefined };
  const plain = withoutLine(plainPath(spelled), cwd);
  const wanted = path.resolve(cwd, plain);
  const alike = findLookAlike(wanted, plain);
  const note = plain === spelled.trim() ? undefined : `${spelled} was taken for ${plain}.`;
  return alike ?? { path: wanted, note };
}

function plainPath(spelled: string): string {
  const plain = spelled.trim().replace(/^\*\*([^*]+)\*\*$/, '$1');
  const bare = /^(?:`[^`]+`|"[^"]+"|'[^']+')$/.test(plain) ? plain.slice(1, -1) : plain;
  const local = /^file:\/\/(?:localhost)?\//.test(bare) ? ofUrl(bare) : bare;
  const atHome = /^~(?:\/|$)/.test(local) ? path.join(homedir(), local.slice(1)) : local;
  const isWindows = atHome.includes('\\') && !atHome.includes('/') && path.sep === '/';
  return isWindows ? atHome.replaceAll('\\', '/') : atHome;
}

/** `src/a.ts:12:5`, as searches and compilers name a place. */
function withoutLine(spelled: string, cwd: string): string {
  const file = /^(.+?)(?::\d+){1,2}:?$/.exec(spelled)?.[1];
  return file !== undefined && exists(path.resolve(cwd, file)) ? file : spelled;
}

function ofUrl(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    return url;
  }
}

function exists(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}
