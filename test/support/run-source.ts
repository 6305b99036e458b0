/** A module of a test in a Node of its own. It may import our sources, but none with a `?raw` text. */
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
