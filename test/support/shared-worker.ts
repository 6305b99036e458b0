/**
 * Which files of tests share a worker: those that touch nothing but values in memory, which is told by their text and that of what they
 * import of the tests. Each other file has a worker of its own, whose start costs more than most of the shared files.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Mocks, the process, other programs, threads, servers, folders: what one file could leave behind for the next. */
const SIDE_EFFECT =
  /\bvi\.|\bprocess\.(?!pid\b|platform\b|execPath\b|memoryUsage\b|hrtime\b|cwd\b|versions?\b|arch\b)|\bglobalThis\b|\.prototype\b|node:(?:child_process|worker_threads|diagnostics_channel|http|net|module)'|'execa'|node-pty|\bmkdtemp|\btempFolder\b|\bwithOllama\b|(?:before|after)All\(/;

/** Files that look at what is there before anything was loaded or measured in their worker. */
const NEEDS_FRESH_MODULES = new Set(['test/tui/lines/highlight.test.ts']);

const IMPORT = /(?:from|import)\s*\(?\s*'(\.[^'?]+\.tsx?)'/g;

/** The files of `folder` that share a worker, by their names relative to it. */
export function filesInSharedWorker(folder: string): string[] {
  const known = new Map<string, boolean>();
  const isPlain = (file: string): boolean => {
    const before = known.get(file);
    if (before !== undefined) return before;
    // A circle of imports is as plain as the rest of it.
    known.set(file, true);
    const text = readFileSync(path.join(folder, file), 'utf8');
    const plain =
      !SIDE_EFFECT.test(text) &&
      [...text.matchAll(IMPORT)]
        .map(([, name = '']) => path.join(path.dirname(file), name))
        .filter((name) => name.startsWith(`test${path.sep}`) && existsSync(path.join(folder, name)))
        .every(isPlain);
    known.set(file, plain);
    return plain;
  };
  return globSync('test/**/*.test.{ts,tsx}', { cwd: folder })
    .filter((file) => !file.startsWith('test/package/') && !file.startsWith('test/house/'))
    .filter((file) => !NEEDS_FRESH_MODULES.has(file) && isPlain(file))
    .sort();
}
