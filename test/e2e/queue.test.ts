/** `exec --queue FILE`: the entries of a file as turns of one session. */

import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  createWriteStream,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Script, Turn } from '../../src/demo/script.ts';
import { rolloutFiles } from '../../src/rollout/paths.ts';
import { addFile, type Bench, BYPASS, bench, MAIN, startProgram } from '../support/exec.ts';
import { sandboxedTest } from '../support/sandbox.ts';

type Asked = { readonly messages: readonly { readonly role: string; readonly content?: string }[] };

/** Answers each message of the user with `done: ` and that message. */
const ECHO = ({ messages }: Asked): Turn => ({ content: `done: ${lastPrompt(messages)}` });

function lastPrompt(messages: Asked['messages']): string {
  return messages.findLast(({ role }) => role === 'user')?.content ?? '';
}

interface QueueBench extends Bench {
  readonly file: string;
  /** What the model was asked, in order: of each turn its message. */
  readonly asked: () => string[];
}

async function queue(script: Script, text: string | Buffer): Promise<QueueBench> {
  const made = await bench(script);
  const file = path.join(made.env.HOME ?? '', 'queue.txt');
  writeFileSync(file, text);
  return { ...made, file, asked: () => made.chats().map(({ messages }) => lastPrompt(messages)) };
}

const id = ({ home }: Bench): string => rolloutFiles(home)[0]?.id ?? '';

/** The lines of stderr that are about the queue. */
const about = (stderr: string): string[] =>
  stderr.match(/^(?:entry \d.*|\d+ of .* done.*|not done: .*|To continue.*|Error: .*)$/gm) ?? [];

test('seven entries are turns of one session', async () => {
  const text = '# a plan\none\n\n two \r\n{"prompt": "three\\nlines"}\nfour\nfive\nsix\nseven';
  const made = await queue(ECHO, text);
  const { code, stdout, stderr } = await made.run(['exec', '--queue', made.file, '-o', 'last.txt']);
  const prompts = ['one', 'two', 'three\nlines', 'four', 'five', 'six', 'seven'];
  expect({ code, stdout, asked: made.asked() }).toEqual({
    code: 0,
    stdout: prompts.map((prompt) => `done: ${prompt}\n`).join(''),
    asked: prompts,
  });
  expect(about(stderr)).toEqual([
    ...[2, 4, 5, 6, 7, 8, 9].map((line, at) => `entry ${at + 1} of 7 (line ${line})`),
    '7 of 7 entries done',
  ]);
  expect(readFileSync(path.join(made.cwd, 'last.txt'), 'utf8')).toBe('done: seven');
  const sent = made.chats().map(({ messages }) => JSON.stringify(messages).slice(0, -1));
  expect(sent.slice(1).every((request, at) => request.startsWith(sent[at] ?? ''))).toBe(true);
});

test('lines may be added, changed and removed while it works', async () => {
  let file = '';
  const made = await queue((request, index) => {
    if (index === 0) appendFileSync(file, 'three\n');
    if (index === 1) writeFileSync(file, 'one\nbetween\ntwo\nthree, but better\n');
    return ECHO(request);
  }, 'one\ntwo\n');
  file = made.file;
  const { code, stderr } = await made.run(['exec', '--queue', file]);
  expect({ code, asked: made.asked() }).toEqual({
    code: 0,
    asked: ['one', 'two', 'between', 'three, but better'],
  });
  expect(about(stderr).at(-1)).toBe('4 of 4 entries done');
});

test('killed in the third entry: what was done is not asked again, that entry is', async () => {
  const command = 'touch started; while [ -e started ]; do sleep 0.1; done';
  let started = '';
  const shell = (line: string): Turn => ({ toolCalls: [{ name: 'shell', arguments: { command: line } }] });
  const made = await queue(({ messages }) => {
    const prompt = lastPrompt(messages);
    if (prompt === 'three' && !existsSync(started)) return shell(command);
    // The answer of a sub-agent that has looked at nothing is none.
    return prompt === 'two' && messages.at(-1)?.role === 'user' ? shell('ls') : ECHO({ messages });
  }, 'same\n/task two\nthree\nsame\n');
  started = path.join(made.cwd, 'started');
  const running = made.start(['exec', BYPASS, '--queue', made.file]);
  await expect.poll(() => existsSync(started)).toBe(true);
  running.child.kill('SIGKILL');
  await running.ended;
  const again = await made.run(['exec', 'resume', id(made), '--queue', made.file]);
  expect({ code: again.code, stdout: again.stdout, about: about(again.stderr) }).toEqual({
    code: 0,
    stdout: 'done: three\ndone: same\n',
    about: ['entry 3 of 4 (line 3)', 'entry 4 of 4 (line 4)', '4 of 4 entries done (2 before)'],
  });
  const count = made.chats().length;
  const third = await made.run(['exec', 'resume', id(made), '--queue', made.file]);
  expect({ code: third.code, about: about(third.stderr), chats: made.chats().length }).toEqual({
    code: 0,
    about: ['4 of 4 entries done (4 before)'],
    chats: count,
  });
  // A pipe has no other names for what was done.
  const piped = await made.run(['exec', 'resume', id(made), '--queue', '-'], { stdin: 'same\nfive\n' });
  expect(about(piped.stderr)).toEqual(['entry 2 of 2 (line 2)', '2 of 2 entries done (1 before)']);
});

test('what was not verified is remembered, and asked again by another run', async () => {
  const made = await queue(ECHO, 'one\ntwo\nthree\n');
  const verify = '[ "$(cat tries 2>/dev/null | wc -l)" != 1 ]; code=$?; echo >> tries; exit $code';
  const args = [BYPASS, '--verify', verify, '--queue', made.file];
  const { code, stderr } = await made.run(['exec', ...args]);
  expect({ code, about: about(stderr).slice(3) }).toEqual({
    code: 3,
    about: [
      '2 of 3 entries done',
      'not done: line 2, exit code 3: two',
      `To continue, with the same flags: oagent exec resume ${id(made)} --queue ${made.file}`,
    ],
  });
  const again = await made.run(['exec', 'resume', id(made), ...args]);
  expect({ code: again.code, asked: made.asked() }).toEqual({
    code: 0,
    asked: ['one', 'two', 'three', 'two'],
  });
});

test('an entry that fails ends the run', async () => {
  const broken: Turn = { fault: { kind: 'status', status: 400, body: { error: 'no' } } };
  const made = await queue([{ content: 'One.' }, broken], 'one\ntwo\nthree\n');
  const { code, stdout, stderr } = await made.run(['exec', '--queue', made.file]);
  expect({ code, stdout, about: about(stderr) }).toEqual({
    code: 1,
    stdout: 'One.\n',
    about: [
      'entry 1 of 3 (line 1)',
      'entry 2 of 3 (line 2)',
      '1 of 3 entries done',
      'not done: line 2, exit code 1: two',
      expect.stringContaining('To continue'),
    ],
  });
});

test('limits are those of the whole run', async () => {
  const made = await queue(ECHO, 'one\ntwo\nthree\n');
  const { code, stderr } = await made.run(['exec', '--max-steps', '2', '--queue', made.file]);
  expect({ code, asked: made.asked(), about: about(stderr)[2] }).toEqual({
    code: 4,
    asked: ['one', 'two'],
    about: '2 of 3 entries done',
  });
  expect(stderr).toContain('warning: stopped at a limit of the whole run (limits.max_steps)');
});

test('each entry has its rounds of --until', async () => {
  const add = (name: string): Turn => ({
    toolCalls: [{ name: 'apply_patch', arguments: { input: addFile(name, 'x') } }],
  });
  const done: Turn = { content: 'Done.' };
  const made = await queue([add('a'), done, add('b'), done, add('c'), done], 'Add a\nAdd b\n');
  const until = 'test "$(ls | wc -l)" != 1';
  const { code, stderr } = await made.run(['exec', BYPASS, '--until', until, '--queue', made.file]);
  expect({ code, last: about(stderr).at(-1), rounds: stderr.match(/round \d+ of \d+/g) }).toEqual({
    code: 0,
    last: '2 of 2 entries done',
    rounds: ['round 2 of 10'],
  });
  // The rounds belong to their entry: both are done.
  const again = await made.run(['exec', 'resume', id(made), '--queue', made.file]);
  expect(about(again.stderr)).toEqual(['2 of 2 entries done (2 before)']);
});

test('with --json the entries are lines of their own between the turns', async () => {
  const made = await queue(ECHO, 'one\n{"prompt":"two\\n2"}\n');
  const { code, lines, stderr } = await made.json(['--queue', made.file]);
  expect({ code, about: about(stderr), types: lines.map(({ type }) => type) }).toEqual({
    code: 0,
    about: ['2 of 2 entries done'],
    types: [
      'thread.started',
      ...['queue.entry', 'turn.started', 'item.completed', 'turn.completed'],
      ...['queue.entry', 'turn.started', 'item.completed', 'turn.completed'],
      'queue.ended',
    ],
  });
  expect([lines[5], lines.at(-1)]).toEqual([
    { type: 'queue.entry', entry: 2, line: 2, prompt: 'two\n2' },
    { type: 'queue.ended', done: 2, entries: 2, failed: [] },
  ]);
});

test('a pipe is worked on while it is written, to its end', async () => {
  const made = await queue(ECHO, '');
  const pipe = path.join(made.home, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const running = made.start(['exec', '--queue', pipe]);
  const writer = createWriteStream(pipe);
  writer.write('one\n');
  await running.printed('done: one');
  writer.end('two');
  const { code, stdout, stderr } = await running.ended;
  expect({ code, stdout, about: about(stderr) }).toEqual({
    code: 0,
    stdout: 'done: one\ndone: two\n',
    about: ['entry 1 (line 1)', 'entry 2 of 2 (line 2)', '2 of 2 entries done'],
  });
});

test('Ctrl+C ends an entry, and the wait for one', async () => {
  const stalled = await queue([{ content: 'One.' }, { fault: { kind: 'stall' } }], 'one\ntwo\nthree\n');
  const running = stalled.start(['exec', '--queue', stalled.file]);
  await stalled.server.waitForRequest(2);
  running.child.kill('SIGINT');
  const ended = await running.ended;
  expect({ code: ended.code, about: about(ended.stderr).slice(2, 4) }).toEqual({
    code: 1,
    about: ['1 of 3 entries done', 'not done: line 2, exit code 1: two'],
  });
  const waiting = await queue(ECHO, '');
  const pipe = path.join(waiting.home, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const second = waiting.start(['exec', '--queue', pipe]);
  const writer = createWriteStream(pipe);
  writer.on('error', () => undefined);
  writer.write('one\n');
  await second.printed('done: one');
  second.child.kill('SIGINT');
  const { code, stderr } = await second.ended;
  writer.destroy();
  expect({ code, said: stderr.includes('turn interrupted'), about: about(stderr).at(-1) }).toEqual({
    code: 1,
    said: true,
    about: '1 of 1 entry done',
  });
});

test('a file that commands of the session can write is not obeyed', async () => {
  const made = await queue(ECHO, 'one\n');
  const inside = path.join(made.cwd, 'queue.txt');
  writeFileSync(inside, 'one\n');
  symlinkSync(made.file, path.join(made.cwd, 'link'));
  symlinkSync(made.cwd, path.join(made.home, 'way'));
  linkSync(made.file, path.join(made.home, 'second'));
  const noTmp = ['-c', 'sandbox_workspace_write.exclude_slash_tmp=true'];
  const writing = (...args: string[]) => made.run(['exec', '--full-auto', ...noTmp, '--queue', ...args]);
  const refused = async (file: string): Promise<unknown> => {
    const { code, stderr } = await writing(file);
    return [code, /they could tell oagent what to do|a hard link/.exec(stderr)?.[0]];
  };
  const told = [2, 'they could tell oagent what to do'];
  expect(await refused('queue.txt')).toEqual(told);
  expect(await refused('link')).toEqual(told);
  expect(await refused(path.join(made.home, 'way/queue.txt'))).toEqual(told);
  expect(await refused(made.file)).toEqual([2, 'a hard link']);
  expect(made.chats()).toEqual([]);
  // Elsewhere, where nothing can be written, and where it is read before anything is.
  const safe = path.join(made.home, 'safe.txt');
  writeFileSync(safe, 'two\n');
  expect((await writing(safe)).code).toBe(0);
  expect((await made.run(['exec', '-s', 'read-only', '--queue', 'queue.txt'])).code).toBe(0);
  const shell = `exec "$@" < queue.txt`;
  const args = ['-c', shell, 'sh', process.execPath, MAIN, 'exec', '--full-auto', '--queue', '-'];
  expect((await startProgram('sh', args, { cwd: made.cwd, env: made.env }).ended).code).toBe(0);
  expect(made.asked()).toEqual(['two', 'one', 'one']);
});

sandboxedTest('what a command allows holds for its entry alone', async () => {
  const shell = (command: string): Turn => ({ toolCalls: [{ name: 'shell', arguments: { command } }] });
  const done: Turn = { content: 'Done.' };
  const script = [shell('echo x > look.txt'), done, shell('echo x > write.txt'), done];
  const made = await queue(script, '/look\nwrite\n/other\nnever\n');
  mkdirSync(path.join(made.home, 'prompts'));
  writeFileSync(path.join(made.home, 'prompts/look.md'), '---\nmode: read-only\n---\nLook');
  writeFileSync(path.join(made.home, 'prompts/other.md'), '---\nmodel: another\n---\nLook');
  const safe = path.join(made.home, 'queue.txt');
  writeFileSync(safe, readFileSync(made.file));
  const noTmp = ['-c', 'sandbox_workspace_write.exclude_slash_tmp=true'];
  const { code, stderr } = await made.run(['exec', '--full-auto', ...noTmp, '--queue', safe]);
  expect({
    code,
    files: ['look.txt', 'write.txt'].map((name) => existsSync(path.join(made.cwd, name))),
  }).toEqual({
    code: 1,
    files: [false, true],
  });
  expect(about(stderr).slice(3, 6)).toEqual([
    'Error: this command sets the model to another, and a queue has one model. Name it with -m, or run the command on its own',
    '2 of 4 entries done',
    'not done: line 3, exit code 1: /other',
  ]);
  const rollout = readFileSync(rolloutFiles(made.home)[0]?.path ?? '', 'utf8');
  expect(rollout.match(/"sandbox_policy":"[^"]*"/g)).toEqual([
    '"sandbox_policy":"read-only"',
    '"sandbox_policy":"workspace-write"',
  ]);
});

test('wrong usage is said before any request', async () => {
  const made = await queue(ECHO, 'one\n');
  const at = (name: string, text: string | Buffer): string => {
    const file = path.join(made.home, name);
    writeFileSync(file, text);
    return file;
  };
  mkdirSync(path.join(made.home, 'folder'));
  const wrong = async (...args: string[]): Promise<string> => {
    const { code, stderr } = await made.run(['exec', ...args]);
    return `${code} ${stderr.split('\n')[0]?.replaceAll(made.home, '')}`;
  };
  const queued = (file: string): Promise<string> => wrong('--queue', file);
  expect([
    await wrong('--queue', made.file, 'And this'),
    await wrong('--queue', made.file, '--plan'),
    await queued(path.join(made.home, 'nothing')),
    await queued(path.join(made.home, 'folder')),
    await queued(at('key', 'one\n{"prompt": "two", "model": "x"}\n')),
    await queued(at('none', '{}')),
    await queued(at('blank', '\n\n{"prompt": " \\n"}')),
    await queued(at('json', '{ this is no JSON }\n')),
    await queued(at('nul', 'one\ntw\0o\n')),
    await queued(at('bytes', Buffer.from([0x6f, 0xff, 0x0a]))),
    await wrong('resume', 'x', 'And this', '--queue', made.file),
  ]).toEqual([
    '2 error: --queue has the prompts, so there cannot be another one',
    '2 Error: --queue: a session has one plan, so --plan takes one prompt',
    expect.stringMatching(
      /^2 Error: --queue \/nothing: there is no such file\. Check its name and its folder/,
    ),
    '2 Error: --queue /folder: it is a folder',
    '2 Error: --queue /key: line 2: the key "model" is not known; there is only "prompt"',
    '2 Error: --queue /none: line 1: it has no text as "prompt", such as {"prompt": "two\\nlines"}',
    '2 Error: --queue /blank: line 3: the prompt is empty',
    expect.stringMatching(/^2 Error: --queue \/json: line 1: it begins with \{ but is not JSON, such as/),
    '2 Error: --queue /nul: line 2: it has a NUL byte, which no text has',
    '2 Error: --queue /bytes: line 1: it is not UTF-8',
    '2 error: --queue has the prompts, so there cannot be another one',
  ]);
  expect(made.asked()).toEqual([]);
  expect(await queued(at('empty', '# nothing yet\n'))).toBe('0 0 of 0 entries done');
});
