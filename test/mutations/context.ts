import type { Mutation } from './mutation.ts';

export const mutations: readonly Mutation[] = [
  {
    file: 'src/context/truncate.ts',
    find: 'bytes.subarray(borderAfter(bytes, tailStart))',
    replace: 'bytes.subarray(tailStart)',
    why: 'the tail of an output would begin with half a character',
    tests: ['test/context/truncate.test.ts'],
  },
  {
    file: 'src/context/truncate.ts',
    find: 'if (text.length * 3 <= limitBytes)',
    replace: 'if (text.length <= limitBytes)',
    why: 'an output of characters with three bytes would exceed its budget',
    tests: ['test/context/truncate.test.ts'],
  },
  {
    file: 'src/context/history.ts',
    find: '    this.#keeper?.cut(length, isAgain);\n',
    replace: '',
    why: 'a session would come back with the messages that were rolled back',
    tests: ['test/context/history.test.ts', 'test/rollout/'],
  },
  {
    file: 'src/context/history.ts',
    find: "if (item.type === 'assistant') for (const call of item.calls) this.#callIds.add(call.id);",
    replace: '',
    why: 'the id of an earlier call would be given again',
    tests: ['test/context/history.test.ts', 'test/agent/agent.test.ts', 'test/agent/operations.test.ts'],
  },
  {
    file: 'src/context/prompt.ts',
    find: "if (item.type === 'tool' && !outputs.has(item.callId))",
    replace: "if (item.type === 'tool')",
    why: 'a second output would replace bytes that the server has read',
    tests: ['test/context/'],
  },
  {
    file: 'src/context/output-capture.ts',
    find: 'const start = (position + bytes.length - kept.length) % this.#size;',
    replace: 'const start = position % this.#size;',
    why: 'the tail of a flood of output would be garbled',
    tests: ['test/context/output-capture.test.ts'],
  },
  {
    file: 'src/context/output-capture.ts',
    find: 'if (isNeeded && this.#early.length > 0) await this.#startFile();',
    replace: '',
    why: 'an output that its replacement characters make too long would be lost',
    tests: ['test/context/output-capture.test.ts'],
  },
  {
    file: 'src/context/output-capture.ts',
    find: 'this.#newlines + (this.#lastByte === NEWLINE ? 0 : 1)',
    replace: 'this.#newlines',
    why: 'a last line without its end would not be counted',
    tests: ['test/context/output-capture.test.ts'],
  },
];
