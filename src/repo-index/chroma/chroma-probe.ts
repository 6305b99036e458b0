/**
 * Whether Chroma's server can run on this machine: where its native addon is, and what it means when that does not load.
 *
 * Invariant: to try it, the addon is loaded in a process of its own, which ends; no server is started.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ProgramError, run } from '../../system/run.ts';
import { errorMessage } from '../../text/error-message.ts';

/** `unsupported`: no addon for this system; nothing is wrong, and nobody has to mend it. `unloadable`: something is. */
export interface NoAddon {
  readonly unavailable: string;
  readonly cause: 'unsupported' | 'unloadable';
}

const LOADED = 'loaded';
const LOAD = `process.dlopen({ exports: {} }, process.argv[1]); console.log('${LOADED}')`;
/** A file of 50 MB from a cold disk. */
const TIMEOUT_MS = 10_000;

/** Why there can be no server of our own; undefined: there can. */
export async function chromaProblem(): Promise<NoAddon | undefined> {
  const found = findAddon();
  if ('unavailable' in found) return found;
  try {
    const options = { cwd: '/', timeoutMs: TIMEOUT_MS };
    const said = await run(process.execPath, ['-e', LOAD, found.addon], options);
    return said.includes(LOADED) ? undefined : loadFailure('it ends while it is loaded');
  } catch (error) {
    const reason = error instanceof ProgramError ? /^Error: .*$/m.exec(error.stderr)?.[0] : undefined;
    return loadFailure(reason ?? errorMessage(error));
  }
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
