/** Which answers without a call leave something undone: the cases of issue 14 and their neighbours. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readTask } from '../../src/agent/led/task.ts';
import { type EndFacts, openWork } from '../../src/agent/open-work.ts';
import type { Evidence } from '../../src/protocol/evidence.ts';
import { anyText } from '../support/any-text.ts';
import { NOTHING_SEEN } from '../support/evidence.ts';

const CHANGE = 'Fix the bug in src/cart.js and run `node test/run.js`.';

const changed = (path: string): Evidence['files'][number] => ({ path, kind: 'update', added: 1, removed: 1 });
const ran = (command: string, exitCode: number): Pick<Evidence, 'commands' | 'checks'> => ({
  commands: [{ command, exitCode, runs: 1 }],
  checks: [{ command, passed: exitCode === 0 }],
});
const DONE: Evidence = { files: [changed('/repo/src/cart.js')], ...ran('node test/run.js', 0) };

interface Said extends Partial<Omit<EndFacts, 'task' | 'seen'>> {
  readonly task?: string;
  readonly seen?: Partial<Evidence>;
}

const open = (answer: string, { task = CHANGE, seen = {}, ...facts }: Said = {}) =>
  openWork({
    ...{ answer, endsInCall: false, isAttended: false, hasOpenSteps: false, lastFailed: false, ...facts },
    task: readTask(task, []),
    seen: { ...NOTHING_SEEN, ...seen },
  })?.kind;

test.each<[string, string | undefined, Said]>([
  // Announced and stopped, in any language.
  ['I will now update src/cart.js.', 'announced', {}],
  ['The fault is clear. Here is the change:', 'announced', { isAttended: true }],
  ['Sigo con el siguiente paso…', 'announced', { isAttended: true }],
  ['接下来修改文件：', 'announced', { isAttended: true }],
  [
    'Als Nächstes ändere ich src/cart.js.',
    'announced',
    { isAttended: true, task: 'Behebe den Fehler in src/cart.js.' },
  ],
  [
    'I have added the function into src/cart.js and written the code.',
    'untouched',
    { isAttended: true, task: 'Add a function count to src/cart.js.' },
  ],
  [
    'I read src/a.js, and found the country with the rate of 19.',
    undefined,
    { isAttended: true, task: 'read src/a.js, src/b.js and say how many countries have the rate 19' },
  ],
  ['Als Nächstes kommt der Rest an die Reihe.', 'plan', { isAttended: true, hasOpenSteps: true }],
  ['Ahora corrijo lib/a.js.', 'failure', { isAttended: true, lastFailed: true, task: 'Sigue.' }],
  // Reports about what was done, and short words.
  ['Fixed in `src/cart.js`.', undefined, { seen: DONE, hasOpenSteps: true }],
  [
    'I changed src/cart.js as you wanted.',
    undefined,
    { isAttended: true, seen: { files: DONE.files }, hasOpenSteps: true },
  ],
  ['Done.', undefined, { isAttended: true, hasOpenSteps: true, lastFailed: true }],
  ['There is none.', undefined, { isAttended: true, lastFailed: true }],
  [
    `${'A long report. '.repeat(50)} src/cart.js`,
    undefined,
    { isAttended: true, hasOpenSteps: true, lastFailed: true },
  ],
  // A question to the user, and to nobody.
  ['Shall I change src/cart.js?', undefined, { isAttended: true, hasOpenSteps: true }],
  ['Shall I change it? I could also add a test.', undefined, { isAttended: true, hasOpenSteps: true }],
  ['要我修改 src/cart.js 吗？', undefined, { isAttended: true, lastFailed: true }],
  ['ask_user("Shall I change src/cart.js?")', undefined, { isAttended: true, hasOpenSteps: true }],
  ['The question is "Shall I change it?"', undefined, { isAttended: true, lastFailed: true }],
  ['**Shall I change src/cart.js?**', undefined, { isAttended: true, hasOpenSteps: true }],
  ['I wonder (shall I change it?)', undefined, { isAttended: true, hasOpenSteps: true }],
  ['Shall I change src/cart.js?\n\n```sh\nnode test/run.js\n```', undefined, { isAttended: true }],
  ['Which way?\n1. the short one\n2. the long one', 'question', {}],
  ['Shall I change src/cart.js?', 'question', {}],
  ['Do you want me to fix **it?**', 'question', {}],
  ['¿Lo cambio? ', 'question', { task: 'Arregla src/cart.js.' }],
  ['All is done. Anything else?', undefined, { seen: DONE }],
  ['It adds. Do you want more?', undefined, { task: 'What does src/cart.js do?' }],
  ['Please confirm that I may change it.', 'check', {}],
  ['Let me know whether I may change src/cart.js.', 'no change', { task: 'Fix src/cart.js.' }],
  // Done without doing.
  ['The task is complete.', 'no change', { task: 'Add a test for slug.' }],
  ['The task is complete.', undefined, { isAttended: true, task: 'Add a test for slug.' }],
  [
    'The task is complete.',
    undefined,
    { task: 'Add a test.', seen: { commands: [{ command: 'make gen', exitCode: 0, runs: 1 }] } },
  ],
  ['The task is complete.', 'check', { seen: { files: DONE.files } }],
  ['The task is complete.', 'check', { seen: { ...DONE, ...ran('node test/run.js', 1) } }],
  [
    'The task is complete.',
    undefined,
    { isAttended: true, seen: { ...DONE, ...ran('node test/run.js', 1) } },
  ],
  ['It adds two numbers.', undefined, { task: 'What does src/cart.js do?' }],
  ['It adds two numbers.', undefined, { task: 'Explain src/cart.js; change nothing.' }],
  ['Hello.', undefined, { task: 'Say hello.' }],
  // Code at the end.
  ['Run this:\n\n```bash\nnode test/run.js\n```', 'code', {}],
  ['```\ncat src/cart.js\n```\n', 'code', {}],
  ['Checked with:\n\n```bash\nnode test/run.js\n```', undefined, { seen: DONE }],
  ['Like this:\n\n```bash\nnode test/run.js\n```', undefined, { task: 'How do I run the tests?' }],
  ['```bash\nls\n```\nThese are the files.', undefined, { task: 'List the files.' }],
  // A call in a fence comes first.
  ['```json\n{}\n```', 'call', { endsInCall: true }],
])('%j: %s', (answer, expected, facts) => {
  expect(open(answer, facts)).toBe(expected);
});

test('the command that was to succeed is named', () => {
  const facts = {
    answer: 'The task is complete.',
    endsInCall: false,
    isAttended: false,
    hasOpenSteps: false,
    lastFailed: false,
  };
  const task = readTask(CHANGE, []);
  expect(openWork({ ...facts, task, seen: NOTHING_SEEN })).toEqual({
    kind: 'check',
    command: 'node test/run.js',
    hasRun: false,
  });
  expect(openWork({ ...facts, task, seen: { ...DONE, ...ran('npm test', 1) } })).toEqual({
    kind: 'check',
    command: 'npm test',
    hasRun: true,
  });
});

test('nobody who can reply is told that nobody can', () => {
  const answer = fc
    .tuple(anyText(), fc.constantFrom('?', '?")', '?**', '？', '?\n- a\n- b'))
    .map((all) => all.join(''));
  fc.assert(
    fc.property(answer, fc.boolean(), (text, hasOpenSteps) => {
      expect(open(text, { isAttended: true, hasOpenSteps })).not.toBe('question');
    }),
  );
});

test('any answer is judged, and at once', () => {
  fc.assert(
    fc.property(anyText(), fc.boolean(), (answer, isAttended) => {
      open(answer, { isAttended, hasOpenSteps: true, lastFailed: true });
    }),
  );
  for (const part of ['a', 'a.', 'a/', '*', '?', '`', ' \n', ':*_'])
    expect(() => open(part.repeat(200_000), { hasOpenSteps: true, lastFailed: true })).not.toThrow();
});
