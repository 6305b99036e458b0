/**
 * Whether Chroma's server can run on this machine: where its native addon is, and what it means when that does not load.
 *
 * Invariant: to try it, the addon is loaded in a process of its own, which ends; no server is started.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { errorMessage } from '../../text/error-message.ts';

/** `unsupported`: no addon for this system; nothing is wrong, and nobody has to mend it. `unloadable`: something is. */
export interface NoAddon {
  readonly unavailable: string;
  readonly cause: 'unsupported' | 'unloadable';
}

const LOAD = 'process.dlopen({ exports: {} }, process.argv[1])';
/** A file of 50 MB from a cold disk. */
const TIMEOUT_MS = 10_000;

/** Why there can be no server of our own; undefined: there can. */
export async function chromaProblem(): Promise<NoAddon | undefined> {
  const found = findAddon();
  if ('unavailable' in found) return found;
  return new Promise((resolve) => {
    execFile(process.execPath, ['-e', LOAD, found.addon], { timeout: TIMEOUT_MS }, (error, _, stderr) => {
      const said = /^Error: .*$/m.exec(stderr)?.[0] ?? errorMessage(error);
      resolve(error === null ? undefined : loadFailure(said));
    });
  });
}

/** @param reason the loader's message. */
export function loadFailure(reason: string): NoAddon {
  const glibc = /version `GLIBC_([\d.]+)' not found/.exec(reason)?.[1];
  if (glibc === undefined)
    return { unavailable: `Chroma's server cannot be loaded: ${reason}`, cause: 'unloadable' };
  return {
    unavailable: `Chroma's server needs glibc ${glibc} or later, which this system does not have`,
    cause: 'unsupported',
  };
}

/** @param wanted a file; default: $OAGENT_CHROMA_ADDON, else what came with the chromadb package. */
export function findAddon(wanted = process.env.OAGENT_CHROMA_ADDON): { readonly addon: string } | NoAddon {
  if (wanted !== undefined && wanted !== '') {
    if (existsSync(wanted)) return { addon: wanted };
    return { unavailable: `there is no Chroma addon at ${wanted}`, cause: 'unloadable' };
  }
  const suffix = { linux: '-gnu', win32: '-msvc' }[process.platform as string] ?? '';
  const name = `chromadb-js-bindings-${process.platform}-${process.arch}${suffix}`;
  try {
    const chromadb = createRequire(import.meta.url).resolve('chromadb');
    return { addon: createRequire(chromadb).resolve(name) };
  } catch {
    return {
      unavailable: `Chroma has no server for ${process.platform} on ${process.arch}, or it is not installed`,
      cause: 'unsupported',
    };
  }
}
