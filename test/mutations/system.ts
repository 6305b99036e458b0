import type { Mutation } from './mutation.ts';

export const mutations: readonly Mutation[] = [
  {
    file: 'src/system/process-group.ts',
    find: "    for (const target of targets) signalTo(target, 'SIGSTOP');\n",
    replace: '',
    why: 'a process that was started between the look and the signal would live on',
    tests: ['test/system/process-group.test.ts', 'test/tools/commands/shell.test.ts'],
  },
  {
    file: 'src/system/process-group.ts',
    find: "  signalGroup(pid, 'SIGKILL', sessions);\n",
    replace: '',
    why: 'a command that ignores TERM would live on',
    tests: ['test/system/process-group.test.ts', 'test/tools/commands/shell.test.ts'],
  },
  {
    file: 'src/system/process-group.ts',
    find: 'if (isChild && process.session === process.pid) sessions.add(process.session);',
    replace: '',
    why: 'what bubblewrap runs would outlive it',
    tests: ['test/system/process-group.test.ts', 'test/tools/commands/shell.test.ts'],
  },
  {
    file: 'src/system/process-stat.ts',
    find: '.replace(/^.*\\) /s, ',
    replace: '.replace(/^.*?\\) /s, ',
    why: 'a process whose name has parentheses would be misread',
    tests: ['test/system/process-stat.test.ts'],
  },
];
