/**
 * How fast a complete index is searched, on real sources: `node test/bench/index-search.ts [FOLDER…]`, default the packages in node_modules.
 *
 * Owns: the measuring and its aims. A search stands beside one ripgrep over all files for the same words, by turns in one run, so that a slow or
 * busy machine does not count. Invariants: it writes only to a temporary folder.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { rgPath } from '@vscode/ripgrep';
import { IndexReader } from '../../src/repo-index/index-reader.ts';
import { Shown } from '../../src/repo-index/search/pack.ts';
import { IndexService } from '../../src/repo-index/service.ts';
import { queryWords } from '../../src/repo-index/store/tokens.ts';
import { repositoryOf, sourceFolders } from './real-sources.ts';
import { count, judged, ms, table, type Verdict } from './report-table.ts';

const TURNS = 3;
const QUESTIONS = [
  'how is a request retried after a timeout',
  'where is html escaped in a template',
  'parse the arguments of the command line',
  'the cache of resolved modules is not cleared',
  'which function writes the source map',
  'validate an email address in a schema',
  'unicode width of a character in the terminal',
  'abort signal of a stream that was destroyed',
  'hash of a file for the name of a chunk',
  'indentation of a multiline comment',
];

interface Times {
  readonly search: number[];
  readonly inject: number[];
  readonly ripgrep: number[];
}

function middle(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0;
}

async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function measure(root: string, home: string): Promise<Times> {
  const reader = new IndexReader({ cwd: root, home });
  const times: Times = { search: [], inject: [], ripgrep: [] };
  try {
    reader.start();
    const about = { budgetTokens: 4_000, shown: new Shown() };
    for (let turn = 0; turn < TURNS; turn += 1)
      for (const question of QUESTIONS) {
        const words = queryWords(question).flatMap((word) => ['-e', word]);
        const flags = ['--json', '--ignore-case', '--fixed-strings', '--max-count=20', ...words];
        times.ripgrep.push(await timed(() => spawnSync(rgPath, [...flags, '.'], { cwd: root })));
        times.search.push(await timed(() => reader.search(question)));
        times.inject.push(await timed(() => reader.inject(question, about)));
      }
    return times;
  } finally {
    reader.close();
  }
}

function report(files: number, chunks: number, times: Times): string {
  const ripgrep = middle(times.ripgrep);
  const below = (name: string, list: readonly number[]): Verdict => {
    const value = middle(list) / ripgrep;
    return { name: `index: ${name} / ripgrep`, value, target: '< 1', met: value < 1 };
  };
  const row = (name: string, list: readonly number[]): string[] => {
    const verdict = below(name, list);
    return [`${name}, median, ms`, ms(middle(list)), verdict.value.toFixed(2), ...judged(verdict)];
  };
  return [
    `A search of the index of ${count(files)} files of real packages, ${count(chunks)} chunks, by words:`,
    '',
    table(
      ['', '', 'of one ripgrep', 'target', ''],
      [
        ['one ripgrep over all files for the same words, ms', ms(ripgrep), '1'],
        row('search', times.search),
        row('code after a message', times.inject),
      ],
    ),
  ].join('\n');
}

const work = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'oagent-index-search-')));
try {
  const [root, home] = [path.join(work, 'repo'), path.join(work, 'home')];
  repositoryOf(sourceFolders(process.argv.slice(2)), root);
  const service = new IndexService({ cwd: root, home, watch: false });
  await service.update();
  const status = await service.freshStatus();
  await service.close();
  if (status.state !== 'ready') throw new Error('the index is not ready');
  process.stdout.write(`${report(status.files, status.chunks, await measure(root, home))}\n`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
