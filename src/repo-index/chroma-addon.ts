/**
 * Where the native addon of Chroma's server is on this machine.
 *
 * It is required by its own name, since the `chroma` program of the package refuses Windows on x64, for which the addon
 * exists. Does not: load it (a process of its own does, chroma-host.cjs), so a file that is found may still not load.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

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
