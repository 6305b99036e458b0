import { expect, test } from 'vitest';
import type { ChatRequest, RequestMessage } from '../../../src/demo/chat-request.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { run } from '../real/judging.ts';
import { applySolution } from '../real/workspace.ts';
import { javascriptTasks } from './javascript-tasks.ts';
import { patchOf, unifiedDiff } from './moves.ts';
import { WeakModel } from './policy.ts';
import { pythonTasks } from './python-tasks.ts';
import { situationOf } from './situation.ts';
import { weakFigures, weakLine } from './weak-report.ts';
import { unaskedEffects, type WeakRun } from './weak-run.ts';
import { weakTask } from './weak-task.ts';

const tasks = [...javascriptTasks, ...pythonTasks];

const task = weakTask({
  name: 'one',
  language: 'javascript',
  prompt: 'Mend a.js.',
  files: { 'a.js': 'one\ntwo is wrong here\nthree\n', 'test.js': '' },
  edits: [['a.js', 'two is wrong here', 'two']],
  test: 'node test.js',
});

const message = (role: string, content: string, more: Partial<RequestMessage> = {}): RequestMessage => ({
  ...{ role, content, thinking: '', images: [], calls: [], toolName: '' },
  ...more,
});

const said = (name: string, args: RequestMessage['calls'][number]['arguments']): RequestMessage =>
  message('assistant', '', { calls: [{ name, arguments: args }] });

const request = (...messages: readonly RequestMessage[]): ChatRequest => ({
  ...{
    model: 'weak',
    stream: true,
    think: undefined,
    options: {},
    format: undefined,
    keepAliveMs: undefined,
  },
  ...{ truncate: false, shift: false, raw: '' },
  messages: [message('system', 'You are an agent.'), message('user', 'Mend a.js.'), ...messages],
  tools: ['exec_command', 'apply_patch', 'read_file'].map((name) => ({ function: { name } })),
});

const SEEN = [said('read_file', { path: 'a.js' }), message('tool', '1\tone\n2\ttwo is wrong here\n3\tthree')];
const EDIT = { kind: 'edit', file: 'a.js', before: task.files['a.js'], after: task.fixed['a.js'] };
const CHANGED = [said('apply_patch', { input: 'Update File: a.js' }), message('tool', 'Success.')];
const TEST = { kind: 'test', command: 'node test.js' };
const tested = (output: string): RequestMessage[] => [
  said('exec_command', { cmd: 'node test.js' }),
  message('tool', output),
];

test.each([
  ['nothing was seen', [], { kind: 'read', file: 'a.js' }],
  ['the file was read', SEEN, EDIT],
  [
    'a path was wrong',
    [said('read_file', { path: 'lib/a.js' }), message('tool', 'path not found')],
    { kind: 'read', file: 'a.js' },
  ],
  ['the file was changed', [...SEEN, ...CHANGED], TEST],
  ['the test fails', [...SEEN, ...CHANGED, ...tested('exited with code 1')], { kind: 'read', file: 'a.js' }],
  ['the patch was refused', [...SEEN, CHANGED[0], message('tool', 'verification failed: could not')], EDIT],
])('the right move when %s', (_, messages, expected) => {
  expect(situationOf(request(...(messages as RequestMessage[])), [task]).next).toEqual(expected);
});

test('the right move when the test passes is an answer', () => {
  expect(situationOf(request(...SEEN, ...CHANGED, ...tested('Output:\nok\n')), [task]).next).toEqual({
    kind: 'answer',
    text: 'Fixed in `a.js`: `node test.js` passes now.',
  });
});

test.each([
  ['fine', [...SEEN]],
  ['bare', [...SEEN, CHANGED[0], message('tool', 'verification failed: could not apply')]],
  [
    'remedy',
    [...SEEN, CHANGED[0], message('tool', 'could not apply; the nearest lines:\n2| two is wrong here')],
  ],
  ['remedy', [...SEEN, message('assistant', 'I will mend it.'), message('user', '[Go on.]')]],
  ['fine', [...SEEN, ...CHANGED, ...tested('exited with code 1')]],
])('help is %s', (help, messages) => {
  expect(situationOf(request(...(messages as RequestMessage[])), [task]).help).toBe(help);
});

test('the same seed says the same, another one something else', () => {
  const answers = (seed: string): string[] => {
    const model = new WeakModel({ p: 0.5, seed, tasks: [task] });
    return Array.from({ length: 12 }, (_, index) => JSON.stringify(model.answer(request(...SEEN), index)));
  };
  expect(answers('a')).toEqual(answers('a'));
  expect(answers('a')).not.toEqual(answers('b'));
});

test('p is the share of right moves, and every slip comes up', () => {
  const model = new WeakModel({ p: 0.5, seed: 'share', tasks: [task] });
  const names = Array.from({ length: 3_000 }, (_, index) => model.answer(request(...SEEN), index).name);
  expect(names.filter((name) => name === 'right').length / names.length).toBeCloseTo(0.5, 1);
  expect([...new Set(names)].toSorted()).toEqual([
    ...['announced and stopped', 'asked for permission', 'cut call', 'done without doing', 'empty'],
    ...['fenced command', 'hallucinated path', 'leaked call', 'remembered lines', 'right', 'same call again'],
    ...[
      'thought away',
      'thought only',
      'unified diff',
      'whole file',
      'wrong arguments',
      'wrong indentation',
      'wrong name',
    ],
  ]);
});

test('a patch and a diff of an edit', () => {
  const edit = { kind: 'edit', file: 'a.js', before: 'one\ntwo\n', after: 'one\n2\n' } as const;
  expect(patchOf(edit)).toBe('*** Begin Patch\n*** Update File: a.js\n@@\n one\n-two\n+2\n*** End Patch');
  expect(unifiedDiff(edit)).toBe('--- a/a.js\n+++ b/a.js\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n');
});

test.each(tasks)('$name is wrong at first and right when it is fixed', async ({
  files,
  fixed,
  test: command,
}) => {
  const folder = await tempFolder();
  const [program = '', ...args] = command.split(' ');
  applySolution(folder, { files });
  expect(run(folder, program, ...args).stdout).not.toBe('ok\n');
  applySolution(folder, { files: fixed });
  expect(run(folder, program, ...args)).toEqual({ code: 0, stdout: 'ok\n' });
});

test('effects that no answer asked for', () => {
  const item = (value: object): string => JSON.stringify({ type: 'item.completed', item: value });
  const stdout = [
    item({ type: 'command_execution', command: "/bin/bash -c 'node test.js'" }),
    item({ type: 'command_execution', command: "/bin/bash -c 'touch draft.txt'" }),
    item({ type: 'file_change', changes: [{ path: '/repo/a.js' }, { path: '/repo/b.js' }] }),
  ].join('\n');
  const asked = [{ name: 'right', turn: {}, asked: ['node test.js', 'a.js'] }];
  expect(unaskedEffects(stdout, asked, '/repo')).toEqual(['touch draft.txt', 'b.js']);
});

test('the report', () => {
  const ran = (isRight: boolean, tokens: number, lastSaid: string): WeakRun => ({
    ...{ task: 'one', seed: '', isRight, tokens, lastSaid, requests: 4, falseRepairs: [], isEndless: false },
    ...{ said: [], stdout: '', stderr: '' },
  });
  const runs = [ran(true, 100, 'right'), ran(true, 300, 'right'), ran(false, 900, 'empty')];
  expect(weakLine(weakFigures(0.6, runs))).toBe(
    'weak model, p = 0.6: 2 of 3 runs right (66.7 %)\n  a right run: 200 tokens, 4.0 requests\n  false repairs: 0, endless: 0\n  lost runs ended with: empty 1',
  );
});
