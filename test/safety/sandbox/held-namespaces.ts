import { readdirSync, readlinkSync } from 'node:fs';

/** The namespaces that a process has open descriptors of, as `net:[4026532177]`, sorted. */
export function heldNamespaces(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder)
    .flatMap((name) => {
      try {
        return [readlinkSync(`${folder}/${name}`)];
      } catch {
        // The one that the folder was read with.
        return [];
      }
    })
    .filter((target) => /^(?:net|user):\[\d+\]$/.test(target))
    .sort();
}
