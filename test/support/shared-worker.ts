/**
 * Which files of tests share a worker: those that leave nothing behind in their process, which is told by their text and that of what
 * they import of the tests. Folders, servers and other programs end with their test. Each other file has a worker of its own, whose start
 * and imports cost more than most of the shared files.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Comments speak of what the code need not do. */
const COMMENT = /^\s*(?:\/\*\*|\*|\/\/).*$/gm;

/** What one file could leave behind for the next, whatever else of `process` only tells something or is another program's. */
const LEFT_BEHIND = new RegExp(
  [
    // Mocks, stubs, clocks and limits.
    String.raw`\bvi\.(?!fn\b|waitFor\b|waitUntil\b)`,
    String.raw`\bprocess\.(?!pid\b|platform\b|execPath\b|memoryUsage\b|hrtime\b|cwd\b|versions?\b|arch\b|env\b|get[ug]id\b|kill\b|cpuUsage\b|threadCpuUsage\b|nextTick\b)`,
    String.raw`\bprocess\.env(?:\.\w+|\[[^\]]+\])\s*(?:\?\?|\|\|)?=(?!=)|(?:delete |assign\()process\.env`,
    String.raw`\bglobalThis\b|\.prototype\b|node:(?:worker_threads|diagnostics_channel|module)'`,
    // The wire of all servers of a file, and files that are run as a part of others.
    String.raw`(?<!function )\bspeak\(|import\('[^']*\.test\.tsx?'\)`,
  ].join('|'),
);

/** Files that look at what is there before anything was loaded or measured in their worker. */
const NEEDS_FRESH_MODULES = new Set(['test/system/find-program.test.ts', 'test/tui/lines/highlight.test.ts']);

const IMPORT = /(?:from|import)\s*\(?\s*'(\.[^'?]+\.tsx?)'/g;

/** The files of `folder` that share a worker, by their names relative to it. */
export function filesInSharedWorker(folder: string): string[] {
  const known = new Map<string, boolean>();
  const isPlain = (file: string): boolean => {
    const before = known.get(file);
    if (before !== undefined) return before;
    // A circle of imports is as plain as the rest of it.
    known.set(file, true);
    const text = readFileSync(path.join(folder, file), 'utf8').replace(COMMENT, '');
    const plain =
      !LEFT_BEHIND.test(text) &&
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
