import type { Mutation } from './mutation.ts';

export const mutations: readonly Mutation[] = [
  {
    file: 'src/cli/exec/queue/queue-source.ts',
    find: 'return groups.filter(({ isDone }) => isDone).map(',
    replace: 'return groups.map(',
    why: 'an entry that failed would not be asked again',
    tests: ['test/cli/exec/queue-source.test.ts'],
  },
  {
    file: 'src/cli/exec/queue/queue-source.ts',
    find: 'else if (last !== undefined) last.isDone = isDone;',
    replace: '',
    why: 'an entry would count as done after its first round, though the last one failed',
    tests: ['test/cli/exec/queue-source.test.ts'],
  },
  {
    file: 'src/cli/exec/queue/queue-source.ts',
    find: '    counts.set(keyOf(entry), count - 1);\n',
    replace: '',
    why: 'of two equal entries the second one would never be asked',
    tests: ['test/cli/exec/queue-source.test.ts'],
  },
  {
    file: 'src/cli/exec/queue/queue-source.ts',
    find: 'if (input.isWhole || asked.length > 0) await',
    replace: 'if (input.isWhole) await',
    why: 'a resumed queue that comes by a pipe would do everything again',
    tests: ['test/cli/exec/queue-source.test.ts'],
  },
  {
    file: 'src/cli/exec/queue/queue-source.ts',
    find: 'return divided(left, this.#begun.map(keyOf)).left[0];',
    replace: 'return left[0];',
    why: 'the first entry would be asked for ever',
    tests: ['test/cli/exec/queue-source.test.ts'],
  },
  {
    file: 'src/cli/exec/queue/queue-place.ts',
    find: '[real, ...resolveLinks(file).links]',
    replace: '[real]',
    why: 'a command could exchange a link in the name of the queue, and so tell oagent what to do',
    tests: ['test/cli/exec/queue-place.test.ts'],
  },
  {
    file: 'src/cli/exec/queue/queue-place.ts',
    find: '  if (nlink > 1)\n',
    replace: '  if (false)\n',
    why: 'a command could write to the queue under a second name',
    tests: ['test/cli/exec/queue-place.test.ts'],
  },
  {
    file: 'src/cli/exec/queue/queue-place.ts',
    find: 'if (safePlace(real, statSync(real), permissions) !== real) throw',
    replace: 'if (false) throw',
    why: 'a link that is put in the place of the queue would be followed',
    tests: ['test/cli/exec/queue-place.test.ts'],
  },
];
