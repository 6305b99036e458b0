/**
 * The files of the workspace as the led profile sees them.
 *
 * Owns: the listing, and the text of one file. Invariants: what .gitignore excludes (with or without git) and hidden files are
 * not listed, nor are names that do not fit into a line; only regular files are read, and no link is followed; both are
 * bounded. Does not: write.
 */
import path from 'node:path';
import { ripgrepPath } from '../../text/ripgrep-path.ts';
import { decodeText, takeSnapshot } from '../../tools/apply-patch/files.ts';
import { startGroup, within } from '../../tools/process-tree.ts';

const MOST_FILES = 5_000;
const LIST_MS = 3_000;
const KILL_GRACE_MS = 100;
/** Line breaks and the like, what is left of bytes that are not UTF-8, and blanks that a patch drops. */
const UNNAMABLE = /[\p{Cc}\uFFFD]|^\s|\s$/u;
/** A file that is longer is not shown or rewritten as a whole in any window. */
const MOST_BYTES = 256 * 1024;

/** Relative paths with `/`, sorted. Empty where they cannot be listed. */
export async function listFiles(cwd: string, signal: AbortSignal): Promise<string[]> {
  const rg = await ripgrepPath(process.env);
  const args = [
    '--no-config',
    '--no-require-git',
    '--files',
    '-0',
    '--sort=path',
    '--no-messages',
    '--',
    '.',
  ];
  const group = await startGroup(rg, args, { cwd, env: process.env }).catch(() => undefined);
  if (group === undefined) return [];
  let text = '';
  const reading = (async () => {
    for await (const chunk of group.stdout.setEncoding('utf8')) {
      text += String(chunk);
      if (text.length > MOST_FILES * 200) return;
    }
  })().catch(() => {});
  group.stderr.resume();
  const { kind } = await within(reading, LIST_MS, signal);
  if (kind !== 'done' || text.length > MOST_FILES * 200) await group.terminate(KILL_GRACE_MS);
  signal.throwIfAborted();
  // What follows the last NUL was cut off.
  const names = text.split('\0').slice(0, -1);
  const files = names.map((name) => name.replace(/^\.\//, '')).filter((name) => !UNNAMABLE.test(name));
  return files.slice(0, MOST_FILES);
}

/** The text of a file; undefined where there is none that can be shown: absent, a link, a folder, binary, too long. */
export async function readText(cwd: string, file: string): Promise<string | undefined> {
  const found = await takeSnapshot(path.resolve(cwd, file)).catch(() => undefined);
  if (found?.kind !== 'file' || found.bytes.length > MOST_BYTES) return undefined;
  const text = decodeText(found.bytes);
  return text === undefined || text.includes('\0') ? undefined : text;
}
