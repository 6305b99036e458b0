import type { Mutation } from './mutation.ts';

const RANKING = [
  'test/repo-index/search/',
  'test/repo-index/retrieval.test.ts',
  'test/repo-index/index-core.test.ts',
];

export const mutations: readonly Mutation[] = [
  {
    file: 'src/repo-index/search/rank.ts',
    find: 'const HISTORY = 0.2;',
    replace: 'const HISTORY = 0;',
    why: 'past commits about a question would not count',
    tests: RANKING,
  },
  {
    file: 'src/repo-index/search/rank.ts',
    find: 'const TEST_FACTOR = 0.3;',
    replace: 'const TEST_FACTOR = 1;',
    why: 'tests would be shown before the code that they test',
    tests: RANKING,
  },
  {
    file: 'src/repo-index/search/rank.ts',
    find: 'const NO_CODE_FACTOR = 0.35;',
    replace: 'const NO_CODE_FACTOR = 1;',
    why: 'prose and data would be shown before code',
    tests: RANKING,
  },
  {
    file: 'src/repo-index/search/recall.ts',
    find: 'const vote = score / Math.sqrt(files.length);',
    replace: 'const vote = score;',
    why: 'a commit that touched everything would vote for everything',
    tests: ['test/repo-index/search/recall.test.ts'],
  },
  {
    file: 'src/repo-index/search/recall.ts',
    find: 'if (row === undefined || !isBelow(String(row.path), folder)) continue;',
    replace: 'if (row === undefined) continue;',
    why: 'a search in one folder would answer from others',
    tests: [
      'test/repo-index/index-core.test.ts',
      'test/tools/search-code.test.ts',
      'test/cli/commands/index-command.test.ts',
    ],
  },
  {
    file: 'src/repo-index/search/pack.ts',
    find: 'if (next.tokens > budgetTokens || next.tokens === best.tokens) continue;',
    replace: 'if (next.tokens === best.tokens) continue;',
    why: 'code from the index would exceed its budget in the window',
    tests: ['test/repo-index/search/pack.test.ts'],
  },
  {
    file: 'src/repo-index/search/pack.ts',
    find: 'hit.lines.slice(Math.max(0, last.end + 1 - hit.start))',
    replace: 'hit.lines.slice(Math.max(0, last.end - hit.start))',
    why: 'a line would be in the text twice, and all after it under wrong numbers',
    tests: ['test/repo-index/search/pack.test.ts'],
  },
  {
    file: 'src/repo-index/search/pack.ts',
    find: 'const next = hits.filter(({ score }) => score >= best * MENTIONED.ofBest);',
    replace: 'const next = hits;',
    why: 'what merely resembles the question would fill the window',
    tests: RANKING,
  },
  {
    file: 'src/repo-index/store/store.ts',
    find: 'if (changes === 0) return;',
    replace: '',
    why: 'chunks of a file that another process has forgotten would stay for good',
    tests: ['test/repo-index/store/store.test.ts'],
  },
  {
    file: 'src/repo-index/store/store.ts',
    find: "VALUES ('delete', ?, ?, ?, ?)",
    replace: "SELECT 'delete', ?, ?, ?, ? WHERE 0",
    why: 'words of deleted code would still be found',
    tests: ['test/repo-index/store/store.test.ts'],
  },
  {
    file: 'src/repo-index/vectors/vector-db.ts',
    find: 'Number(until) < Date.now() || !isAlive(',
    replace: 'Number(until) < Date.now() || isAlive(',
    why: 'two processes would run one server',
    tests: ['test/repo-index/vectors/local-vectors.test.ts'],
  },
  {
    file: 'src/repo-index/vectors/lease.ts',
    find: '  }, LEASE_MS / 4);',
    replace: '  }, LEASE_MS * 4);',
    why: 'a right would run out while it is used',
    tests: ['test/repo-index/vectors/lease.test.ts'],
  },
  {
    file: 'src/repo-index/vectors/lease.ts',
    find: '    clearInterval(renewal);\n',
    replace: '',
    why: 'a right that was given back would be taken again',
    tests: ['test/repo-index/vectors/lease.test.ts'],
  },
];
