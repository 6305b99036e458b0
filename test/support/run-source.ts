/** A module of a test in a Node of its own. It may import our sources, but none with a `?raw` text. */
import path from 'node:path';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';

/** The usual process of execa, which does not reject; it is killed with the running test at the latest. */
export function runSource(source: string, args: readonly string[] = []) {
  const node = execa(process.execPath, ['--no-warnings', '--input-type=module', '-e', source, ...args], {
    reject: false,
    stripFinalNewline: false,
    forceKillAfterDelay: false,
  });
  onTestFinished(() => void node.kill('SIGKILL'));
  return node;
}

/** The same for a module that finds everything below `folder` in any case (folding.cjs). */
export function inFoldingVolume(folder: string, source: string, args: readonly string[]) {
  const preload = path.join(import.meta.dirname, 'folding.cjs');
  return execa(
    process.execPath,
    ['--no-warnings', '--require', preload, '--input-type=module', '-e', source, ...args],
    { env: { FOLDING_FOLDER: folder } },
  );
}
