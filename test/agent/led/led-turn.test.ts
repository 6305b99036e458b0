import { chmodSync, existsSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { get_encoding } from 'tiktoken';
import { describe, expect, test } from 'vitest';
import { ledTexts } from '../../../src/agent/led/led-texts.ts';
import { httpFault } from '../../../src/demo/script.ts';
import type { ApprovalAnswer, Event } from '../../../src/protocol.ts';
import { NOTHING_SEEN } from '../../support/evidence.ts';
import { sandboxedTest } from '../../support/sandbox.ts';
import { expectWhole, fenced, type LedSession, ledSession, scriptOf } from './led-session.ts';

const BROKEN =
  'function sum(list) {\n  let total = 0;\n  for (let i = 1; i < list.length; i++) total += list[i];\n  return total;\n}\n\nmodule.exports = { sum };\n';
const RIGHT = BROKEN.replace('i = 1', 'i = 0');
const WRONG = BROKEN.replace('i = 1', 'i = 2');
const SUMS = {
  'sum.js': BROKEN,
  'test.js': "const { sum } = require('./sum');\nif (sum([1, 2, 3]) !== 6) throw new Error('wrong sum');\n",
};
const FIX = 'Running `node test.js` fails. Find the bug in sum.js and fix it.';
const CALC = {
  'calc.py': 'def add(a, b):\n    return a - b\n\n\ndef mul(a, b):\n    return a * b\n',
  'README.md': '# calc\n\nA small calculator.\n',
};
const ADDED = CALC['calc.py'].replace('a - b', 'a + b');

const OUTSIDE = '/var/oagent-no-such-file.txt';

const types = (session: LedSession): string[] => session.completed().map(({ type }) => type);
const changed = (session: LedSession, file: string, kind: string, added: number, removed: number) => ({
  path: path.join(session.cwd, file),
  kind,
  added,
  removed,
});

describe('a task', () => {
  test('a fix: its text is asked for, its check is run, and the answer ends it', async () => {
    const session = await ledSession(SUMS, { texts: [RIGHT], says: ['The loop began at 1.'] });
    expect(await session.turn(FIX)).toEqual({
      type: 'turn_completed',
      turnId: expect.any(String),
      usage: expect.anything(),
      lastMessage: 'The loop began at 1.',
      evidence: {
        files: [changed(session, 'sum.js', 'update', 1, 1)],
        commands: [{ command: 'node test.js', exitCode: 0, runs: 1 }],
        checks: [{ command: 'node test.js', passed: true }],
      },
    });
    expect(session.read('sum.js')).toBe(RIGHT);
    expect(types(session)).toEqual(['user_message', 'file_change', 'command_execution', 'agent_message']);
    expect(session.kinds()).toEqual(['note', 'prompt', 'note', 'assistant', 'note', 'note', 'assistant']);
    expect(session.bodies().map(({ format }) => format)).toEqual([undefined, undefined]);
    expect(session.bodies()[0]?.messages.at(-1)).toEqual({ role: 'assistant', content: '```javascript\n' });
    expect(session.told()).toContain('+  for (let i = 0;');
    expectWhole(session);
  });

  test('a check that fails is shown to the model, which writes again until it passes', async () => {
    const session = await ledSession(SUMS, { texts: [WRONG, RIGHT], says: ['It begins at 2.', 'Fixed.'] });
    expect(await session.turn(FIX)).toMatchObject({
      type: 'turn_completed',
      lastMessage: 'Fixed.',
      evidence: { checks: [{ command: 'node test.js', passed: true }] },
    });
    expect(session.read('sum.js')).toBe(RIGHT);
    expect(session.told()).toContain('wrong sum');
    expectWhole(session);
  });

  test('a check that never passes ends the turn, and it says so', async () => {
    const texts = Array.from({ length: 9 }, (_, at) => BROKEN.replace('i = 1', `i = ${at + 2}`));
    const session = await ledSession(SUMS, { texts });
    expect(await session.turn(FIX)).toMatchObject({
      type: 'turn_failed',
      message: 'the model could not make `node test.js` pass',
      evidence: { checks: [{ command: 'node test.js', passed: false }] },
    });
    expectWhole(session);
    // The session goes on.
    const next = await session.turn('What does sum.js do?');
    expect(next).toMatchObject({ type: 'turn_completed', lastMessage: 'Done.' });
    expectWhole(session);
  });

  test('a check that cannot be run here decides nothing', async () => {
    const session = await ledSession(SUMS, { texts: [RIGHT] });
    const end = await session.turn('Fix the bug in sum.js. `./no-such-check.sh` must pass.');
    expect(end).toMatchObject({ type: 'turn_completed', lastMessage: 'Done.' });
    expect(session.read('sum.js')).toBe(RIGHT);
  });

  test('a question about what is in view is one request, without a choice', async () => {
    const session = await ledSession(CALC, { says: ['It adds and multiplies.'] });
    expect(await session.turn('What does calc.py do?')).toMatchObject({
      type: 'turn_completed',
      lastMessage: 'It adds and multiplies.',
      evidence: NOTHING_SEEN,
    });
    expect(session.bodies()).toHaveLength(1);
    expect(session.bodies()[0]?.messages.map(({ role }) => role)).toEqual(['system', 'user', 'user']);
    expect(session.told()).toContain(CALC['calc.py']);
    expect(session.kinds()).toEqual(['note', 'prompt', 'assistant']);
    expectWhole(session);
  });

  test('a question that needs a search is led to it', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 30 }, (_, at) => [`lib/file${at}.js`, `${'// x\n'.repeat(200)}call${at}();\n`]),
    );
    const session = await ledSession(files, {
      choices: [{ act: 'search', text: 'call7' }, { act: 'answer' }],
      says: ['In lib/file7.js.'],
    });
    expect(await session.turn('Which file calls call7?')).toMatchObject({ lastMessage: 'In lib/file7.js.' });
    expect(session.told()).toContain('lib/file7.js');
    expect(types(session)).toEqual(['user_message', 'tool_call', 'agent_message']);
    expectWhole(session);
  });

  test('a new file', async () => {
    const session = await ledSession(CALC, {
      choices: [{ act: 'create', file: 'hello.txt' }],
      texts: ['Hello, world\n'],
    });
    expect(await session.turn('Create a file hello.txt that says: Hello, world')).toMatchObject({
      type: 'turn_completed',
      evidence: { files: [changed(session, 'hello.txt', 'add', 1, 0)] },
    });
    expect(session.read('hello.txt')).toBe('Hello, world\n');
    expectWhole(session);
  });

  test('a first file in an empty folder', async () => {
    const session = await ledSession(
      {},
      { choices: [{ act: 'create', file: 'src/main.py' }], texts: ['print(1)\n'] },
    );
    expect((await session.turn('Create src/main.py that prints 1.')).type).toBe('turn_completed');
    expect(session.read('src/main.py')).toBe('print(1)\n');
    expectWhole(session);
  });

  test('a file that is to be deleted is, without a question to the model', async () => {
    const session = await ledSession({ ...CALC, 'old_notes.md': 'old\n' }, {});
    expect(await session.turn('Delete the file old_notes.md.')).toMatchObject({
      type: 'turn_completed',
      evidence: { files: [changed(session, 'old_notes.md', 'delete', 0, 1)] },
    });
    expect(existsSync(path.join(session.cwd, 'old_notes.md'))).toBe(false);
    expect(session.bodies().filter(({ messages }) => messages.at(-1)?.role === 'assistant')).toEqual([]);
    expectWhole(session);
  });

  test.each([
    ['a line break at its end', 'x = 1\n'],
    ['windows', 'x = 1\r\ny = 2\r\n'],
    ['lines of a patch', '*** End Patch\n+x\n'],
  ])('a file that moves keeps its text: %s', async (_name, text) => {
    const session = await ledSession({ 'a.py': text }, {});
    expect((await session.turn('Move a.py to lib/b.py.')).type).toBe('turn_completed');
    expect([existsSync(path.join(session.cwd, 'a.py')), session.read('lib/b.py')]).toEqual([false, text]);
    expect(session.bodies().filter(({ messages }) => messages.at(-1)?.role === 'assistant')).toEqual([]);
    expectWhole(session);
  });

  test.each([
    ['a text', 'b.py', 'y = 2\n'],
    ['something that is no text', 'b.bin', 'y\0z'],
  ])('a move never replaces what is there: %s', async (_name, target, there) => {
    const files = { 'a.py': 'x = 1\n', [target]: there };
    const session = await ledSession(files, {});
    await session.turn(`Move a.py to ${target}.`);
    expect(session.told()).toContain(`Nothing moved: ${target} already exists.`);
    expect([session.read('a.py'), session.read(target)]).toEqual(['x = 1\n', there]);
    expectWhole(session);
  });

  test('a program that moves can still be run, and an empty file stays empty', async () => {
    const session = await ledSession({ 'run.sh': '#!/bin/sh\n{path}\n', '__init__.py': '' }, {});
    chmodSync(path.join(session.cwd, 'run.sh'), 0o755);
    await session.turn('Move run.sh to bin/run.sh and move __init__.py to lib/__init__.py.');
    expect([session.read('bin/run.sh'), session.read('lib/__init__.py')]).toEqual([
      '#!/bin/sh\n{path}\n',
      '',
    ]);
    expect(statSync(path.join(session.cwd, 'bin/run.sh')).mode & 0o777).toBe(0o755);
    expectWhole(session);
  });

  test('a name is replaced in all files that the task names, and its check is run', async () => {
    const files = {
      'calc.js':
        'function mul(a, b) {\n  return a * b;\n}\nconst multi = 1;\nmodule.exports = { mul, multi };\n',
      'test.js': "const { mul } = require('./calc');\nif (mul(2, 3) !== 6) throw new Error('no');\n",
      'notes.md': 'mul is old\n',
    };
    const session = await ledSession(files, {});
    const end = await session.turn(
      'Rename the function mul to multiply in calc.js and in test.js. `node test.js` must pass.',
    );
    expect(end).toMatchObject({
      type: 'turn_completed',
      evidence: { checks: [{ command: 'node test.js', passed: true }] },
    });
    expect([session.read('calc.js'), session.read('test.js'), session.read('notes.md')]).toEqual([
      files['calc.js'].replaceAll(/\bmul\b/g, 'multiply'),
      files['test.js'].replaceAll(/\bmul\b/g, 'multiply'),
      files['notes.md'],
    ]);
    expectWhole(session);
  });

  test('a command is run and its output reported', async () => {
    const session = await ledSession(
      { 'gen.js': 'console.log(6 * 7 + 1000);\n' },
      { says: ['It prints 1042.'] },
    );
    expect(await session.turn('Run `node gen.js` and tell me the number that it prints.')).toMatchObject({
      type: 'turn_completed',
      lastMessage: 'It prints 1042.',
      evidence: { files: [], commands: [{ command: 'node gen.js', exitCode: 0, runs: 1 }] },
    });
    expect(session.told()).toContain('1042');
    expect(session.bodies()).toHaveLength(1);
    expectWhole(session);
  });

  test('an answer in the form that was asked for', async () => {
    const schema = { type: 'object', properties: { files: { type: 'number' } }, required: ['files'] };
    const session = await ledSession(CALC, { choices: [{ json: { files: 2 } }], says: ['There are two.'] });
    const end = await session.turn('How many files are there?', { outputSchema: schema });
    expect(end).toMatchObject({ type: 'turn_completed', lastMessage: '{"files":2}' });
    expect(session.bodies().map(({ format }) => format)).toEqual([undefined, schema]);
    expectWhole(session);
  });
});

describe('a text', () => {
  test('that changes nothing is not written and not kept, and is asked for again', async () => {
    const session = await ledSession(CALC, {
      texts: [CALC['calc.py'], ADDED],
      says: ['The sign.', 'Fixed.'],
    });
    const end = await session.turn('Fix the bug in calc.py: add must add.');
    expect(end).toMatchObject({ type: 'turn_completed', evidence: { files: [{ kind: 'update' }] } });
    expect(session.read('calc.py')).toBe(ADDED);
    const said = session.agent.history.items.filter(({ type }) => type === 'assistant');
    expect(said.some(({ content }) => content.includes('a - b'))).toBe(false);
    expectWhole(session);
  });

  test('that never changes anything ends in an answer, not in a loop', async () => {
    const texts = Array.from({ length: 20 }, () => CALC['calc.py']);
    const session = await ledSession(CALC, { texts, says: ['Nothing had to be changed.'] });
    const end = await session.turn('Fix the bug in calc.py.');
    expect(end).toMatchObject({ type: 'turn_completed', lastMessage: 'Nothing had to be changed.' });
    expect(session.read('calc.py')).toBe(CALC['calc.py']);
    expect(session.bodies().length).toBeLessThan(12);
    expectWhole(session);
  });

  test('that the token limit cuts off is not written', async () => {
    const cut = { content: fenced(ADDED, '```python\n').slice(0, -8), doneReason: 'length' };
    const session = await ledSession(CALC, { texts: [cut, ADDED] });
    expect((await session.turn('Change add in calc.py so that it adds.')).type).toBe('turn_completed');
    const changes = session.completed().filter(({ type }) => type === 'file_change');
    expect([changes.length, session.read('calc.py')]).toEqual([1, ADDED]);
    expectWhole(session);
  });

  test('of a long file is one of its parts', async () => {
    const part = (at: number): string =>
      `export function part${at}(x) {\n${`  x += ${at}; // a line of it\n`.repeat(6)}  return x;\n}\n`;
    const parts = Array.from({ length: 20 }, (_, at) => part(at));
    const wanted = part(7).replace('return x', 'return x + 1');
    const session = await ledSession({ 'big.js': parts.join('\n') }, { texts: [wanted] });
    expect((await session.turn('Fix the function part7 in big.js: it must return one more.')).type).toBe(
      'turn_completed',
    );
    expect(session.read('big.js')).toBe(parts.map((text, at) => (at === 7 ? wanted : text)).join('\n'));
    expectWhole(session);
  });

  test('has the line ends of the file, and all of its lines', async () => {
    const old = CALC['calc.py'].replaceAll('\n', '\r\n');
    const session = await ledSession({ 'calc.py': old }, { texts: [ADDED] });
    await session.turn('Fix the bug in calc.py.');
    expect(session.read('calc.py')).toBe(ADDED.replaceAll('\n', '\r\n'));
  });

  test('is asked for with the file before it, where the model has not seen that', async () => {
    const long = (name: string): string => `def ${name}1():\n${'    x = 7\n'.repeat(100)}    return 1\n`;
    const files = Object.fromEntries(['a', 'b', 'c'].map((name) => [`${name}.py`, long(name)]));
    const wanted = long('b').replace('return 1', 'return 2');
    const session = await ledSession(files, { choices: [{ act: 'change', file: 'b.py' }], texts: [wanted] });
    await session.turn('One of the files has to return 2.');
    const asked = session.bodies().findIndex(({ messages }) => messages.at(-1)?.role === 'assistant');
    const seen =
      session
        .bodies()
        [asked]?.messages.map(({ content }) => content)
        .join('\n') ?? '';
    expect(seen).toContain(long('b'));
    expect(session.read('b.py')).toBe(wanted);
    expectWhole(session);
  });

  test('with fences in it comes back whole', async () => {
    const doc = (text: string): string => `def f():\n    """\n${text}\n    """\n    return 1\n`;
    const old = doc('```\nf()\n```');
    const wanted = old.replace('return 1', 'return 2');
    const session = await ledSession({ 'a.py': old }, { texts: [wanted] });
    await session.turn('Change f in a.py so that it returns 2.');
    expect(session.read('a.py')).toBe(wanted);
    expectWhole(session);
  });
});

describe('an answer', () => {
  test('that claims what did not happen is asked for once more', async () => {
    const session = await ledSession(CALC, {
      texts: [ADDED],
      says: ['All tests pass.', 'All tests pass now.'],
    });
    const end = await session.turn('Change add in calc.py so that it adds.');
    expect(end).toMatchObject({ type: 'turn_completed', lastMessage: 'All tests pass now.' });
    expect(session.events.filter(({ type }) => type === 'retry')).toHaveLength(1);
    expectWhole(session);
  });

  test('that carries a whole file under its name is that change', async () => {
    const session = await ledSession(CALC, {
      choices: [{ act: 'answer' }],
      says: [`calc.py\n\`\`\`python\n${ADDED}\`\`\``, 'Done so.'],
    });
    const end = await session.turn('calc.py: a + b');
    expect(end).toMatchObject({ type: 'turn_completed', lastMessage: 'Done so.' });
    expect(session.read('calc.py')).toBe(ADDED);
    expectWhole(session);
  });

  test('that is empty is a failure after two more tries', async () => {
    const session = await ledSession(CALC, { says: [{ content: '' }] });
    expect(await session.turn('What does calc.py do?')).toMatchObject({
      type: 'turn_failed',
      message: 'the model gave an empty answer (tried 3 times)',
    });
    expectWhole(session);
  });

  test('a choice that is none ends the turn with what can be done about it', async () => {
    const session = await ledSession(CALC, () => ({ content: 'I would change calc.py.' }));
    expect(await session.turn('Create hello.txt.')).toMatchObject({
      type: 'turn_failed',
      message: expect.stringContaining('profile = "native"'),
    });
    expectWhole(session);
  });

  test('a server that fails ends the turn', async () => {
    const session = await ledSession(CALC, { says: [httpFault(400, 'invalid something')] });
    expect((await session.turn('What does calc.py do?')).type).toBe('turn_failed');
    expectWhole(session);
  });
});

/** Answers what is asked; `asked` has the questions. */
function answering(
  session: LedSession,
  answers: ApprovalAnswer[],
): Extract<Event, { type: 'approval_requested' }>[] {
  const asked: Extract<Event, { type: 'approval_requested' }>[] = [];
  session.agent.subscribe((event) => {
    if (event.type !== 'approval_requested') return;
    asked.push(event);
    session.agent.submit({
      type: 'approval',
      id: event.request.id,
      answer: answers.shift() ?? { type: 'no' },
    });
  });
  return asked;
}

describe('what the user does not allow', () => {
  test.each([
    ['a change', 'Fix the bug in calc.py.', { texts: [ADDED, ADDED, ADDED, ADDED, ADDED] }],
    ['a deletion', 'Delete README.md', {}],
    ['a move', 'Move calc.py to lib/calc.py', {}],
    ['a new name', 'Rename add to plus in calc.py', {}],
    [
      'a new file',
      'Create hello.txt that says hello.',
      { choices: [{ act: 'create', file: 'hello.txt' }], texts: ['hello\n'] },
    ],
  ])('%s: asked once, told, and the turn goes on', async (_name, message, mind) => {
    const session = await ledSession(
      CALC,
      { ...mind, says: ['You did not want that.'] },
      { mode: 'read-only', approval: 'on-request' },
    );
    const asked = answering(session, [{ type: 'no', instead: 'leave it' }]);
    expect(await session.turn(message)).toMatchObject({
      type: 'turn_completed',
      lastMessage: 'You did not want that.',
      evidence: NOTHING_SEEN,
    });
    expect(asked.map(({ request }) => request.kind)).toEqual(['patch']);
    expect(session.told()).toContain('rejected by user\nThe user says: leave it');
    expect([session.read('calc.py'), session.read('README.md')]).toEqual([
      CALC['calc.py'],
      CALC['README.md'],
    ]);
    expectWhole(session);
  });

  test('a command: told, and the turn goes on', async () => {
    const session = await ledSession(SUMS, { says: ['It was not run.'] }, { approval: 'untrusted' });
    const asked = answering(session, []);
    const end = await session.turn('Run `node test.js` and tell me what it prints.');
    expect(end).toMatchObject({
      type: 'turn_completed',
      lastMessage: 'It was not run.',
      evidence: NOTHING_SEEN,
    });
    expect(asked).toHaveLength(1);
    expect(session.told()).toContain('exec command rejected by user');
    expectWhole(session);
  });

  test('a check: it is not taken for one that failed', async () => {
    const session = await ledSession(SUMS, { texts: [RIGHT, RIGHT] }, { approval: 'untrusted' });
    const asked = answering(session, []);
    expect(await session.turn(FIX)).toMatchObject({
      type: 'turn_completed',
      evidence: { files: [{ kind: 'update' }], commands: [], checks: [] },
    });
    expect(asked).toHaveLength(1);
    expect(session.read('sum.js')).toBe(RIGHT);
    expect(session.told()).not.toContain('fails:');
    expectWhole(session);
  });

  sandboxedTest('a file outside: nothing is written there', async () => {
    const session = await ledSession(
      CALC,
      {
        choices: [{ act: 'create', file: OUTSIDE }],
        texts: ['x\n'],
        says: ['I may not write there.'],
      },
      { mode: 'workspace-write' },
    );
    const end = await session.turn(`Create ${OUTSIDE} with an x.`);
    expect(end).toMatchObject({ type: 'turn_completed', lastMessage: 'I may not write there.' });
    expect(existsSync(OUTSIDE)).toBe(false);
    expect(session.told()).toContain('writing outside of the project');
    expectWhole(session);
  });
});

describe('an interrupt', () => {
  test('while a text is written leaves the file and the history as they were, and the session goes on', async () => {
    let release = (): void => {};
    const waitFor = new Promise<void>((resolve) => {
      release = resolve;
    });
    const session = await ledSession(SUMS, {
      texts: [{ content: fenced(RIGHT, '```javascript\n'), waitFor, waitAfter: 8 }, RIGHT],
    });
    const end = session.turn(FIX);
    await session.waitFor((event) => event.type === 'model_phase' && event.phase === 'writing');
    session.agent.submit({ type: 'interrupt' });
    expect((await end).type).toBe('turn_aborted');
    release();
    expect(session.read('sum.js')).toBe(BROKEN);
    expect(session.kinds()).toEqual(['note', 'prompt', 'note', 'note']);
    expect(await session.turn(FIX)).toMatchObject({ type: 'turn_completed' });
    expect(session.read('sum.js')).toBe(RIGHT);
    expectWhole(session);
  });

  test('while the check runs tells the model what was written', async () => {
    const files = { ...SUMS, 'test.js': 'setTimeout(() => {}, 60_000);\n' };
    const session = await ledSession(files, { texts: [RIGHT] });
    const end = session.turn(FIX);
    await session.waitFor(
      (event) => event.type === 'item_started' && event.item.type === 'command_execution',
    );
    session.agent.submit({ type: 'interrupt' });
    expect((await end).type).toBe('turn_aborted');
    expect(session.read('sum.js')).toBe(RIGHT);
    expect(session.told()).toContain('+  for (let i = 0;');
    expect(session.told()).not.toContain('fails:');
    expectWhole(session);
  });
});

describe('what the user says meanwhile', () => {
  test('comes before the next request, and belongs to the task', async () => {
    let steer = (): void => {};
    const texts = [fenced(ADDED, '```python\n'), fenced('# calc\n\nIt adds.\n', '````markdown\n')];
    const choices = [{ act: 'change', file: 'README.md' }];
    const script = scriptOf({ choices, texts: texts.map((content) => ({ content })) });
    const session = await ledSession(CALC, (request) => {
      if (request.messages.at(-1)?.role === 'assistant') steer();
      return script(request);
    });
    steer = () => {
      steer = () => {};
      session.agent.submit({ type: 'steer', text: 'Also fix the sentence in README.md.' });
    };
    expect(await session.turn('Fix the sign in calc.py.')).toMatchObject({
      type: 'turn_completed',
      evidence: { files: [{ kind: 'update' }, { kind: 'update' }] },
    });
    expect([session.read('calc.py'), session.read('README.md')]).toEqual([ADDED, '# calc\n\nIt adds.\n']);
    expect(session.kinds().filter((kind) => kind === 'prompt')).toHaveLength(2);
    expectWhole(session);
  });

  test('opens again what was done: the same file, after its check has passed', async () => {
    let steer = (): void => {};
    const better = RIGHT.replace('let total = 0', 'let total = 0.0');
    const script = scriptOf({ texts: [RIGHT, better], choices: [{ act: 'change', file: 'sum.js' }] });
    const session = await ledSession(SUMS, (request) => {
      if (request.messages.at(-1)?.role === 'assistant') steer();
      return script(request);
    });
    steer = () => {
      steer = () => {};
      session.agent.submit({ type: 'steer', text: 'And let total begin as 0.0 in sum.js' });
    };
    expect((await session.turn(FIX)).type).toBe('turn_completed');
    expect(session.read('sum.js')).toBe(better);
    expectWhole(session);
  });
});

describe('room', () => {
  const long = (name: string): string =>
    `${Array.from({ length: 260 }, (_, at) => `value of ${name} number ${at} is ${at * 7}`).join('\n')}\n`;
  const names = ['a.txt', 'b.txt', 'c.txt', 'd.txt', 'e.txt', 'f.txt'];
  const files = Object.fromEntries(names.map((name) => [name, long(name)]));

  test('is made between two steps; what was in view before can be read again', async () => {
    const read = [...names, 'a.txt'].map((file) => ({ act: 'read', file }));
    const session = await ledSession(
      files,
      { choices: [...read, { act: 'answer' }], says: ['Read.'] },
      { numCtx: 8192 },
    );
    const end = await session.turn('Which number is the largest in all of these?');
    expect(session.events.filter(({ type }) => type === 'compacted').length).toBeGreaterThan(0);
    expect(end).toMatchObject({ type: 'turn_completed' });
    expect(session.server.log.every(({ status }) => (status ?? 500) < 400)).toBe(true);
    const offered = session.bodies().flatMap(({ format }) => {
      const reads = (
        format?.anyOf as { properties: { act: { const: string }; file?: { enum: string[] } } }[]
      )?.find(({ properties }) => properties.act.const === 'read');
      return reads === undefined ? [] : [reads.properties.file?.enum ?? []];
    });
    const first = offered.findIndex((some) => !some.includes('a.txt'));
    expect(first).toBeGreaterThan(0);
    expect(offered.slice(first).some((some) => some.includes('a.txt'))).toBe(true);
    expectWhole(session);
  });

  test('a file is shown again before it is written, where it went out of view', async () => {
    const reads = names.map((file) => ({ act: 'read', file }));
    const wanted = 'value = 2\n';
    const session = await ledSession(
      { ...files, 'small.py': 'value = 1\n' },
      {
        choices: [...reads, { act: 'change', file: 'small.py' }],
        texts: [wanted],
      },
      { numCtx: 8192 },
    );
    const end = await session.turn('The value has to be 2. Look at all files before.');
    expect(end).toMatchObject({ type: 'turn_completed' });
    expect(session.events.filter(({ type }) => type === 'compacted').length).toBeGreaterThan(0);
    const asked = session.bodies().find(({ messages }) => messages.at(-1)?.role === 'assistant');
    expect(asked?.messages.some(({ content }) => content.includes('value = 1\n'))).toBe(true);
    expect(session.read('small.py')).toBe(wanted);
    expectWhole(session);
  });

  test('a server that finds the prompt too long gets a shorter one', async () => {
    let isRefused = false;
    const script = scriptOf({ choices: names.slice(0, 3).map((file) => ({ act: 'read', file })) });
    const session = await ledSession(files, (request) => {
      if (isRefused || request.messages.length < 8) return script(request);
      isRefused = true;
      return httpFault(400, 'the prompt exceeds the available context size');
    });
    expect((await session.turn('Which number is the largest in all of these?')).type).toBe('turn_completed');
    expect(session.events.filter(({ type }) => type === 'compacted')).toHaveLength(1);
    expectWhole(session);
  });
});

test('the first request of a one-line task in a folder of 200 files has at most 700 tokens', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 200 }, (_, at) => [
      `src/module${at % 10}/component-${at}.ts`,
      `export const x${at} = ${at};\n`,
    ]),
  );
  const session = await ledSession({ ...files, 'README.md': '# A\n\nteh\n' }, { texts: ['# A\n\nthe\n'] });
  await session.turn('Fix the typo in README.md');
  const encoding = get_encoding('o200k_base');
  const [body] = session.bodies();
  const tokens = encoding.encode(JSON.stringify([body?.messages, body?.format])).length;
  encoding.free();
  expect(tokens).toBeGreaterThan(100);
  expect(tokens).toBeLessThanOrEqual(700);
  expect(body?.messages.at(0)).toEqual({ role: 'system', content: expect.any(String) });
  expect(session.told()).toContain('more');
});

test('what a command of the user has changed is seen in the next turn', async () => {
  const session = await ledSession(CALC, { says: ['One.', 'Two.'] });
  await session.turn('What does calc.py do?');
  writeFileSync(path.join(session.cwd, 'calc.py'), 'def one():\n    return 1\n');
  await session.turn('What does calc.py do now?');
  expect(session.bodies().at(-1)?.messages.at(-2)?.content).toContain('def one()');
  expectWhole(session);
});

test('the task stands before a choice that is far from it, in words of its own', () => {
  expect(ledTexts.task('Fix it.')).toContain('Fix it.');
  expect(ledTexts.task('x'.repeat(100_000))).toBe('');
});
