import type { Mutation } from './mutation.ts';

export const mutations: readonly Mutation[] = [
  {
    file: 'src/review/finding.ts',
    find: "if (line.kind === '+') return true;",
    replace: 'return true;',
    why: 'findings about lines that nobody has touched would be reported',
    tests: ['test/review/finding.test.ts'],
  },
  {
    file: 'src/review/finding.ts',
    find: "if (place === undefined || why === '') return 'outside';",
    replace: "if (place === undefined) return 'outside';",
    why: 'findings that say nothing would be reported',
    tests: ['test/review/finding.test.ts'],
  },
  {
    file: 'src/review/finding.ts',
    find: 'if (own.length < LEAST_PART || wanted.length < LEAST_PART) return false;',
    replace: '',
    why: 'a bracket that the model quotes would stand for any line with one',
    tests: ['test/review/finding.test.ts'],
  },
  {
    file: 'src/review/finding.ts',
    find: "if (read.includes('broken')) return undefined;",
    replace: '',
    why: 'a piece would count as reviewed by an answer that has not the form',
    tests: ['test/review/finding.test.ts'],
  },
  {
    file: 'src/review/check.ts',
    find: "return said.every((one) => one === 'no') ? 'denied' : 'undecided';",
    replace: "return said.some((one) => one === 'no') ? 'denied' : 'undecided';",
    why: 'a finding would be dropped because the model agrees with everybody',
    tests: ['test/review/check.test.ts'],
  },
  {
    file: 'src/review/pieces.ts',
    find: 'if (left < lines.length) second.push(',
    replace: 'if (left <= 0) second.push(',
    why: 'half of a hunk would not be asked again',
    tests: ['test/review/pieces.test.ts'],
  },
  {
    file: 'src/review/pieces.ts',
    find: 'if (last !== undefined && size <= room) {',
    replace: 'if (last !== undefined) {',
    why: 'pieces would be larger than the window',
    tests: ['test/review/pieces.test.ts'],
  },
];
