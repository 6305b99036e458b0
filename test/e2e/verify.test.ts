/** `exec --verify`, and what `exec` says was seen of a turn. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { httpFault, type Turn } from '../../src/demo/script.ts';
import { BYPASS, bench } from '../support/exec.ts';
import { sandboxedTest } from '../support/sandbox.ts';

const shell = (command: string): Turn => ({ toolCalls: [{ name: 'shell', arguments: { command } }] });
const EDIT: Turn = {
  toolCalls: [
    {
      name: 'apply_patch',
      arguments: { input: '*** Begin Patch\n*** Update File: a.txt\n@@\n-old\n+new\n+more\n*** End Patch' },
    },
  ],
};
const DONE: Turn = { content: 'Done.' };

async function repository(...turns: Turn[]) {
  const made = await bench(turns);
  await writeFile(path.join(made.cwd, 'a.txt'), 'old\n');
  return made;
}

const lastLine = (text: string): string | undefined => text.trimEnd().split('\n').at(-1);

test.for([
  ['nothing changed; no test was run', [DONE]],
  ['no edit outside of commands; 2 commands run', [shell('ls'), shell('ls'), DONE]],
  ['1 file changed (+2 -1); no test was run', [EDIT, DONE]],
  ['1 file changed (+2 -1); `node --test x.js` failed', [EDIT, shell('node --test x.js'), DONE, DONE]],
] as const)('the last line on stderr: %s', async ([line, turns]) => {
  const { run } = await repository(...turns);
  const { code, stdout, stderr } = await run(['exec', BYPASS, 'Go']);
  expect({ code, stdout, line: lastLine(stderr) }).toEqual({ code: 0, stdout: 'Done.\n', line });
});

test('a command to verify that succeeds: it is shown, and is part of the evidence', async () => {
  const { run, json, cwd, chats } = await repository(EDIT, DONE, DONE);
  const { code, stdout, stderr } = await run(['exec', BYPASS, '--verify', 'grep -c new a.txt', 'Go']);
  expect({ code, stdout, end: stderr.split('\n').slice(-10) }).toEqual({
    code: 0,
    stdout: 'Done.\n',
    end: [
      ...['oagent', 'Done.', 'exec', `/bin/bash -c 'grep -c new a.txt' in ${cwd}`],
      expect.stringMatching(/^ succeeded in \d+ms:$/),
      ...['1', 'tokens used', expect.any(String)],
      ...['1 file changed (+2 -1); `grep -c new a.txt` passed', ''],
    ],
  });
  const again = await json([BYPASS, '--verify', 'echo $((1 + 1)); false', '-o', 'last.txt', 'Go']);
  const item = { id: 'item_1', type: 'command_execution', command: "/bin/bash -c 'echo $((1 + 1)); false'" };
  expect({ code: again.code, lines: again.lines.slice(2) }).toEqual({
    code: 3,
    lines: [
      { type: 'item.completed', item: { id: 'item_0', type: 'agent_message', text: 'Done.' } },
      {
        type: 'item.started',
        item: { ...item, aggregated_output: '', exit_code: null, status: 'in_progress' },
      },
      {
        type: 'item.completed',
        item: { ...item, aggregated_output: '2\n', exit_code: 1, status: 'failed' },
      },
      {
        type: 'turn.completed',
        usage: expect.any(Object),
        evidence: {
          files: [],
          commands: [{ command: 'echo $((1 + 1)); false', exit_code: 1, runs: 1 }],
          checks: [{ command: 'echo $((1 + 1)); false', passed: false }],
        },
      },
    ],
  });
  // The work itself was done, and the model knows nothing of what followed.
  expect(await readFile(path.join(cwd, 'last.txt'), 'utf8')).toBe('Done.');
  expect(chats()).toHaveLength(3);
});

test('without --verify exit code 3 does not come up; a turn that failed is not verified', async () => {
  const { run, cwd } = await repository(shell('exit 1'), DONE, httpFault(400, 'no'));
  expect((await run(['exec', BYPASS, 'Go'])).code).toBe(0);
  const { code, stderr } = await run(['exec', BYPASS, '--verify', 'touch ran', 'Go']);
  expect([code, lastLine(stderr)]).toEqual([1, 'nothing changed; no test was run']);
  await expect(readFile(path.join(cwd, 'ran'))).rejects.toThrow('ENOENT');
});

test('a session that is gone on with is verified too; nothing to run is wrong usage', async () => {
  const { run, asked } = await repository(DONE, DONE);
  await run(['exec', BYPASS, 'Go']);
  const again = await run(['exec', 'resume', '--last', BYPASS, '--verify', 'false', 'And?']);
  expect([again.code, lastLine(again.stderr)]).toEqual([3, 'no edit outside of commands; `false` failed']);
  const before = asked().length;
  const { code, stderr } = await run(['exec', '--verify', ' ', 'Go']);
  expect({ code, asked: asked().length - before }).toEqual({ code: 2, asked: 0 });
  expect(stderr).toContain('A command is required.');
});

sandboxedTest('in read-only mode it reads, and may neither write nor delete by force', async () => {
  const { run, cwd } = await repository(DONE, DONE, DONE);
  const codes = [];
  for (const command of ['grep -q old a.txt', 'echo x > a.txt', 'rm -rf a.txt']) {
    const { code, stderr } = await run(['exec', '-s', 'read-only', '--verify', command, 'Go']);
    codes.push([code, lastLine(stderr)]);
  }
  expect(codes).toEqual([
    [0, 'no edit outside of commands; `grep -q old a.txt` passed'],
    [3, 'no edit outside of commands; `echo x > a.txt` failed'],
    [3, 'nothing changed; `rm -rf a.txt` failed'],
  ]);
  expect(await readFile(path.join(cwd, 'a.txt'), 'utf8')).toBe('old\n');
});

test('an answer that claims what did not happen is asked once; stdout has the last', async () => {
  const { run, chats } = await repository(
    { content: 'I have updated `a.txt`.' },
    { content: 'I have updated `a.txt`, really.' },
  );
  const { code, stdout, stderr } = await run(['exec', BYPASS, 'Go']);
  expect({ code, stdout, line: lastLine(stderr) }).toEqual({
    code: 0,
    stdout: 'I have updated `a.txt`, really.\n',
    line: 'nothing changed; no test was run',
  });
  expect(stderr).toContain(
    'Asking again... 1/1 (the answer claims something that did not happen (nothing changed))\n',
  );
  expect(chats()[1]?.messages.at(-1)).toEqual({
    role: 'user',
    content: '[Not so: nothing changed. Do it now, or correct your answer.]',
  });
});

test.each([
  ['Change old to new in a.txt', [DONE], 3],
  ['Change old to new in a.txt', [EDIT, DONE], 0],
  ['Change old to new in a.txt', [shell('sed -i s/old/new/ a.txt'), DONE], 0],
  ['Change old to new in a.txt if it is there', [DONE], 0],
  ['What is in a.txt?', [DONE], 0],
] as const)('a change that was asked for and not made is not green: %s', async (task, turns, exit) => {
  // Whoever only says that it is done is asked about it first.
  const { run } = await repository(...turns, DONE, DONE, DONE);
  const { code, stdout, stderr } = await run(['exec', BYPASS, task]);
  expect({ code, stdout }).toEqual({ code: exit, stdout: 'Done.\n' });
  expect(stderr.includes('error: nothing was changed, though the task asks for a change\n')).toBe(exit === 3);
});

test('what the user verifies counts for more', async () => {
  const { run } = await repository(DONE, DONE, DONE, DONE);
  expect(await run(['exec', BYPASS, '--verify', 'true', 'Change old to new in a.txt'])).toMatchObject({
    code: 0,
  });
});
