import { chmodSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

/**
 * Removes a folder of ours with all that is in it, also folders to which our own right to look into them was taken away. No link is
 * followed. Nothing happens if there is none.
 * @throws a system error
 */
export function removeTree(at: string): void {
  try {
    rmSync(at, { recursive: true, force: true });
  } catch {
    openFolders(at);
    rmSync(at, { recursive: true, force: true });
  }
}

function openFolders(folder: string): void {
  chmodSync(folder, 0o700);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) openFolders(path.join(folder, entry.name));
  }
}
