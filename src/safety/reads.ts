/**
 * What oagent's own process does not read for the model, because a sandboxed command could not read it either: oagent's private files, and what
 * /proc says of the processes outside. Everything that reads a file for the model asks here.
 */
import { closeSync, fstatSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { exists, holds, isFolder, isInside, physicalPath } from '../config/paths.ts';
import { openRegular } from '../text/regular-file.ts';
import type { Permissions } from './permissions.ts';

export interface HiddenPath {
  readonly path: string;
  readonly kind: 'file' | 'folder';
  /** What stays readable in a hidden folder. */
  readonly except: readonly string[];
}

/** Whether a file (absolute) is not to be read. */
export type Hides = (file: string) => boolean;

/** Entries of oagent's own folder that commands must not read. */
const PRIVATE_NAMES = /^(?:auth|mcp|rules|sessions|outputs|history|patches|checkpoints|trials|plans|edit-)/;

/** Of a command these would be its own processes and descriptors; of oagent they are oagent's, with all of its variables. */
const OF_PROCESSES = /^\/(?:proc\/(?:\d+|self|thread-self)(?:\/|$)|dev\/(?:fd(?:\/|$)|std(?:in|out|err)$))/;

/** What commands do not see of oagent's folder (real). */
export function hiddenPaths(home: string, ownOutputs: string | undefined): HiddenPath[] {
  if (!isFolder(home)) return [];
  const own = ownOutputs === undefined ? undefined : physicalPath(ownOutputs);
  const hidden: HiddenPath[] = [];
  for (const name of readdirSync(home).sort()) {
    const real = PRIVATE_NAMES.test(name) ? physicalPath(path.join(home, name)) : undefined;
    if (real === undefined || !exists(real)) continue;
    const kind = isFolder(real) ? 'folder' : 'file';
    const isOwn = own !== undefined && isInside(real, own) && isFolder(own);
    hidden.push({ path: real, kind, except: isOwn ? [own] : [] });
  }
  return hidden;
}

/** With full access commands see all of the disk; /proc stays theirs. */
export function hidesFrom({ mode, home, ownOutputs }: Permissions): Hides {
  const own = physicalPath(home);
  const hidden = mode === 'danger-full-access' || own === undefined ? [] : hiddenPaths(own, ownOutputs);
  return (file) => {
    const real = physicalPath(file) ?? file;
    if (OF_PROCESSES.test(path.resolve(file)) || OF_PROCESSES.test(real)) return true;
    return hidden.some(
      ({ path: place, except }) => holds(place, real) && !except.some((folder) => holds(folder, real)),
    );
  };
}

/**
 * Opens a regular file for reading, without blocking, and looks at what it is only then: a link in its path may change at any time.
 * @returns undefined if it is hidden. @throws as openRegular.
 */
export function openUnhidden(file: string, hides: Hides): number | undefined {
  const { descriptor } = openRegular(file);
  if (!hides(file) && isAt(descriptor, physicalPath(file))) return descriptor;
  closeSync(descriptor);
  return undefined;
}

/** Whether that is the file that is open. The name in another mount namespace (`/proc/PID/root`) is that of another file here. */
function isAt(descriptor: number, real: string | undefined): boolean {
  const there = real === undefined ? undefined : statSync(real, { bigint: true, throwIfNoEntry: false });
  const { dev, ino } = fstatSync(descriptor, { bigint: true });
  return there?.dev === dev && there.ino === ino;
}
