/** A disk that can be filled, where the test may mount one. */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  realpathSync,
  rmdirSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

export const canMount = ((): boolean => {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'pipe' });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
})();
if (!canMount)
  console.error('NOTHING CAN BE MOUNTED HERE: the tests of a full and of a read-only disk are skipped');

/** A file system of its own. @param size as `mount` reads it */
export function smallDisk(size: string): string {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'oagent-disk-')));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], { stdio: 'pipe' });
  onTestFinished(() => {
    execFileSync('umount', ['--lazy', folder]);
    rmdirSync(folder);
  });
  return folder;
}

/** Takes what room there is, to the last byte. @param left but for so many bytes. @returns the file that takes it */
export function fill(disk: string, left = 0): string {
  const filler = path.join(disk, 'filler');
  const file = openSync(filler, 'w');
  try {
    for (let size = 1 << 20; size >= 1; ) {
      try {
        writeSync(file, Buffer.alloc(size));
      } catch {
        size >>= 1;
      }
    }
    if (left > 0) ftruncateSync(file, fstatSync(file).size - left);
  } finally {
    closeSync(file);
  }
  return filler;
}
