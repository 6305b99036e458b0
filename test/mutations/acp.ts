import type { Mutation } from './mutation.ts';

export const mutations: readonly Mutation[] = [
  {
    file: 'src/acp/modes.ts',
    find: "PRESETS.filter(({ id }) => id !== 'full-access').map(",
    replace: 'PRESETS.map(',
    why: 'a click in an editor would turn the sandbox off',
    tests: ['test/acp/modes.test.ts'],
  },
  {
    file: 'src/acp/modes.ts',
    find: "MODES.filter(({ id }) => mayWrite || id !== 'write');",
    replace: 'MODES;',
    why: 'a setting of the editor would open a folder that nobody trusts',
    tests: ['test/acp/modes.test.ts'],
  },
  {
    file: 'src/acp/permission.ts',
    find: "if (choice === undefined) return { type: 'no' };",
    replace: "if (choice === undefined) return { type: 'once' };",
    why: 'an answer that was not offered would be a yes',
    tests: ['test/acp/permission.test.ts'],
  },
  {
    file: 'src/acp/permission.ts',
    find: "if (choice === 'session' || choice === 'prefix') return 'allow_always';",
    replace: '',
    why: 'an editor would show a yes for good as one for this time',
    tests: ['test/acp/permission.test.ts'],
  },
];
