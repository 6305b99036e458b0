/**
 * Whether Chroma's server can run on this machine, found out without starting one.
 *
 * Owns: the words for an addon that does not load. Invariants: the addon is loaded in a process of its own, which ends. Does not: start
 * a server (chroma-server.ts).
 */

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { errorMessage } from '../../text/error-message.ts';

const LOAD = 'process.dlopen({ exports: {} }, process.argv[1])';
/** A file of 50 MB from a cold disk. */
const TIMEOUT_MS = 10_000;

/** Why there can be no server of our own; undefined: there can. */
export async function chromaProblem(): Promise<string | undefined> {
  const found = findAddon();
  if ('unavailable' in found) return found.unavailable;
  return new Promise((resolve) => {
    execFile(process.execPath, ['-e', LOAD, found.addon], { timeout: TIMEOUT_MS }, (error, _, stderr) => {
      const said = /^Error: .*$/m.exec(stderr)?.[0] ?? errorMessage(error);
      resolve(error === null ? undefined : loadReason(said));
    });
  });
}

/** @param reason what the loader said. */
export function loadReason(reason: string): string {
  const glibc = /version `GLIBC_([\d.]+)' not found/.exec(reason);
  return glibc
    ? `Chroma's server needs glibc ${glibc[1]}, which this system does not have`
    : `Chroma's server cannot be loaded: ${reason}`;
}

/** @param wanted a file; default: $OAGENT_CHROMA_ADDON, else what came with the chromadb package. */
export function findAddon(
  wanted = process.env.OAGENT_CHROMA_ADDON,
): { readonly addon: string } | { readonly unavailable: string } {
  if (wanted !== undefined && wanted !== '') {
    return existsSync(wanted) ? { addon: wanted } : { unavailable: `there is no Chroma addon at ${wanted}` };
  }
  const suffix = { linux: '-gnu', win32: '-msvc' }[process.platform as string] ?? '';
  const name = `chromadb-js-bindings-${process.platform}-${process.arch}${suffix}`;
  try {
    const chromadb = createRequire(import.meta.url).resolve('chromadb');
    return { addon: createRequire(chromadb).resolve(name) };
  } catch {
    return {
      unavailable: `Chroma has no server for ${process.platform} on ${process.arch}, or it is not installed`,
    };
  }
}
